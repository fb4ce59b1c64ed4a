/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_FILES_CALLS_H__
#define __H4_FILES_CALLS_H__

#include "h4params.h"

G_BEGIN_DECLS

/* In the order of h4_files_calls[]. */
enum
{
  H4_FILES_LIST,
  H4_FILES_GET,
  H4_FILES_HEAD,
  H4_FILES_INFO,
  H4_FILES_SEEK,
  H4_FILES_CHAIN,
  H4_FILES_BLOCK,
  H4_FILES_VERIFY
};

/* What can be asked of the files below the root. */
extern const H4Call h4_files_calls[];
extern const guint h4_n_files_calls;

G_END_DECLS

#endif
