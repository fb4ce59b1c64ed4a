#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""POST /video/export and POST /audio/mask: files as answers."""

import hashlib
import json
import unittest

from serving import KEY, VECTORS, Served, form, vector

STREAM = json.loads((VECTORS / 'mask.json').read_text())['stream']


class Base(Served):
    """The reference's containers, byte for byte."""

    def check(self, answer, case):
        self.assertEqual(answer.status, 200, answer.body[:300])
        self.assertEqual(answer.headers['Content-Type'], 'application/x-h4mk')
        self.assertEqual(hashlib.sha256(answer.body).hexdigest(), case['sha256'])

    def test_containers(self):
        for case in json.loads((VECTORS / 'containers.json').read_text()):
            fields = {name: case[name] for name in ('block_size', 'fps_hint', 'gop')}
            if case['mask']:
                fields.update(mask=True, master_key_hex=case['master_key'])
            data = vector(case['raw'])
            query = '?' + '&'.join(f'{name}={value}' for name, value in fields.items())
            file = [('file', case['raw'], data)]
            with self.subTest(raw=case['raw'], way='form, the file first'):
                self.check(self.server.post('/video/export', fields, file), case)
            with self.subTest(raw=case['raw'], way='form, everything before the file'):
                every = dict({'mask': False, 'mode': 'raw', 'scheme': 'xor-sha256'}, **fields)
                content_type, body = form(every, file, 'fields first')
                self.check(self.server.request('POST', '/video/export', body, {'Content-Type': content_type}), case)
            with self.subTest(raw=case['raw'], way='query'):
                self.check(self.server.post('/video/export' + query, files=file), case)
            with self.subTest(raw=case['raw'], way='bytes'):
                self.check(self.server.request('POST', '/video/export' + query, data,
                                               {'Content-Length': str(len(data))}), case)
            with self.subTest(raw=case['raw'], way='bytes in chunks'):
                self.check(self.server.request('POST', '/video/export' + query, iter([data[:1000], data[1000:]]),
                                               {'Transfer-Encoding': 'chunked'}), case)


class Mask(Served):
    key = STREAM['master_key']
    fields = {'block_size': STREAM['block_size']}

    def check(self, answer, in_pieces=False):
        self.assertEqual(answer.status, 200, answer.body[:300])
        self.assertEqual(answer.headers['Content-Type'], 'application/octet-stream')
        if not in_pieces:
            self.assertEqual(answer.headers['Content-Length'], '300007')
        self.assertEqual(answer.body, vector('mask-stream.masked'))

    def test_each_way(self):
        data = vector('mask-stream.raw')
        file = [('file', 'mask-stream.raw', data)]
        fields = dict(self.fields, master_key_hex=self.key)
        query = f'?block_size={fields["block_size"]}'
        with self.subTest('form'):
            self.check(self.server.post('/audio/mask', fields, file))
        with self.subTest('key in the header'):
            self.check(self.server.post('/audio/mask', self.fields, file, **{'X-H4-Key': self.key}))
        with self.subTest('key in the query'):
            self.check(self.server.post(f'/audio/mask{query}&master_key_hex={self.key}', files=file), True)
        with self.subTest('bytes'):
            self.check(self.server.request('POST', '/audio/mask' + query, data, {'X-H4-Key': self.key}))
        with self.subTest('the same key in three places'):
            self.check(self.server.post(f'/audio/mask{query}&master_key_hex={self.key.upper()}', fields, file,
                                        **{'X-H4-Key': self.key}), True)

    def test_twice_is_nothing(self):
        for size in 0, 1, 16384, 16385, 1 << 20:
            data = bytes(i % 251 for i in range(size))
            path = '/audio/mask?block_size=16384'
            once = self.server.request('POST', path, data, {'X-H4-Key': KEY, 'Content-Length': str(size)})
            self.assertEqual(len(once.body), size)
            twice = self.server.request('POST', path, once.body, {'X-H4-Key': KEY, 'Content-Length': str(size)})
            self.assertEqual(twice.body, data)

    def test_a_form_in_pieces_of_unknown_length(self):
        content_type, body = form(dict(self.fields, master_key_hex=self.key),
                                  [('file', 'x', vector('mask-stream.raw'))], 'fields first')
        answer = self.server.request('POST', '/audio/mask', (body[i:i + 777] for i in range(0, len(body), 777)),
                                     {'Content-Type': content_type, 'Transfer-Encoding': 'chunked'})
        self.assertEqual(answer.body, vector('mask-stream.masked'))


class Keys(Served):
    def test_a_key_that_is_sent_as_a_file(self):
        for path, fields in ('/video/export', {'mask': True}), ('/export', {'mask': True, 'mode': 'raw'}), ('/audio/mask', {}):
            with self.subTest(path=path):
                answer = self.server.post(path, fields, [('master_key_hex', 'key.txt', f'{KEY}\n'.encode()),
                                                         ('file', 'a.raw', bytes(100))])
                self.assertEqual(answer.status, 200, answer.body)
                self.assertNotIn(KEY.encode(), answer.body)
                self.assertNotIn(bytes(100), answer.body)

    def test_a_key_that_is_not_needed_may_come_after_the_file(self):
        fields = {'block_size': 65536, 'fps_hint': 30, 'gop': 2, 'mode': 'raw', 'mask': False}
        content_type, body = form(fields, [('file', 'a', bytes(3 << 20))], 'fields first')
        end = body.rindex(b'\r\n--')
        boundary = body[:body.index(b'\r\n')]
        body = (body[:end] + b'\r\n' + boundary + b'\r\nContent-Disposition: form-data; name="master_key_hex"\r\n\r\n' +
                KEY.encode() + body[end:])
        answer = self.server.request('POST', '/video/export', body, {'Content-Type': content_type})
        self.assertEqual(answer.status, 200, answer.body[:500])
        self.assertEqual(answer.body, self.server.post('/video/export', fields, [('file', 'a', bytes(3 << 20))]).body)


class Names(Served):
    """Content-Disposition follows the upload's name (RFC 6266)."""

    def name_for(self, filename, path='/video/export', **headers):
        answer = self.server.post(path, files=[('file', filename, b'x')], **headers)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.headers['Content-Disposition']

    def test_names(self):
        self.assertEqual(self.name_for('input.raw'), 'attachment; filename="input.h4mk"')
        self.assertEqual(self.name_for(''), 'attachment; filename="output.h4mk"')
        self.assertEqual(self.name_for('C:\\\\dir\\\\a.b.raw'), 'attachment; filename="a.b.h4mk"')
        self.assertEqual(self.name_for('.hidden'), 'attachment; filename=".hidden.h4mk"')
        self.assertEqual(self.name_for('audio.pcm', '/audio/mask', **{'X-H4-Key': KEY}),
                         'attachment; filename="audio.masked"')

    def test_names_that_are_not_ascii(self):
        self.assertEqual(self.name_for('Übung.raw'),
                         "attachment; filename=\"_bung.h4mk\"; filename*=UTF-8''%C3%9Cbung.h4mk")

    def test_a_name_for_bytes(self):
        answer = self.server.request('POST', '/video/export', b'x', {
            'Content-Disposition': "attachment; filename*=UTF-8''%C3%9C.raw"})
        self.assertIn("filename*=UTF-8''%C3%9C.h4mk", answer.headers['Content-Disposition'])
        answer = self.server.request('POST', '/video/export', b'x')
        self.assertEqual(answer.headers['Content-Disposition'], 'attachment; filename="output.h4mk"')

    def test_a_name_breaks_no_header(self):
        header = self.name_for('a%0D%0AX: y.raw')
        self.assertEqual(header, "attachment; filename=\"a_0D_0AX: y.h4mk\"; filename*=UTF-8''a%250D%250AX%3A%20y.h4mk")


if __name__ == '__main__':
    unittest.main()
