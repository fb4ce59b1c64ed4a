/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <math.h>
#include <string.h>

#include <openssl/crypto.h>

#include "h4params.h"
#include "h4problem.h"

/* The longest name of a parameter that is looked at. */
#define MAX_NAME 64
/* A key has at least so many. */
#define KEY_MIN_DIGITS 32

typedef struct
{
  gboolean set;
  gint64 integer;               /* a boolean, too */
  gdouble number;
  gchar *text;
  GBytes *key;
} Value;

struct _H4Values
{
  const H4Param *params;
  guint n_params;
  Value *values;
};

typedef struct
{
  gsize size;
  guint8 bytes[];
} Secret;

static void
secret_free (gpointer data)
{
  Secret *secret = data;

  OPENSSL_cleanse (secret->bytes, secret->size);
  g_free (secret);
}

static void
cleanse_and_free (gchar * text, gsize size)
{
  OPENSSL_cleanse (text, size);
  g_free (text);
}

gchar *
h4_param_describe (const H4Param * param)
{
  switch (param->type) {
    case H4_PARAM_INTEGER:
    case H4_PARAM_NUMBER:
      return g_strdup_printf ("%s%.17g…%.17g",
          param->flags & H4_PARAM_POWER_OF_TWO ? "a power of two, " : "",
          param->min, param->max);
    case H4_PARAM_BOOLEAN:
      return g_strdup ("true, false");
    case H4_PARAM_CHOICE:
      return g_strdelimit (g_strdup (param->choices), ",", '|');
    case H4_PARAM_KEY:
      return g_strdup_printf ("%.0f to %.0f hexadecimal digits, "
          "an even number of them", 2 * param->min, 2 * param->max);
    default:
      return g_strdup_printf ("%.0f to %.0f bytes of UTF-8 text", param->min,
          param->max);
  }
}

/* The value that was not accepted, fit to be shown; never a key's, nor what is
 * as long as one: it may be a key at the wrong place. */
static gchar *
show_value (const gchar * text, gsize size)
{
  gchar *valid, *escaped, *shown, beyond_ascii[0x81] = { 0 };
  guint i;

  if (size >= KEY_MIN_DIGITS)
    return g_strdup_printf ("%" G_GSIZE_FORMAT " bytes", size);
  for (i = 0; i < 0x80; i++)
    beyond_ascii[i] = (gchar) (0x80 + i);
  valid = g_utf8_make_valid (size > 0 ? text : "", size);
  escaped = g_strescape (valid, beyond_ascii);
  shown = g_strdup_printf ("\"%s\"", escaped);
  g_free (escaped);
  g_free (valid);
  return shown;
}

static GError *
refuse (const H4Param * param, const gchar * text, gsize size)
{
  gchar *accepted = h4_param_describe (param);
  gchar *shown = show_value (text, size);
  GError *error = h4_problem_error (400, param->name, accepted,
      "%s accepts %s, not %s.", param->name, accepted, shown);

  g_free (shown);
  g_free (accepted);
  return error;
}

/* As the reference's library reads it: "30" and "30.0" are thirty. */
static gboolean
parse_integer (const gchar * text, gint64 * value)
{
  gchar *end;

  if (!g_ascii_isdigit (*text) && *text != '-' && *text != '+')
    return FALSE;
  *value = g_ascii_strtoll (text, &end, 10);
  if (end == text || !g_ascii_isdigit (end[-1]))
    return FALSE;
  if (*end == '.')
    for (end++; *end == '0'; end++);
  return *end == 0;
}

static gboolean
parse_number (const gchar * text, gdouble * value)
{
  gsize n = strspn (text, "0123456789.+-eE");
  gchar *end;

  *value = g_ascii_strtod (text, &end);
  return n > 0 && text[n] == 0 && *end == 0 && isfinite (*value);
}

static gboolean
parse_boolean (const gchar * text, gint64 * value)
{
  static const gchar *const names[] = {
    "false", "0", "no", "off", "f", "n", "true", "1", "yes", "on", "t", "y"
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (names); i++) {
    if (g_ascii_strcasecmp (text, names[i]) == 0) {
      *value = i >= G_N_ELEMENTS (names) / 2;
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
is_choice (const gchar * choices, const gchar * text)
{
  gsize size = strcspn (text, ",");
  const gchar *p;

  for (p = choices; p && text[size] == 0;
      p = strchr (p, ',') ? strchr (p, ',') + 1 : NULL)
    if (size > 0 && strncmp (p, text, size) == 0 && (p[size] == ','
            || p[size] == 0))
      return TRUE;
  return FALSE;
}

static gboolean
in_range (const H4Param * param, gdouble number)
{
  return number >= param->min && number <= param->max;
}

/* text ends with a NUL, and has none before. */
static gboolean
parse (const H4Param * param, const gchar * text, Value * value)
{
  switch (param->type) {
    case H4_PARAM_INTEGER:
      return parse_integer (text, &value->integer)
          && in_range (param, value->integer)
          && (!(param->flags & H4_PARAM_POWER_OF_TWO)
          || (value->integer & (value->integer - 1)) == 0);
    case H4_PARAM_NUMBER:
      return parse_number (text, &value->number)
          && in_range (param, value->number);
    case H4_PARAM_BOOLEAN:
      return parse_boolean (text, &value->integer);
    case H4_PARAM_CHOICE:
      value->text = g_strdup (text);
      return is_choice (param->choices, text);
    case H4_PARAM_TEXT:
      value->text = g_strdup (text);
      return in_range (param, strlen (text));
    default:
      g_return_val_if_reached (FALSE);
  }
}

/* What is wrong with a key is said without a digit of it. */
static gboolean
parse_key (const H4Param * param, const gchar * text, gsize size,
    Value * value, GError ** error)
{
  gchar *accepted = h4_param_describe (param);
  Secret *secret;
  gsize i;

  for (i = 0; i < size && g_ascii_isxdigit (text[i]); i++);
  if (i < size)
    g_propagate_error (error, h4_problem_error (400, param->name, accepted,
            "%s has something at position %" G_GSIZE_FORMAT
            " that is no hexadecimal digit.", param->name, i + 1));
  else if (size % 2 != 0)
    g_propagate_error (error, h4_problem_error (400, param->name, accepted,
            "%s has %" G_GSIZE_FORMAT " hexadecimal digits, an odd number:"
            " a byte has two.", param->name, size));
  else if (!in_range (param, size / 2))
    g_propagate_error (error, h4_problem_error (400, param->name, accepted,
            "%s has %" G_GSIZE_FORMAT " bytes, it must have %.0f to %.0f.",
            param->name, size / 2, param->min, param->max));
  g_free (accepted);
  if (i < size || size % 2 != 0 || !in_range (param, size / 2))
    return FALSE;

  secret = g_malloc (sizeof (Secret) + size / 2);
  secret->size = size / 2;
  for (i = 0; i < size / 2; i++)
    secret->bytes[i] = g_ascii_xdigit_value (text[2 * i]) << 4
        | g_ascii_xdigit_value (text[2 * i + 1]);
  value->key = g_bytes_new_with_free_func (secret->bytes, secret->size,
      secret_free, secret);
  return TRUE;
}

H4Values *
h4_values_new (const H4Param * params, guint n_params)
{
  H4Values *values = g_new0 (H4Values, 1);
  guint i;

  values->params = params;
  values->n_params = n_params;
  values->values = g_new0 (Value, MAX (1, n_params));
  for (i = 0; i < n_params; i++)
    if (params[i].fallback
        && !parse (&params[i], params[i].fallback, &values->values[i]))
      g_error ("the fallback of %s is none of its values", params[i].name);
  return values;
}

static void
value_clear (Value * value)
{
  g_clear_pointer (&value->text, g_free);
  g_clear_pointer (&value->key, g_bytes_unref);
}

void
h4_values_free (H4Values * values)
{
  guint i;

  for (i = 0; i < values->n_params; i++)
    value_clear (&values->values[i]);
  g_free (values->values);
  g_free (values);
}

static gboolean
same (const Value * a, const Value * b)
{
  return a->integer == b->integer && a->number == b->number
      && g_strcmp0 (a->text, b->text) == 0
      && (a->key && b->key ? g_bytes_equal (a->key, b->key) : a->key == b->key);
}

static const H4Param *
find (const H4Values * values, const gchar * name, Value ** value)
{
  guint i;

  for (i = 0; i < values->n_params; i++) {
    if (strcmp (values->params[i].name, name) == 0) {
      *value = &values->values[i];
      return &values->params[i];
    }
  }
  return NULL;
}

static gboolean
parse_value (const H4Param * param, const gchar * text, gsize size,
    Value * value, GError ** error)
{
  /* a file's name may begin or end with a blank */
  gboolean trimmed = param->type != H4_PARAM_TEXT, ok;
  gchar *copy;

  while (trimmed && size > 0 && g_ascii_isspace (*text)) {
    text++;
    size--;
  }
  while (trimmed && size > 0 && g_ascii_isspace (text[size - 1]))
    size--;
  if (param->type == H4_PARAM_KEY)
    return parse_key (param, text, size, value, error);

  copy = g_strndup (size > 0 ? text : "", size);
  ok = strlen (copy) == size && g_utf8_validate (copy, size, NULL)
      && parse (param, copy, value);
  if (!ok)
    g_propagate_error (error, refuse (param, text, size));
  g_free (copy);
  return ok;
}

static gboolean
compare (const Value * value, const Value * given, const gchar * name,
    GError ** error)
{
  if (same (value, given))
    return TRUE;
  g_propagate_error (error, h4_problem_error (400, name, NULL,
          "%s is given twice, with different values.", name));
  return FALSE;
}

gboolean
h4_values_have (const H4Values * values, const gchar * name)
{
  Value *value;

  return find (values, name, &value) != NULL;
}

gboolean
h4_values_set (H4Values * values, const gchar * name, const gchar * text,
    gsize size, GError ** error)
{
  Value *value, given = { TRUE, 0, 0, NULL, NULL };
  const H4Param *param = find (values, name, &value);

  if (!param)
    return TRUE;
  if (!parse_value (param, text, size, &given, error)
      || (value->set && !compare (value, &given, name, error))) {
    value_clear (&given);
    return FALSE;
  }
  value_clear (value);
  *value = given;
  return TRUE;
}

gboolean
h4_values_confirm (H4Values * values, const gchar * name, const gchar * text,
    gsize size, GError ** error)
{
  Value *value, given = { TRUE, 0, 0, NULL, NULL };
  const H4Param *param = find (values, name, &value);
  gboolean ok;

  if (!param)
    return TRUE;
  /* what has no fallback and was not given is not needed for the work that has
   * begun */
  ok = parse_value (param, text, size, &given, error)
      && ((!value->set && !param->fallback)
      || compare (value, &given, name, error));
  value_clear (&given);
  return ok;
}

/* Decodes size bytes to out, which has room for as many. */
static gboolean
unescape (const gchar * text, gsize size, gchar * out, gsize * out_size)
{
  gsize i, n = 0;

  for (i = 0; i < size; i++) {
    if (text[i] == '+') {
      out[n++] = ' ';
    } else if (text[i] != '%') {
      out[n++] = text[i];
    } else if (size - i > 2 && g_ascii_isxdigit (text[i + 1])
        && g_ascii_isxdigit (text[i + 2])) {
      out[n++] = (gchar) (g_ascii_xdigit_value (text[i + 1]) << 4
          | g_ascii_xdigit_value (text[i + 2]));
      i += 2;
    } else {
      return FALSE;
    }
  }
  *out_size = n;
  return TRUE;
}

static gboolean
set_pair (H4Values * values, const gchar * pair, gsize size, GError ** error)
{
  const gchar *equals = memchr (pair, '=', size);
  gsize name_size = equals ? (gsize) (equals - pair) : size;
  gsize value_size = equals ? size - name_size - 1 : 0, n;
  gchar name[MAX_NAME + 1], *text;
  gboolean ok;

  if (name_size > MAX_NAME)
    return TRUE;
  if (!unescape (pair, name_size, name, &n))
    goto bad;
  name[n] = 0;
  text = g_malloc (value_size + 1);
  ok = unescape (equals ? equals + 1 : "", value_size, text, &n);
  if (ok && strlen (name) > 0)
    ok = h4_values_set (values, name, text, n, error);
  else if (!ok)
    g_propagate_error (error, h4_problem_error (400, NULL, NULL,
            "The query has a %% that two hexadecimal digits do not follow."));
  cleanse_and_free (text, value_size + 1);
  return ok;

  /* ERRORS */
bad:
  g_propagate_error (error, h4_problem_error (400, NULL, NULL,
          "The query has a %% that two hexadecimal digits do not follow."));
  return FALSE;
}

gboolean
h4_values_set_query (H4Values * values, const gchar * query, GError ** error)
{
  while (query && *query) {
    gsize size = strcspn (query, "&");

    if (!set_pair (values, query, size, error))
      return FALSE;
    query += size + (query[size] == '&');
  }
  return TRUE;
}

gboolean
h4_values_check (const H4Values * values, GError ** error)
{
  guint i;

  for (i = 0; i < values->n_params; i++) {
    const H4Param *param = &values->params[i];
    gchar *accepted;

    if (!(param->flags & H4_PARAM_REQUIRED) || values->values[i].set)
      continue;
    accepted = h4_param_describe (param);
    g_propagate_error (error, h4_problem_error (400, param->name, accepted,
            "%s is missing.", param->name));
    g_free (accepted);
    return FALSE;
  }
  return TRUE;
}

static const Value *
get (const H4Values * values, const gchar * name)
{
  Value *value = NULL;

  if (!find (values, name, &value))
    g_error ("there is no parameter %s", name);
  return value;
}

gboolean
h4_values_is_set (const H4Values * values, const gchar * name)
{
  return get (values, name)->set;
}

gint64
h4_values_get_integer (const H4Values * values, const gchar * name)
{
  return get (values, name)->integer;
}

gdouble
h4_values_get_number (const H4Values * values, const gchar * name)
{
  return get (values, name)->number;
}

gboolean
h4_values_get_boolean (const H4Values * values, const gchar * name)
{
  return get (values, name)->integer != 0;
}

const gchar *
h4_values_get_text (const H4Values * values, const gchar * name)
{
  return get (values, name)->text;
}

GBytes *
h4_values_get_key (const H4Values * values, const gchar * name)
{
  return get (values, name)->key;
}
