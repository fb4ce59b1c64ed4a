/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_PARAMS_H__
#define __H4_PARAMS_H__

/* The calls of the HTTP API and their parameters, as tables: requests are
 * checked by them, and the OpenAPI document is made from them. */

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  H4_PARAM_INTEGER,
  H4_PARAM_NUMBER,
  H4_PARAM_BOOLEAN,
  H4_PARAM_CHOICE,
  H4_PARAM_TEXT,
  H4_PARAM_KEY                  /* hexadecimal digits; never logged */
} H4ParamType;

typedef enum
{
  H4_PARAM_REQUIRED = 1 << 0,
  H4_PARAM_POWER_OF_TWO = 1 << 1
} H4ParamFlags;

/**
 * H4Param:
 * @min, @max: of integers and numbers, both accepted; of a text and a key:
 *   how many bytes they have
 * @choices: (nullable): of a choice, comma separated
 * @fallback: (nullable): what it is where it is not given, as text
 * @doc: a sentence, English
 */
typedef struct
{
  const gchar *name;
  H4ParamType type;
  guint flags;
  gdouble min, max;
  const gchar *choices;
  const gchar *fallback;
  const gchar *doc;
} H4Param;

typedef enum
{
  H4_CALL_UPLOAD = 1 << 0,      /* takes a body: multipart/form-data, or bytes */
  H4_CALL_MANY_FILES = 1 << 1,  /* more than one file part, of any name */
  H4_CALL_ASYNC = 1 << 2        /* knows Prefer: respond-async */
} H4CallFlags;

/**
 * H4Call:
 * @id: an identifier, OpenAPI's operationId
 * @path: `{name}` in it is a parameter of type text
 * @params: (array length=n_params): in the query, or form fields
 * @answer: content type of a 200
 * @summary, @doc: English
 * @answer_doc: what a 200 holds
 */
typedef struct
{
  const gchar *id;
  const gchar *method;
  const gchar *path;
  guint flags;
  const H4Param *params;
  guint n_params;
  const gchar *answer;
  const gchar *summary;
  const gchar *doc;
  const gchar *answer_doc;
} H4Call;

/* What harmony4-server does with uploads, and the events of its jobs. */
extern const H4Call h4_upload_calls[];
extern const guint h4_n_upload_calls;
/* One of them. */
const H4Call *h4_call_find (const gchar * id);

/* What a request says of a call's parameters. */
typedef struct _H4Values H4Values;

H4Values *h4_values_new (const H4Param * params, guint n_params);
/* Keys are cleansed. */
void h4_values_free (H4Values * values);

/* Whether a parameter is called so. */
gboolean h4_values_have (const H4Values * values, const gchar * name);
/* An unknown name is ignored. A value that is none of the parameter's, or
 * differs from one that was given before, is an error of 400 that names the
 * field. text: size bytes, of which any may come. */
gboolean h4_values_set (H4Values * values, const gchar * name,
    const gchar * text, gsize size, GError ** error);
/* The same, but changes nothing: the value is an error unless it is the one
 * that was given before, or that of the fallback. */
gboolean h4_values_confirm (H4Values * values, const gchar * name,
    const gchar * text, gsize size, GError ** error);
/* Everything of a query as it came (or NULL), or of an urlencoded form. */
gboolean h4_values_set_query (H4Values * values, const gchar * query,
    GError ** error);
/* 400 where one that is required is missing. */
gboolean h4_values_check (const H4Values * values, GError ** error);

/* name: one of the table's, of that type. Without a value: the fallback. */
gboolean h4_values_is_set (const H4Values * values, const gchar * name);
gint64 h4_values_get_integer (const H4Values * values, const gchar * name);
gdouble h4_values_get_number (const H4Values * values, const gchar * name);
gboolean h4_values_get_boolean (const H4Values * values, const gchar * name);
/* A text or a choice; NULL where there is none. */
const gchar *h4_values_get_text (const H4Values * values, const gchar * name);
/* The raw bytes, or NULL; (transfer none). They are cleansed when the last
 * reference is gone. */
GBytes *h4_values_get_key (const H4Values * values, const gchar * name);

/* "65536…8388608", "true, false": what the parameter accepts, for people. */
gchar *h4_param_describe (const H4Param * param);

G_END_DECLS

#endif
