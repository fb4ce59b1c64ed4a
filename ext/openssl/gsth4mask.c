/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-h4mask
 * @title: h4mask
 * @see_also: h4unmask
 *
 * Masks the blocks of any stream with a master key, or unmasks them. Each
 * buffer is a block; of a byte stream, each #GstH4MaskBase:block-size bytes
 * are. Masked caps keep all fields of the original's and say how the stream
 * was masked.
 *
 * With the scheme xor-sha256 masking hides and does not authenticate; one
 * that sees two streams masked with the same key and no salt can compare
 * them. With aes-256-gcm a changed or moved block, or a wrong key, ends the
 * stream in an error, and nothing of that block goes out.
 *
 * ## Example launch line
 * |[
 * head -c 32 /dev/urandom > stream.key
 * gst-launch-1.0 videotestsrc num-buffers=60 ! h4mask key-file=stream.key scheme=aes-256-gcm ! h4unmask key-file=stream.key ! fakesink silent=false -v
 * ]|
 *
 * Since: 1.0
 */

/**
 * SECTION:element-h4unmask
 * @title: h4unmask
 * @see_also: h4mask
 *
 * Unmasks what h4mask has masked. Players plug it by themselves; they find
 * the key in the file that the environment variable `H4_KEY_FILE` names, in a
 * `harmony4.key` context (fields `key`, a #GBytes, and, where it is for one
 * key id only, `key-id`), or by the #GstH4MaskBase::request-key signal.
 *
 * Without a key the stream becomes gaps, with a warning on the bus, and other
 * streams play on. Where there are none the error is
 * %GST_STREAM_ERROR_DECRYPT_NOKEY and names the key id.
 *
 * ## Example launch line
 * |[
 * H4_KEY_FILE=stream.key gst-play-1.0 masked.h4mk
 * ]|
 *
 * Since: 1.0
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gst/lib/gsth4-i18n.h"
#include "gsth4mask.h"
#include "gsth4maskcaps.h"

struct _GstH4Mask
{
  GstH4MaskBase parent;
};

struct _GstH4Unmask
{
  GstH4MaskBase parent;
};

G_DEFINE_TYPE (GstH4Mask, gst_h4_mask, GST_TYPE_H4_MASK_BASE);
GST_ELEMENT_REGISTER_DEFINE (h4mask, "h4mask", GST_RANK_NONE, GST_TYPE_H4_MASK);

G_DEFINE_TYPE (GstH4Unmask, gst_h4_unmask, GST_TYPE_H4_MASK_BASE);
GST_ELEMENT_REGISTER_DEFINE (h4unmask, "h4unmask", GST_RANK_PRIMARY,
    GST_TYPE_H4_UNMASK);

static void
gst_h4_mask_init (GstH4Mask * self)
{
}

static void
gst_h4_mask_class_init (GstH4MaskClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  gst_h4_mask_base_class_add_mode (G_OBJECT_CLASS (klass));
  gst_h4_mask_base_class_add_pads (element_class, gst_caps_new_any (),
      gst_caps_new_any ());
  gst_element_class_set_static_metadata (element_class, "Block masker",
      "Filter/Encryptor", "Masks or unmasks the blocks of any stream",
      "The gst-harmony4 authors");
}

static void
gst_h4_unmask_init (GstH4Unmask * self)
{
}

static void
gst_h4_unmask_class_init (GstH4UnmaskClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_H4_MASK_BASE_CLASS (klass)->unmask_only = TRUE;
  gst_h4_mask_base_class_add_pads (element_class,
      gst_caps_new_empty_simple (GST_H4_MASK_CAPS_NAME), gst_caps_new_any ());
  gst_element_class_set_static_metadata (element_class, "Block unmasker",
      "Codec/Decryptor", "Unmasks the blocks of masked streams",
      "The gst-harmony4 authors");
}

static gboolean
plugin_init (GstPlugin * plugin)
{
  gst_h4_i18n_init ();
  return GST_ELEMENT_REGISTER (h4mask, plugin)
      | GST_ELEMENT_REGISTER (h4unmask, plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, h4mask,
    "Masks and unmasks streams", plugin_init, PACKAGE_VERSION, GST_LICENSE,
    GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
