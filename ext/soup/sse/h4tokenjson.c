/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Built with -ffp-contract=off: where a product is rounded matters. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <math.h>
#include <string.h>

#include "h4tokenjson.h"

#define MAX_ROUNDED_DIGITS 6

/* A double holds any decimal number of 15 digits so that it is read back. */
#define EXACT_LIMIT 1e15

#define PUT_LITERAL(p, literal) put (p, literal, sizeof (literal) - 1)

static inline gchar *
put (gchar * p, const gchar * text, gsize size)
{
  memcpy (p, text, size);
  return p + size;
}

static gchar *
put_hex (gchar * p, const guint8 * data, gsize size)
{
  static const gchar digits[] = "0123456789abcdef";
  gsize i;

  for (i = 0; i < size; i++) {
    *p++ = digits[data[i] >> 4];
    *p++ = digits[data[i] & 15];
  }
  return p;
}

gchar *
h4_token_json_put_uint (gchar * p, guint64 value)
{
  gchar digits[20];
  guint i = sizeof (digits);

  do
    digits[--i] = '0' + value % 10;
  while ((value /= 10) > 0);
  return put (p, digits + i, sizeof (digits) - i);
}

/* As repr() lays out the digits of a number: with an exponent below 1e-4 and
 * from 1e16 on. */
static gchar *
put_laid_out (gchar * p, const gchar * digits, guint n, gint exponent)
{
  gint i;

  if (exponent < -4 || exponent >= 16) {
    *p++ = digits[0];
    if (n > 1) {
      *p++ = '.';
      p = put (p, digits + 1, n - 1);
    }
    p = PUT_LITERAL (p, "e");
    *p++ = exponent < 0 ? '-' : '+';
    if (ABS (exponent) < 10)
      *p++ = '0';
    return h4_token_json_put_uint (p, ABS (exponent));
  }
  if (exponent < 0) {
    p = PUT_LITERAL (p, "0.");
    for (i = -1; i > exponent; i--)
      *p++ = '0';
    return put (p, digits, n);
  }
  for (i = 0; i <= exponent; i++)
    *p++ = i < (gint) n ? digits[i] : '0';
  *p++ = '.';
  if ((gint) n > exponent + 1)
    return put (p, digits + exponent + 1, n - exponent - 1);
  *p++ = '0';
  return p;
}

/* The least digits that read back equal. */
gchar *
h4_token_json_put_double (gchar * p, gdouble value)
{
  gchar text[40], digits[24] = "", format[8];
  gint precision, n = 0;
  const gchar *t;

  if (!isfinite (value))
    return PUT_LITERAL (p, "null");
  for (precision = 0; precision <= 16; precision++) {
    g_snprintf (format, sizeof (format), "%%.%de", precision);
    g_ascii_formatd (text, sizeof (text), format, value);
    if (g_ascii_strtod (text, NULL) == value)
      break;
  }
  for (t = text; *t && *t != 'e'; t++) {
    if (g_ascii_isdigit (*t))
      digits[n++] = *t;
  }
  if (signbit (value))
    *p++ = '-';
  return put_laid_out (p, digits, n, *t ? g_ascii_strtoll (t + 1, NULL, 10)
      : 0);
}

/* value · scale to the nearest integer, ties to even, as if the product were
 * exact. */
static guint64
round_product (gdouble value, gdouble scale)
{
  gdouble product = value * scale;
  guint64 n = (guint64) product;
  gdouble beyond = product - (gdouble) n - 0.5;

  /* Where the rounded product is a tie, the exact one may be on either side;
   * where it is not, it is farther from one than it was rounded. */
  if (beyond == 0.0) {
    beyond = fma (value, scale, -product);
    if (beyond == 0.0)
      return n + (n & 1);
  }
  return beyond > 0.0 ? n + 1 : n;
}

static gchar *
put_decimals (gchar * p, guint value, guint digits)
{
  gchar *end = p + digits;
  gchar *q = end;

  while (q > p) {
    *--q = '0' + value % 10;
    value /= 10;
  }
  while (end > p + 1 && end[-1] == '0')
    end--;
  return end;
}

gchar *
h4_token_json_put_rounded (gchar * p, gdouble value, guint digits)
{
  static const guint scales[MAX_ROUNDED_DIGITS + 1] = {
    1, 10, 100, 1000, 10000, 100000, 1000000
  };
  guint scale = scales[MIN (digits, MAX_ROUNDED_DIGITS)];
  guint64 n;

  if (!(fabs (value) * scale < EXACT_LIMIT))
    return h4_token_json_put_double (p, value);
  if (signbit (value))
    *p++ = '-';
  n = round_product (fabs (value), scale);
  p = h4_token_json_put_uint (p, n / scale);
  *p++ = '.';
  return put_decimals (p, n % scale, MAX (digits, 1));
}

static guint64
read_be (const guint8 * data, guint size)
{
  guint64 value = 0;

  while (size-- > 0)
    value = value << 8 | *data++;
  return value;
}

gchar *
h4_token_json_put_video (gchar * p, const guint8 * token, gchar kind,
    guint64 size)
{
  p = PUT_LITERAL (p, "{\"pts_us\":");
  p = h4_token_json_put_uint (p, read_be (token, 8));
  p = PUT_LITERAL (p, ",\"block_index\":");
  p = h4_token_json_put_uint (p, read_be (token + 8, 4));
  p = token[12] ? PUT_LITERAL (p, ",\"is_key\":true,\"token_hex\":\"")
      : PUT_LITERAL (p, ",\"is_key\":false,\"token_hex\":\"");
  p = put_hex (p, token, H4_VIDEO_TOKEN_SIZE);
  if (!kind)
    return PUT_LITERAL (p, "\"}");
  p = PUT_LITERAL (p, "\",\"kind\":\"");
  *p++ = kind;
  p = PUT_LITERAL (p, "\",\"size\":");
  p = h4_token_json_put_uint (p, size);
  *p++ = '}';
  return p;
}

void
h4_token_json_decode_bin (const guint8 * token, H4TokenBin * bin)
{
  bin->frequency = read_be (token, 4) / 10.0;
  bin->magnitude = read_be (token + 4, 2) / 65535.0;
  bin->phase = read_be (token + 6, 2) / 65535.0 * (2 * G_PI) - G_PI;
}

static gchar *
put_bin (gchar * p, const H4TokenBin * bin, gint channel)
{
  *p++ = '{';
  if (channel >= 0) {
    p = PUT_LITERAL (p, "\"channel\":");
    p = h4_token_json_put_uint (p, channel);
    *p++ = ',';
  }
  p = PUT_LITERAL (p, "\"bin_hz\":");
  p = h4_token_json_put_rounded (p, bin->frequency, 1);
  p = PUT_LITERAL (p, ",\"magnitude\":");
  p = h4_token_json_put_rounded (p, bin->magnitude, 4);
  p = PUT_LITERAL (p, ",\"phase\":");
  return h4_token_json_put_rounded (p, bin->phase, 4);
}

gchar *
h4_token_json_put_audio (gchar * p, const guint8 * token,
    const H4TokenBin * bin, gint channel)
{
  p = put_bin (p, bin, channel);
  p = PUT_LITERAL (p, ",\"token_hex\":\"");
  p = put_hex (p, token, H4_AUDIO_TOKEN_SIZE);
  return PUT_LITERAL (p, "\"}");
}

gchar *
h4_token_json_put_bin (gchar * p, const H4TokenBin * bin, gint channel)
{
  p = put_bin (p, bin, channel);
  *p++ = '}';
  return p;
}
