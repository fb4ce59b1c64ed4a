/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <openssl/crypto.h>

#include "h4multipart.h"
#include "h4partheader.h"
#include "h4problem.h"
#include "h4upload.h"

#define READ_SIZE (256 * 1024)

/* What reads a body: until the upload is ready the thread of the request, then
 * one of its own, which changes nothing of the upload but fills its spool. */
typedef struct
{
  H4Upload *upload;
  H4UploadReadyFunc ready;
  H4Multipart *multipart;       /* NULL: the body is the file */
  gboolean threaded;

  /* the part that is being read: a field, a file, or what is ignored */
  gchar *field;
  GByteArray *value;
  H4UploadFile *file;
  gboolean spooling;
} Reader;

static void
upload_file_free (gpointer data)
{
  H4UploadFile *file = data;

  g_free (file->name);
  g_free (file->filename);
  h4_store_unref (file->store);
  g_free (file);
}

static H4UploadFile *
add_file (H4Upload * upload, const gchar * name, const gchar * filename)
{
  H4UploadFile *file = g_new0 (H4UploadFile, 1);

  file->name = g_strdup (name);
  file->filename = g_strdup (filename);
  file->store = h4_store_new ();
  g_ptr_array_add (upload->files, file);
  if (!upload->filename)
    upload->filename = g_strdup (filename);
  return file;
}

static void
clear_value (GByteArray * value)
{
  OPENSSL_cleanse (value->data, value->len);
  g_byte_array_set_size (value, 0);
}

/* Called where a file begins: it is spooled, or kept. */
static gboolean
begin_file (Reader * reader, const gchar * name, const gchar * filename,
    GError ** error)
{
  H4Upload *upload = reader->upload;
  guint most = upload->call->flags & H4_CALL_MANY_FILES ?
      H4_UPLOAD_MAX_FILES : 1;

  if (reader->threaded || upload->spool || upload->files->len >= most) {
    g_propagate_error (error, most == 1 ?
        h4_problem_error (400, name, NULL, "Only one file is taken here, and"
            " this is a second one.") :
        h4_problem_error (400, name, NULL, "At most %u files are taken at"
            " once.", most));
    return FALSE;
  }
  if (reader->ready (upload)) {
    upload->spool = h4_spool_new ();
    /* of bytes it is this one already */
    if (!upload->filename)
      upload->filename = g_strdup (filename);
    reader->spooling = TRUE;
  } else {
    reader->file = add_file (upload, name, filename);
  }
  return TRUE;
}

static gboolean
file_data (Reader * reader, const guint8 * data, gsize size, GError ** error)
{
  if (reader->spooling)
    return h4_spool_write (reader->upload->spool, data, size, error);
  return h4_store_write (reader->file->store, data, size, error);
}

/* A part is a file where it is called so, or has the name of one; but a key that
 * is sent as a file is a key, and would be the last to become a track. */
static gboolean
is_file (const H4Upload * upload, const H4Part * part)
{
  if (strcmp (part->name, "file") == 0)
    return TRUE;
  return part->filename && (upload->call->flags & H4_CALL_MANY_FILES)
      && !h4_values_have (upload->values, part->name);
}

static gboolean
begin_part (const H4Part * part, gpointer user_data, GError ** error)
{
  Reader *reader = user_data;

  if (is_file (reader->upload, part))
    return begin_file (reader, part->name, part->filename, error);
  reader->field = g_strdup (part->name);
  return TRUE;
}

static gboolean
part_data (const guint8 * data, gsize size, gpointer user_data, GError ** error)
{
  Reader *reader = user_data;

  if (!reader->field)
    return file_data (reader, data, size, error);
  if (!h4_values_have (reader->upload->values, reader->field))
    return TRUE;
  if (reader->value->len + size > H4_UPLOAD_MAX_FIELD) {
    g_propagate_error (error, h4_problem_error (413, reader->field, NULL,
            "The form field %s has more than %d bytes.", reader->field,
            H4_UPLOAD_MAX_FIELD));
    return FALSE;
  }
  g_byte_array_append (reader->value, data, size);
  return TRUE;
}

static gboolean
end_part (gpointer user_data, GError ** error)
{
  Reader *reader = user_data;
  gboolean ok = TRUE;

  if (reader->field) {
    ok = (reader->threaded || reader->spooling ? h4_values_confirm :
        h4_values_set) (reader->upload->values, reader->field,
        (const gchar *) reader->value->data, reader->value->len, error);
    clear_value (reader->value);
    g_clear_pointer (&reader->field, g_free);
  } else if (reader->spooling) {
    reader->spooling = FALSE;
  } else {
    reader->file = NULL;
  }
  return ok;
}

static Reader *
reader_new (H4Upload * upload, H4UploadReadyFunc ready)
{
  static const H4MultipartFuncs funcs = { begin_part, part_data, end_part };
  Reader *reader = g_new0 (Reader, 1);

  reader->upload = upload;
  reader->ready = ready;
  /* never grows, so that no copy of a key is left behind */
  reader->value = g_byte_array_sized_new (H4_UPLOAD_MAX_FIELD);
  if (upload->boundary)
    reader->multipart = h4_multipart_new (upload->boundary, &funcs, reader);
  return reader;
}

static void
reader_free (Reader * reader)
{
  if (reader->multipart)
    h4_multipart_free (reader->multipart);
  clear_value (reader->value);
  g_byte_array_unref (reader->value);
  g_free (reader->field);
  g_free (reader);
}

static gboolean
take (Reader * reader, const guint8 * data, gsize size, GError ** error)
{
  if (reader->multipart)
    return h4_multipart_push (reader->multipart, data, size, error);
  return file_data (reader, data, size, error);
}

/* Up to the end of the body, or, where whole is FALSE, until there is a spool. */
static gboolean
read_body (Reader * reader, gboolean whole, GError ** error)
{
  H4Upload *upload = reader->upload;
  guint8 *data = g_malloc (READ_SIZE);
  gssize n = 1;
  gboolean ok = TRUE;

  while (ok && n > 0 && (whole || !upload->spool)) {
    n = h4_exchange_read (upload->exchange, data, READ_SIZE, error);
    ok = n >= 0 && (n == 0 || take (reader, data, n, error));
  }
  if (ok && n == 0 && reader->multipart)
    ok = h4_multipart_finish (reader->multipart, error);
  OPENSSL_cleanse (data, READ_SIZE);
  g_free (data);
  return ok;
}

static gpointer
read_rest (gpointer data)
{
  Reader *reader = data;
  GError *error = NULL;

  read_body (reader, TRUE, &error);
  h4_spool_finish (reader->upload->spool, error);
  reader_free (reader);
  return NULL;
}

static gboolean
missing_file (const H4Upload * upload, GError ** error)
{
  g_propagate_error (error, h4_problem_error (400, "file", NULL,
          upload->boundary ? "The form has no file: a part of the name file." :
          "The request has no body, so no file."));
  return FALSE;
}

static gboolean
check_values (const H4Upload * upload, H4UploadCheckFunc check, GError ** error)
{
  return h4_values_check (upload->values, error)
      && (!check || check (upload, error));
}

/* The body up to where the work can begin. What is wrong with values is said
 * as soon as they are known: of bytes, before any is read. */
static gboolean
read_start (Reader * reader, H4UploadCheckFunc check, GError ** error)
{
  H4Upload *upload = reader->upload;
  gboolean form = reader->multipart != NULL;

  if (!form && (!check_values (upload, check, error)
          || !begin_file (reader, "file", upload->filename, error)))
    return FALSE;
  if (!upload->spool && !read_body (reader, FALSE, error))
    return FALSE;
  if (form && !upload->spool && upload->files->len == 0)
    return missing_file (upload, error);
  if (form && !check_values (upload, check, error))
    return FALSE;
  if (!upload->spool) {
    H4UploadFile *file = g_ptr_array_index (upload->files, 0);

    upload->size = h4_store_get_size (file->store);
  } else if (form) {
    upload->size = -1;
  }
  return TRUE;
}

static gboolean
read_upload (H4Upload * upload, H4UploadReadyFunc ready,
    H4UploadCheckFunc check, GError ** error)
{
  Reader *reader = reader_new (upload, ready);
  gboolean ok = read_start (reader, check, error);

  if (ok && upload->spool)
    upload->reader = reader;
  else
    reader_free (reader);
  return ok;
}

void
h4_upload_start (H4Upload * upload)
{
  Reader *reader = g_steal_pointer (&upload->reader);

  if (!reader)
    return;
  reader->threaded = TRUE;
  upload->thread = g_thread_new ("upload", read_rest, reader);
}

/* A form, or bytes; other kinds of multipart are neither. */
static gboolean
read_head (H4Upload * upload, GError ** error)
{
  H4Exchange *exchange = upload->exchange;
  const gchar *type = h4_exchange_get_header (exchange, "Content-Type");
  const gchar *length = h4_exchange_get_header (exchange, "Content-Length");
  const gchar *key = h4_exchange_get_header (exchange, "X-H4-Key");
  const gchar *name = h4_exchange_get_header (exchange, "Content-Disposition");

  if (!h4_values_set_query (upload->values,
          h4_exchange_get_query (exchange), error)
      || (key && !h4_values_set (upload->values, "master_key_hex", key,
              strlen (key), error)))
    return FALSE;
  if (type && h4_header_is (type, "multipart/form-data")) {
    upload->boundary = h4_multipart_get_boundary (type, error);
    return upload->boundary != NULL;
  }
  if (type && g_ascii_strncasecmp (type, "multipart/", 10) == 0) {
    g_propagate_error (error, h4_problem_error (415, "Content-Type",
            "multipart/form-data, or any type that is not multipart",
            "A form is sent as multipart/form-data."));
    return FALSE;
  }
  if (!length && !h4_exchange_get_header (exchange, "Transfer-Encoding"))
    return missing_file (upload, error);
  upload->filename = name ? h4_header_get_filename (name) : NULL;
  upload->size = length ? g_ascii_strtoll (length, NULL, 10) : -1;
  return TRUE;
}

H4Upload *
h4_upload_read (H4Exchange * exchange, const H4Call * call,
    H4UploadReadyFunc ready, H4UploadCheckFunc check, GError ** error)
{
  H4Upload *upload = g_new0 (H4Upload, 1);

  g_atomic_ref_count_init (&upload->refs);
  upload->call = call;
  upload->exchange = exchange;
  upload->values = h4_values_new (call->params, call->n_params);
  upload->files = g_ptr_array_new_with_free_func (upload_file_free);
  upload->size = -1;
  if (read_head (upload, error) && read_upload (upload, ready, check, error))
    return upload;
  h4_upload_unref (upload);
  return NULL;
}

void
h4_upload_stop (H4Upload * upload)
{
  if (upload->spool)
    h4_spool_cancel (upload->spool);
  g_clear_pointer (&upload->thread, g_thread_join);
  upload->exchange = NULL;
}

H4Upload *
h4_upload_ref (H4Upload * upload)
{
  g_atomic_ref_count_inc (&upload->refs);
  return upload;
}

void
h4_upload_unref (H4Upload * upload)
{
  if (!g_atomic_ref_count_dec (&upload->refs))
    return;
  h4_upload_stop (upload);
  g_clear_pointer (&upload->reader, reader_free);
  g_clear_pointer (&upload->spool, h4_spool_free);
  g_ptr_array_unref (upload->files);
  h4_values_free (upload->values);
  g_free (upload->filename);
  g_free (upload->boundary);
  g_free (upload);
}
