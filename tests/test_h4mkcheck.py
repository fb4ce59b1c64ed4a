# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests of the H4MK checker."""

import glob
import hashlib
import json
import os
import random
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import h4mkcheck  # noqa: E402
import h4mkforge  # noqa: E402

FUZZ = int(os.environ.get("H4_FUZZ", "3"))
VECTORS = os.environ.get("H4_VECTORS", os.path.join(os.path.dirname(HERE), "vectors"))


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temp = tempfile.TemporaryDirectory()
        cls.dir = cls.temp.name

    @classmethod
    def tearDownClass(cls):
        cls.temp.cleanup()

    def check(self, data, trusted=(), **kw):
        path = os.path.join(self.dir, "one.h4mk")
        with open(path, "wb") as f:
            f.write(data)
        return h4mkcheck.check(path, trusted, **kw)


class Ed25519(unittest.TestCase):
    def test_rfc8032(self):
        for seed, pub, msg, sig in (
                ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                 "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                 "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
                ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                 "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                 "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")):
            seed, pub, msg, sig = map(bytes.fromhex, (seed, pub, msg, sig))
            self.assertEqual(h4mkcheck.ed25519_public(seed), pub)
            self.assertEqual(h4mkcheck.ed25519_sign(seed, msg), sig)
            self.assertTrue(h4mkcheck.ed25519_verify(pub, msg, sig))
            self.assertFalse(h4mkcheck.ed25519_verify(pub, msg + b"x", sig))
            self.assertFalse(h4mkcheck.ed25519_verify(pub, msg, sig[:-1] + b"\xff"))


class Forged(Case):
    def test_verdicts(self):
        for v in h4mkforge.forge(self.dir):
            with self.subTest(file=v["file"], why=v["why"], keys=len(v["trusted_keys"])):
                r, code = h4mkcheck.check(os.path.join(self.dir, v["file"]),
                                          [bytes.fromhex(k) for k in v["trusted_keys"]])
                self.assertEqual((code, r["verdict"]), (v["exit"], v["verdict"]), r)
                self.assertEqual(code == 1, bool(r["problems"]))


class Fuzz(Case):
    def test_fuzz(self):
        """Changed payloads behind CRCs that hold, chunks lost or twice: no exception."""
        rnd = random.Random(4)
        for n, v in enumerate(h4mkforge.forge(self.dir)):
            with open(os.path.join(self.dir, v["file"]), "rb") as f:
                data = f.read()
            chunks = h4mkforge.walk(data)
            if not chunks or len(data) > 20000:
                continue
            for _ in range(FUZZ):
                tag, p, q = rnd.choice(chunks)
                pay = bytearray(data[p + 12:q])
                how = rnd.randrange(5)
                if how < 3 and pay:
                    for _ in range(rnd.randrange(1, 4)):
                        pay[rnd.randrange(len(pay))] = rnd.choice((0, 1, 127, 128, 255,
                                                                   rnd.randrange(256)))
                elif how == 3:
                    del pay[rnd.randrange(len(pay) + 1):]
                one = h4mkforge.chunk(tag, bytes(pay))
                b = data[:p] + (one * rnd.choice((0, 1, 2)) if how == 4 else one) + data[q:]
                for kw in ({}, {"lenient": True}):
                    r, code = self.check(b, [h4mkforge.PUB] if v["trusted_keys"] else [], **kw)
                    self.assertIn(code, (0, 1, 3))
                    json.dumps(r)
                try:
                    for _ in h4mkcheck.iter_blocks(os.path.join(self.dir, "one.h4mk")):
                        pass
                except h4mkcheck.Bad:
                    pass


class Vectors(unittest.TestCase):
    def setUp(self):
        if not os.path.isdir(VECTORS):
            self.skipTest("no vectors")

    def test_complete(self):
        files = glob.glob(os.path.join(VECTORS, "*.h4mk"))
        self.assertTrue(files)
        for path in files:
            with self.subTest(os.path.basename(path)):
                self.assertEqual(h4mkcheck.check(path)[1], 0)

    def test_blocks(self):
        path = os.path.join(VECTORS, "containers.json")
        if not os.path.exists(path):
            self.skipTest("no containers.json")
        with open(path, encoding="utf-8") as f:
            cases = json.load(f)
        for c in cases:
            h4mk = os.path.join(VECTORS, c["h4mk"])
            with open(h4mk, "rb") as f:
                self.assertEqual(hashlib.sha256(f.read()).hexdigest(), c["sha256"])
            blocks = list(h4mkcheck.iter_blocks(h4mk))
            step = int(1000000 / c["fps_hint"])
            self.assertEqual([b[1] for b in blocks],
                             [i * step * 1000 for i in range(len(blocks))])
            self.assertEqual([b[1] // 1000 for b in blocks if b[4] & h4mkcheck.KEY],
                             [e[0] for e in c["seek"]])
            if not c["mask"]:
                with open(os.path.join(VECTORS, c["raw"]), "rb") as f:
                    self.assertEqual(b"".join(b[6] for b in blocks), f.read())


class Changes(Case):
    def flips(self, data, trusted=()):
        self.assertEqual(self.check(data, trusted)[1], 0)
        chunks = h4mkforge.walk(data)
        for i in range(len(data)):
            for bit in ((1, 0x20) if i % 3 else (1, 0x80)):
                b = bytearray(data)
                b[i] ^= bit
                r, code = self.check(bytes(b), trusted)
                self.assertEqual(code, 1, (i, bit, r))
                for p in r["problems"]:
                    self.assertIsInstance(p["tag"], str)
                    self.assertIsInstance(p["offset"], int)
                here = [c for c in chunks if c[1] + 8 <= i < c[2]]
                if here:
                    first = r["problems"][0]
                    self.assertEqual((first["tag"].encode(), first["offset"]), here[0][:2])
                    self.assertIn("CRC", first["what"])

    def cuts(self, data, trusted=()):
        for i in range(len(data)):
            r, code = self.check(data[:i], trusted)
            self.assertEqual(code, 3, (i, r))

    def small(self, seed=None, **kw):
        w = h4mkforge.Writer([h4mkforge.DATA], seed=seed, **kw)
        for i in range(2):
            w.span([[h4mkforge.block(4, i * h4mkforge.SEC, h4mkforge.SEC, 1, b"block%d" % i)]])
        return w.finish(atta=[("0/image/0", "image/png", b"x")])

    def test_flip_track(self):
        self.flips(self.small())

    def test_flip_signed(self):
        self.flips(self.small(h4mkforge.SEED), [h4mkforge.PUB])

    def test_flip_no_links(self):
        self.flips(self.small(links=False))

    def test_flip_base(self):
        self.flips(h4mkforge.base_file())

    def test_cut_track(self):
        self.cuts(self.small())

    def test_cut_signed(self):
        self.cuts(self.small(h4mkforge.SEED), [h4mkforge.PUB])

    def test_cut_no_links(self):
        self.cuts(self.small(links=False))

    def test_cut_base(self):
        self.cuts(h4mkforge.base_file())

    def test_noise(self):
        """Payloads that are garbage behind CRCs that hold: never an exception."""
        data = self.small(h4mkforge.SEED)
        for k, (tag, p, q) in enumerate(h4mkforge.walk(data)):
            for n in range(40):
                junk = b"".join(hashlib.sha256(b"%d.%d.%d" % (k, n, j)).digest()
                                for j in range(1 + (q - p) // 32))[:q - p - 12]
                if n % 2:
                    keep = n * (q - p - 12) // 40
                    junk = data[p + 12:p + 12 + keep] + junk[keep:]
                if n % 5 == 4:
                    junk = junk[:n]
                b = data[:p] + h4mkforge.chunk(tag, junk) + data[q:]
                if b == data:
                    continue
                # a FOOT whose own offset is not its place only counts as cut off
                code = self.check(b, [h4mkforge.PUB])[1]
                self.assertIn(code, (1, 3) if tag == b"FOOT" else (1,), (tag, n))


class Rest(Case):
    def test_lenient(self):
        spaced = b'{ "v":1, "tracks":[' + h4mkforge.dump(h4mkforge.DATA) + b"]}"
        data = h4mkforge.data_file([h4mkforge.block(4, 0, 1, 1, b"x")], trak=spaced)
        self.assertEqual(self.check(data)[1], 1)
        self.assertEqual(self.check(data, lenient=True)[1], 0)
        data = h4mkforge.reorder(0)
        self.assertEqual(self.check(data)[1], 1)
        self.assertEqual(self.check(data, lenient=True)[1], 0)

    def test_iter_blocks(self):
        path = os.path.join(self.dir, "blocks.h4mk")
        with open(path, "wb") as f:
            f.write(h4mkforge.media(2))
        got = [(b[0], b[1], b[2], b[3], bytes(b[6])) for b in h4mkcheck.iter_blocks(path)]
        want = [(b["track"], b["pts"], b["dts"], b["dur"], b["data"])
                for i in range(2) for g in h4mkforge.span_media(i) for b in g]
        self.assertEqual(got, want)

    def test_speed(self):
        w = h4mkforge.Writer([h4mkforge.DATA])
        w.refs = lambda at, blocks: []
        n = 50000
        for i in range(0, n, 100):
            w.span([[h4mkforge.block(4, None, None, 1, b"x" * 10)] * 100])
        data = w.finish()
        t = time.monotonic()
        r, code = self.check(data)
        self.assertEqual((code, r["blocks"]), (0, n), r["problems"][:3])
        self.assertLess(time.monotonic() - t, 30)

    def test_usage(self):
        self.assertEqual(h4mkcheck.main([os.path.join(self.dir, "missing")]), 2)
        with self.assertRaises(SystemExit) as e:
            h4mkcheck.main(["--trusted-key", "xyz", "f"])
        self.assertEqual(e.exception.code, 2)


if __name__ == "__main__":
    unittest.main()
