/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>

#include "gsth4mksigningkey.h"
#include "h4mktool.h"

static int
make_key (const gchar * path, gboolean as_json)
{
  GError *error = NULL;
  GstH4mkSigningKey *key = gst_h4mk_signing_key_generate (&error);

  if (!key)
    return h4mk_fail (error);
  if (!gst_h4mk_signing_key_store (key, path, &error)) {
    gst_h4mk_signing_key_unref (key);
    return h4mk_fail (error);
  }
  if (as_json) {
    JsonObject *object = json_object_new ();

    json_object_set_string_member (object, "key",
        gst_h4mk_signing_key_get_public (key));
    h4mk_print_json (object);
  } else {
    printf ("%s\n", gst_h4mk_signing_key_get_public (key));
  }
  gst_h4mk_signing_key_unref (key);
  return h4mk_flush (H4MK_EXIT_OK);
}

int
h4mk_command_keygen (int argc, char **argv)
{
  gboolean as_json = FALSE;
  const GOptionEntry entries[] = {
    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, N_("Print JSON"), NULL},
    {NULL}
  };

  if (!h4mk_parse_options (&argc, &argv, "FILE",
          _("Writes a new Ed25519 private key to FILE, which must not exist and"
              " only its owner may read, and prints the public key."), entries,
          1))
    return H4MK_EXIT_FAILED;
  return make_key (argv[1], as_json);
}
