/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mkdemux.h"
#include "gsth4mkformat.h"

/* static: nobody drops the reference that the registration is given */
static GstStaticCaps h4mk_caps = GST_STATIC_CAPS ("application/x-h4mk");

/* A file of another version is still ours: the demuxer says what it needs. */
static void
gst_h4mk_type_find (GstTypeFind * find, gpointer user_data)
{
  const guint8 *data = gst_type_find_peek (find, 0, GST_H4MK_HEADER_SIZE);

  if (data && GST_READ_UINT32_BE (data) == GST_H4MK_TAG ('H', '4', 'M', 'K'))
    gst_type_find_suggest_empty_simple (find,
        GST_READ_UINT16_BE (data + 4) == GST_H4MK_VERSION ?
        GST_TYPE_FIND_MAXIMUM : GST_TYPE_FIND_LIKELY, "application/x-h4mk");
}

GST_TYPE_FIND_REGISTER_DEFINE (h4mk, "application/x-h4mk", GST_RANK_PRIMARY,
    gst_h4mk_type_find, "h4mk", gst_static_caps_get (&h4mk_caps), NULL, NULL);
