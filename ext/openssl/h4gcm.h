/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_GCM_H__
#define __H4_GCM_H__

#include <glib.h>

G_BEGIN_DECLS

#define H4_GCM_TAG_SIZE 16
#define H4_GCM_SALT_SIZE 32

/* NIST SP 800-38D, 5.2.1.1: 2^39 - 256 bits a message. */
#define H4_GCM_MAX_SIZE ((G_GUINT64_CONSTANT (1) << 36) - 32)

typedef struct _H4Gcm H4Gcm;

H4Gcm *h4_gcm_new (void);
void h4_gcm_free (H4Gcm * gcm);

gboolean h4_gcm_begin (H4Gcm * gcm, gboolean encrypt, const guint8 key[32],
    guint64 index);
gboolean h4_gcm_update (H4Gcm * gcm, const guint8 * src, guint8 * dst,
    gsize size);
gboolean h4_gcm_finish (H4Gcm * gcm, guint8 tag[H4_GCM_TAG_SIZE]);

G_END_DECLS

#endif
