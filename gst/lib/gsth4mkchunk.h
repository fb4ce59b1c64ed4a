/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_CHUNK_H__
#define __GST_H4MK_CHUNK_H__

/* Private to the library: chunks put together in a byte array. */

#include "gsth4mkformat.h"

G_BEGIN_DECLS

/* Makes the array longer and returns the new part. */
guint8 *gst_h4mk_room (GByteArray * out, guint size);

guint8 *gst_h4mk_put_chunk_header (guint8 * p, guint32 tag, guint32 size,
    guint32 crc);
/* Leaves room for a chunk's header; the payload is appended after it, and the
 * header filled in by gst_h4mk_chunk_end(). */
guint gst_h4mk_chunk_begin (GByteArray * out);
void gst_h4mk_chunk_end (GByteArray * out, guint begin, guint32 tag);
void gst_h4mk_chunk_append (GByteArray * out, guint32 tag,
    const guint8 * payload, guint size);

G_END_DECLS

#endif
