/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "h4mktool.h"

static const struct
{
  const gchar *name;
  const gchar *what;
  int (*run) (int argc, char **argv);
} commands[] = {
  {"info", N_("what a file holds"), h4mk_command_info},
  {"list", N_("its blocks, one a line"), h4mk_command_list},
  {"verify", N_("whether it is whole and genuine"), h4mk_command_verify},
  {"seek", N_("the key block at or before a time"), h4mk_command_seek},
  {"chain", N_("the blocks to decode to see a time"), h4mk_command_chain},
  {"cat", N_("the bytes of blocks"), h4mk_command_cat},
  {"recover", N_("write a whole file of a broken one"), h4mk_command_recover},
  {"keygen", N_("make a key that signs recordings"), h4mk_command_keygen}
};

static void
print_usage (FILE * out)
{
  guint i;

  fprintf (out, "%s\n\n", _("Usage: h4mk COMMAND [OPTION…] FILE"));
  for (i = 0; i < G_N_ELEMENTS (commands); i++)
    fprintf (out, "  %-9s %s\n", commands[i].name, _(commands[i].what));
  fprintf (out, "\n%s\n%s\n",
      _("\"h4mk COMMAND --help\" tells more. All but cat take --json."),
      _("Exit code: 0 done, for verify: complete; 1 damaged or forged; 2 usage"
          " or I/O; 3 sound but cut off or unproven (verify)."));
}

int
main (int argc, char **argv)
{
  guint i;

  setlocale (LC_ALL, "");
  gst_h4_i18n_init ();
#ifdef ENABLE_NLS
  textdomain (GETTEXT_PACKAGE);
#endif

  if (argc < 2) {
    print_usage (stderr);
    return H4MK_EXIT_FAILED;
  }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0
      || strcmp (argv[1], "help") == 0) {
    print_usage (stdout);
    return h4mk_flush (H4MK_EXIT_OK);
  }
  if (strcmp (argv[1], "--version") == 0) {
    printf ("h4mk (%s) %s\n", PACKAGE, PACKAGE_VERSION);
    return h4mk_flush (H4MK_EXIT_OK);
  }
  for (i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (argv[1], commands[i].name) == 0)
      return commands[i].run (argc - 1, argv + 1);
  h4mk_complain (_("There is no command \"%s\"."), argv[1]);
  print_usage (stderr);
  return H4MK_EXIT_FAILED;
}
