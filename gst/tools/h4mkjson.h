/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4MK_JSON_H__
#define __H4MK_JSON_H__

/* What the tool and the HTTP server say of files, as JSON. Members that are not
 * known are left out. */

#include <json-glib/json-glib.h>

#include "gsth4mkverify.h"
#include "h4mklookup.h"

G_BEGIN_DECLS

/* All (transfer full). */
JsonObject *h4mk_json_info (H4mkSource * source, GError ** error);
/* origin: as h4mk_source_get_origin() */
JsonObject *h4mk_json_block (const H4mkBlock * block, gint64 origin);
/* blocks: (element-type H4mkBlock) */
JsonObject *h4mk_json_blocks (const GArray * blocks, gint64 origin);
JsonObject *h4mk_json_report (const GstH4mkReport * report);
JsonObject *h4mk_json_recovery (const GstH4mkRecovery * recovery);

/* Takes the object; canonical text, without an end of line. */
gchar *h4mk_json_to_text (JsonObject * object);

/* Names of a record's flags, for people and JSON: "discont", ... */
const gchar *h4mk_flag_name (guint bit);
gchar h4mk_record_kind (const GstH4mkRecord * record);

G_END_DECLS

#endif
