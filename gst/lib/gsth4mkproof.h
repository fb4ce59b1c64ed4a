/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_PROOF_H__
#define __GST_H4MK_PROOF_H__

/* Private to the library: what a check asks a proof at the end. */

#include "gsth4mkverify.h"

G_BEGIN_DECLS

/* Fills in everything but sizes and problems. damaged: problems were found
 * elsewhere too. */
void gst_h4mk_proof_fill_report (GstH4mkProof * proof, GstH4mkProfile profile,
    gboolean damaged, GstH4mkReport * report);

/* Spans were seen that no LINK closes. */
gboolean gst_h4mk_proof_is_unlinked (GstH4mkProof * proof);

/* The first chunk of a kind that nobody knows. */
gboolean gst_h4mk_proof_get_unknown (GstH4mkProof * proof, guint32 * tag,
    guint64 * offset);

G_END_DECLS

#endif
