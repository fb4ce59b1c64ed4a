/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Bearer tokens (RFC 6750). Digests of them are compared, each one, whole: how
 * long that takes says nothing about any of them. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "gsth4-i18n.h"
#include "h4httpprivate.h"

#define MAX_TOKENS 4096

typedef struct
{
  guint8 bytes[SHA256_DIGEST_LENGTH];
} H4HttpDigest;

struct _H4HttpAuth
{
  guint n_digests;
  H4HttpDigest *digests;
};

static gboolean
is_printable (const gchar * token)
{
  for (; *token != '\0'; token++)
    if (*token <= ' ' || *token >= 0x7f)
      return FALSE;
  return TRUE;
}

static gboolean
add_tokens (H4HttpAuth * auth, gchar ** lines, const gchar * path,
    GError ** error)
{
  guint i;

  for (i = 0; lines[i]; i++) {
    const gchar *token = g_strstrip (lines[i]);

    if (*token == '\0')
      continue;
    if (!is_printable (token)) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
          _("Line %u of the token file \"%s\" is no token: it may have no "
              "blanks and ASCII alone."), i + 1, path);
      return FALSE;
    }
    if (auth->n_digests == MAX_TOKENS) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
          _("The token file \"%s\" has more than %u tokens."), path,
          MAX_TOKENS);
      return FALSE;
    }
    auth->digests = g_renew (H4HttpDigest, auth->digests, auth->n_digests + 1);
    SHA256 ((const guint8 *) token, strlen (token),
        auth->digests[auth->n_digests++].bytes);
  }
  if (auth->n_digests > 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
      _("The token file \"%s\" has no token."), path);
  return FALSE;
}

H4HttpAuth *
h4_http_auth_new (const gchar * path, GError ** error)
{
  H4HttpAuth *auth;
  gchar *text, **lines;
  gsize size;
  gboolean ok;

  if (!g_file_get_contents (path, &text, &size, error)) {
    g_prefix_error (error, _("The token file cannot be read: "));
    return NULL;
  }
  auth = g_new0 (H4HttpAuth, 1);
  lines = g_strsplit (text, "\n", -1);
  ok = add_tokens (auth, lines, path, error);
  OPENSSL_cleanse (text, size);
  g_free (text);
  g_strfreev (lines);
  if (ok)
    return auth;
  h4_http_auth_free (auth);
  return NULL;
}

void
h4_http_auth_free (H4HttpAuth * auth)
{
  g_free (auth->digests);
  g_free (auth);
}

gboolean
h4_http_auth_check (H4HttpAuth * auth, const gchar * token)
{
  guint8 digest[SHA256_DIGEST_LENGTH];
  guint i, equal = 0;

  SHA256 ((const guint8 *) token, strlen (token), digest);
  for (i = 0; i < auth->n_digests; i++)
    equal +=
        CRYPTO_memcmp (digest, auth->digests[i].bytes, sizeof (digest)) == 0;
  return equal > 0;
}
