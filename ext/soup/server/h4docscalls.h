/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_DOCS_CALLS_H__
#define __H4_DOCS_CALLS_H__

#include "h4params.h"

G_BEGIN_DECLS

/* What can be asked of the server itself and of its streams. */
extern const H4Call h4_server_calls[];
extern const guint h4_n_server_calls;

G_END_DECLS

#endif
