/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_MASK_COMMON_H__
#define __H4_MASK_COMMON_H__

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

G_BEGIN_DECLS

#define KEY_HEX "5ca1ab1e0ddba11cafef00dfeedface5ca1ab1e0ddba11cafef00dfeedface55"
#define OTHER_KEY_HEX "5ca1ab1e0ddba11cafef00dfeedface5ca1ab1e0ddba11cafef00dfeedface56"
#define STREAM_KEY_HEX \
  "7ca0f4ab6f804f63c92f86812c2db63f23a8832d4982503f450e3d7926ecad47"
#define STREAM_BLOCK_SIZE 65536
#define CLEAR_CAPS "audio/x-opus,channels=2,rate=48000"

extern const gchar *const h4_test_schemes[2];

void h4_test_set_keys (void);
GstHarness *harness_new (const gchar * launch, GstBus ** bus);
void harness_free (GstHarness * h, GstBus * bus);
GstBuffer *new_buffer (gsize size, guint seed);
GstBuffer *split_buffer (GstBuffer * whole, guint n);
void assert_same_bytes (GstBuffer * a, GstBuffer * b);
gchar *vector_path (const gchar * name);
GBytes *load_vector (const gchar * name);
gchar *get_caps_string (GstPad * pad, const gchar * field);
guint count_messages (GstBus * bus, GstMessageType type, gchar ** text);
void assert_error (GstBus * bus, GQuark domain, gint code, const gchar *
    says);
void push_bytes_segment (GstHarness * h, guint64 start);
void start_bytes (GstHarness * h);
GstBuffer *take_all (GstHarness * h);

G_END_DECLS

#endif
