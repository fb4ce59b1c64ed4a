/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Queries, as each call reads them; a value that was taken is one that the
 * table allows. */

#include <stdlib.h>
#include <string.h>

#include "h4params.h"
#include "h4problem.h"

int LLVMFuzzerTestOneInput (const guint8 * data, gsize size);

static void
check_value (const H4Values * values, const H4Param * param)
{
  gdouble number;
  GBytes *key;

  switch (param->type) {
    case H4_PARAM_INTEGER:
      number = h4_values_get_integer (values, param->name);
      break;
    case H4_PARAM_NUMBER:
      number = h4_values_get_number (values, param->name);
      break;
    case H4_PARAM_KEY:
      key = h4_values_get_key (values, param->name);
      number = key ? g_bytes_get_size (key) : param->min;
      break;
    default:
      if (h4_values_get_text (values, param->name)
          && !g_utf8_validate (h4_values_get_text (values, param->name), -1,
              NULL))
        abort ();
      return;
  }
  if (!(number >= param->min && number <= param->max))
    abort ();
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  gchar *query = g_strndup ((const gchar *) data, size);
  guint i, k;

  for (i = 0; i < h4_n_upload_calls; i++) {
    const H4Call *call = &h4_upload_calls[i];
    H4Values *values = h4_values_new (call->params, call->n_params);
    GError *error = NULL;
    gboolean ok = h4_values_set_query (values, query, &error);

    if (ok == (error != NULL) || (error && error->domain != H4_PROBLEM))
      abort ();
    g_clear_error (&error);
    for (k = 0; k < call->n_params; k++) {
      check_value (values, &call->params[k]);
      h4_values_set (values, call->params[k].name, (const gchar *) data, size,
          NULL);
      check_value (values, &call->params[k]);
    }
    h4_values_free (values);
  }
  g_free (query);
  return 0;
}
