# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes small judged H4MK files, sound and forged, and verdicts.json beside them.

    h4mkforge.py OUTDIR

verdicts.json: a list of {"file", "trusted_keys", "exit", "verdict", "why"}; a
file may stand there several times, with other keys.
"""

import hashlib
import json
import os
import struct
import sys
import zlib

from h4mkcheck import ed25519_public, ed25519_sign

HEADER = b"H4MK\x00\x01\x00\x00"
KEY, HAS_DTS, HAS_DUR, NO_PTS = 1, 2, 4, 8
DISCONT, DROPPABLE, MARKER, HAS_INDEX, EXT, REORDERED = 16, 32, 128, 2048, 4096, 8192
I64_MIN = -(1 << 63)
MS, SEC = 1000000, 1000000000
SEED, FOREIGN = bytes(range(32)), bytes(range(1, 33))
PUB, FOREIGN_PUB = ed25519_public(SEED), ed25519_public(FOREIGN)
SAFE = {"scope": "container+transport-only", "no_video_synthesis": True,
        "no_pixel_semantics": True, "no_visual_ml": True}
VIDEO = {"id": 1, "kind": "video", "caps": "video/x-raw, format=(string)I420, "
         "width=(int)16, height=(int)16, framerate=(fraction)4/1"}
AUDIO = {"id": 2, "kind": "audio", "caps": "audio/x-opus, channels=(int)1"}
TEXT = {"id": 3, "kind": "subtitle", "caps": "text/x-raw, format=(string)utf8"}
DATA = {"id": 4, "kind": "data", "caps": "application/octet-stream"}
MASKED = dict(DATA, caps="application/x-h4-masked, original-media-type=(string)application/octet-stream")


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def dump(value):
    if isinstance(value, bytes):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def chunk(tag, payload, crc=None):
    return struct.pack(">4sII", tag, len(payload),
                       zlib.crc32(payload) if crc is None else crc) + payload


def varint(v):
    out = bytearray()
    while v > 127:
        out.append(v & 127 | 128)
        v >>= 7
    out.append(v)
    return bytes(out)


def svarint(v):
    return varint(v << 1 if v >= 0 else (-v << 1) - 1)


def block(track, pts, dur=None, flags=0, data=b"", dts=None, index=None, ext=None):
    flags |= ((NO_PTS if pts is None else 0) | (0 if dur is None else HAS_DUR)
              | (0 if dts is None else HAS_DTS) | (0 if index is None else HAS_INDEX)
              | (0 if ext is None else EXT))
    return {"track": track, "pts": pts, "dur": dur, "flags": flags, "data": data,
            "dts": dts, "index": index, "ext": ext}


def tokn(first, blocks, refs, count=None):
    out = [varint(len(blocks) if count is None else count), varint(first)]
    nxt, last, idx = {}, {}, {}
    for b in blocks:
        t = b["track"]
        out += [varint(b["flags"]), varint(t)]
        if b["pts"] is not None:
            out.append(svarint(b["pts"] - nxt.get(t, 0)))
        if b["dts"] is not None:
            out.append(svarint(b["dts"] if b["pts"] is None else b["pts"] - b["dts"]))
        if b["dur"] is not None:
            out.append(svarint(b["dur"] - last.get(t, 0)))
            last[t] = b["dur"]
        if b["index"] is not None:
            out.append(svarint(b["index"] - (idx[t] + 1 if t in idx else 0)))
            idx[t] = b["index"]
        if b["ext"] is not None:
            out.append(varint(len(b["ext"])) + b["ext"])
        out.append(varint(len(b["data"])))
        if b["pts"] is not None:
            nxt[t] = b["pts"] + (b["dur"] or 0)
    out.append(varint(len(refs)))
    out += [varint(t) + varint(back) for t, back in refs]
    return b"".join(out)


class Writer:
    """Writes the track profile; tamper(tag, n, payload) may change the n-th payload
    of a kind before it is written, so that all hashes after it agree."""

    def __init__(self, tracks, seed=None, links=True, tamper=None, announce=True, sign=None,
                 masked=False, tags=None, safe=None, toc=None, trak=None, page=512,
                 base=0, extra=None):
        self.out = bytearray(HEADER)
        self.seed, self.links, self.tamper = seed, links, tamper
        self.sign_it = seed is not None if sign is None else sign
        self.masked, self.tags, self.safe, self.toc = masked, tags, safe, toc
        self.page_spans, self.n, self.starts = page, {}, {}
        self.announce = announce and seed is not None
        self.extra = extra or {}
        self.seq, self.page_at, self.first = 0, 0, base
        self.base = base
        self.wait, self.pages, self.seek = [], [], []
        self.last_pts, self.core = I64_MIN, 0
        self.history, self.times, self.spans = [], [], 0
        self.blocks = 0
        self.trak(tracks, trak)
        self.first_trak = bytes(self.out[8:])
        self.begin = len(self.out)
        self.chain = sha(HEADER, self.first_trak)
        self.all_ids = [t["id"] for t in tracks]

    def put(self, tag, payload, crc=None):
        n = self.n[tag] = self.n.get(tag, 0) + 1
        if self.tamper:
            payload = self.tamper(tag, n, payload)
        at = len(self.out)
        self.out += chunk(tag, payload, crc)
        self.starts.setdefault(tag, []).append(at)
        return at

    def trak(self, tracks, raw=None):
        self.tracks = tracks
        obj = {"v": 1}
        obj.update(self.extra)
        if self.announce:
            obj["key"] = ed25519_public(self.seed).hex()
        obj["tracks"] = tracks
        self.trak_at = self.put(b"TRAK", dump(obj) if raw is None else raw)
        self.trak_hash = sha(self.out[self.trak_at:])
        self.kinds = {t["id"]: t["kind"] for t in tracks}
        videos = [t["id"] for t in tracks if t["kind"] == "video"]
        self.primary = (videos or [t["id"] for t in tracks] or [None])[0]

    def refs(self, at, blocks):
        """By brute force over all that was written."""
        p = next((b["pts"] if b["pts"] is not None else b["dts"] for b in blocks
                  if b["pts"] is not None or b["dts"] is not None), None)
        out = []
        if p is None:
            return out
        for t, kind in self.kinds.items():
            mine = [(g, b) for g, bs in self.history for b in bs
                    if b["track"] == t and b["pts"] is not None]
            if kind in ("video", "audio"):
                keys = [g for g, b in mine if b["flags"] & KEY and b["pts"] <= p]
                found = keys[-1:]
                if kind == "audio":
                    found += [g for g, b in mine if b["pts"] + (b["dur"] or 0) > p][:1]
                if found:
                    out.append((t, at - min(found)))
            else:
                hit = set()
                for i, (g, b) in enumerate(mine):
                    if b["dur"] is not None:
                        end = b["pts"] + b["dur"]
                    else:
                        end = mine[i + 1][1]["pts"] if i + 1 < len(mine) else p + 1
                    if end > p:
                        hit.add(g)
                out += [(t, at - g) for g in sorted(hit)]
        return out

    def span(self, groups, tracks=None, lower=(), trak_raw=None, link=True):
        if len(self.wait) >= self.page_spans:
            self.page()
        for tag, payload in lower:
            self.put(tag, payload)
        if tracks is not None:
            self.trak(tracks, trak_raw)
            self.all_ids += [t["id"] for t in tracks if t["id"] not in self.all_ids]
        first, core, n = self.first, self.core, 0
        prim = [b for g in groups for b in g if b["track"] == self.primary]
        if self.kinds.get(self.primary) == "video":
            prim = [b for b in prim if b["flags"] & KEY]
        pts = next((b["pts"] for b in prim if b["pts"] is not None), self.last_pts)
        self.last_pts = pts = max(pts, self.last_pts)
        head = groups[0][0]
        flag = int(head["track"] == self.primary and head["flags"] & KEY)
        for i, g in enumerate(groups):
            at = len(self.out)
            self.put(b"TOKN", tokn(self.first, g, self.refs(at, g) if not i else []))
            self.history.append((at, g))
            for b in g:
                self.put(b"CORE", b["data"])
                self.core += len(b["data"])
                if b["pts"] is not None:
                    self.times += [b["pts"], b["pts"] + (b["dur"] or 0)]
                    if len(self.times) > 64:
                        self.times = [min(self.times), max(self.times)]
            self.first += len(g)
            n += len(g)
        leaf = bytes(32)
        if self.links:
            leaf = sha(b"H4MK|leaf|v1", self.trak_hash, bytes(self.out[self.begin:]))
        self.wait.append((self.begin, self.trak_at, first, pts, flag, n, leaf))
        if flag and pts >= 0:
            self.seek.append((pts // 1000, core))
        self.spans += 1
        self.blocks += n
        begin = self.begin
        if self.links and link:
            self.seq += 1
            self.chain = sha(self.chain, leaf)
            self.put(b"LINK", self.link(len(self.out), begin))
        self.begin = len(self.out)
        return self

    def link(self, own, begin):
        body = struct.pack(">QQQQ", self.seq, own, begin, self.page_at) + self.chain
        if self.seed:
            body += ed25519_sign(self.seed, b"H4MK|link|v1" + struct.pack(">Q", self.seq)
                                 + self.chain)
        return body

    def page(self):
        payload = struct.pack(">IIQ", 0, len(self.wait), self.page_at)
        payload += b"".join(struct.pack(">QQQqII32s", *e) for e in self.wait)
        at = self.put(b"GIDX", payload)
        self.pages.append((at, self.wait[0][2], self.wait[0][3], sha(self.out[at:])))
        self.page_at, self.wait = at, []

    def finish(self, atta=(), before_seek=(), until=None, after_tail=None):
        for name, mime, data in atta:
            name, mime = name.encode(), mime.encode()
            self.put(b"atta", struct.pack(">H", len(name)) + name
                     + struct.pack(">H", len(mime)) + mime + data)
        if self.wait:
            self.page()
        for tag, payload in before_seek:
            self.put(tag, payload)
        seek = self.put(b"SEEK", struct.pack(">I", len(self.seek))
                        + b"".join(struct.pack(">QQ", *e) for e in self.seek))
        m = {"project": "Harmony\u00d84", "domain": "media", "masked": self.masked,
             "tags": self.tags or {}, "tracks": [{"id": i, "tags": {}} for i in self.all_ids]}
        if self.toc is not None:
            m["toc"] = self.toc
        meta = self.put(b"META", dump(m))
        if after_tail:
            self.put(*after_tail)
        safe = self.put(b"SAFE", dump(self.safe or SAFE))
        root = self.put(b"GIDX", struct.pack(">IIQ", 1 << 24, len(self.pages), self.page_at)
                        + b"".join(struct.pack(">QQq32s", *p) for p in self.pages))
        times = self.times
        dur = max(times) - min(times) if times else 0
        foot = self.put(b"FOOT", struct.pack(
            ">12Q", len(self.out), seek, meta, safe, root, self.blocks, dur, self.spans,
            0, 0, 0, 0))
        if self.sign_it:
            body = sha(self.out[8:])
            inner = sha(HEADER, self.first_trak, bytes(self.out[meta:root]),
                        bytes(self.out[root:foot]), bytes(self.out[foot:])) \
                if not after_tail else bytes(32)
            self.put(b"SIGN", ed25519_public(self.seed) + body + ed25519_sign(
                self.seed, b"H4MK|sign|v1" + body + inner))
        self.put(b"VERI", sha(self.out[8:]))
        return bytes(self.out)


def walk(b):
    """[(tag, start, end)]"""
    out, p = [], 8
    while p + 12 <= len(b):
        n, = struct.unpack(">I", b[p + 4:p + 8])
        out.append((b[p:p + 4], p, p + 12 + n))
        p += 12 + n
    return out


def reveri(b):
    """A new VERI for changed bytes."""
    at = walk(b)[-1][1]
    return b[:at] + chunk(b"VERI", sha(b[8:at]))


def span_media(i, audio=True, salt=b""):
    """A second: I P B B of video, four blocks of audio; two groups."""
    base = i * SEC
    v = []
    for k, (off, fl) in enumerate(((0, KEY), (750, 0), (250, REORDERED),
                                   (500, REORDERED | DROPPABLE))):
        v.append(block(1, base + off * MS, 250 * MS, fl, b"v%d.%d" % (i, k) + salt,
                       dts=base + (k - 1) * 250 * MS))
    if not audio:
        return [v[:2], v[2:]]
    a = [block(2, base + k * 250 * MS, 250 * MS, KEY, b"a%d.%d" % (i, k)) for k in range(4)]
    return [[v[0], a[0], v[1], a[1]], [v[2], a[2], v[3], a[3]]]


def media(n=3, seed=None, finish=True, salt=b"", **kw):
    w = Writer([VIDEO, AUDIO], seed=seed, **kw)
    for i in range(n):
        w.span(span_media(i, salt=salt))
    return w.finish() if finish else w


class Forge:
    def __init__(self, out):
        self.out, self.list = out, []

    def add(self, name, data, code, why, trusted=(), verdict=None):
        with open(os.path.join(self.out, name + ".h4mk"), "wb") as f:
            f.write(data)
        self.judge(name, code, why, trusted, verdict)

    def judge(self, name, code, why, trusted=(), verdict=None):
        if verdict is None:
            verdict = {0: "complete", 1: "damaged or forged", 3: "unproven"}[code]
        self.list.append({"file": name + ".h4mk", "trusted_keys": [k.hex() for k in trusted],
                          "exit": code, "verdict": verdict, "why": why})


def proven(n):
    return "proven up to block %d, end unknown" % n


def data_file(blocks, tracks=None, **kw):
    """One span, one group."""
    fin = {k: kw.pop(k) for k in ("atta", "before_seek", "after_tail") if k in kw}
    return Writer(tracks or [DATA], **kw).span([blocks]).finish(**fin)


def tampered(tag, n, change, **kw):
    def f(t, k, p):
        return change(p) if t == tag and k == n else p
    return media(tamper=f, **kw)


def put_u64(at, v):
    return lambda p: p[:at] + struct.pack(">Q", v) + p[at + 8:]


def whole_files(f):
    unknown = "consistent, signer unknown"
    plain, signed = media(), media(seed=SEED)
    f.add("whole", plain, 0, "three spans of video and audio")
    f.judge("whole", 3, "a key is asked for, the file is unsigned", [PUB])
    f.add("signed", signed, 0, "signed by the trusted key", [PUB])
    f.judge("signed", 0, "one of two trusted keys", [FOREIGN_PUB, PUB])
    f.judge("signed", 3, "no key is trusted", [], unknown)
    f.judge("signed", 1, "another key is trusted", [FOREIGN_PUB])
    f.add("foreign-key", media(seed=FOREIGN), 1, "signed by a foreign key", [PUB])
    f.add("quiet-key", media(seed=SEED, announce=False), 0,
          "signed by the trusted key, not announced", [PUB])
    f.judge("quiet-key", 1, "another key is trusted", [FOREIGN_PUB])
    f.judge("quiet-key", 3, "no key is trusted", [], unknown)
    f.add("no-links", media(links=False), 0, "no LINK at all")
    f.add("no-links-signed", media(links=False, seed=SEED), 0, "no LINK, but SIGN", [PUB])
    f.add("no-links-no-sign", media(links=False, seed=SEED, sign=False), 3,
          "announced, neither LINK nor SIGN", [PUB])
    f.add("empty", media(0), 0, "no spans")
    f.add("empty-tracks", Writer([]).finish(), 0, "no tracks, no spans")
    f.add("spans-600", many_spans(600), 0, "two pages")
    f.add("spans-512", many_spans(512), 0, "one full page")
    f.add("spans-1030-no-links", many_spans(1030, links=False), 0, "three pages, no LINK")
    f.add("late-page", many_spans(600, page=600), 1, "600 spans in one page")
    f.add("early-page", many_spans(20, page=10), 1, "a page of 10 spans amid the file")
    f.add("foreign-base", base_file(), 0, "base profile")
    f.judge("foreign-base", 3, "a key is asked for", [PUB])
    b = base_file()
    f.add("base-cut", b[:-50], 3, "base profile, cut")
    f.add("base-unknown-tags", base_file(extra=chunk(b"XTRA", b"?") + chunk(b"TOKN", b"?")), 0,
          "unknown tags are skipped in the base profile")
    f.add("base-no-cores", base_file(0), 0, "base profile without blocks")
    f.add("base-seek-lie", base_file(lie=True), 1, "an offset in SEEK is wrong")


def base_file(n=5, extra=b"", lie=False):
    out = HEADER + b"".join(chunk(b"CORE", bytes([i]) * (10 + i)) for i in range(n)) + extra
    offs = [sum(10 + k for k in range(i)) for i in range(n)]
    seek = [(i * 33333, offs[i] + lie) for i in range(0, n, 2)]
    out += chunk(b"SEEK", struct.pack(">I", len(seek))
                 + b"".join(struct.pack(">QQ", *e) for e in seek))
    out += chunk(b"META", dump({"project": "Harmony\u00d84", "domain": "video-transport",
                                "block_size": 16, "fps_hint": 30.0, "gop": 2,
                                "masked": False}))
    out += chunk(b"SAFE", dump(SAFE))
    return out + chunk(b"VERI", sha(out[8:]))


def many_spans(n, **kw):
    w = Writer([DATA], **kw)
    for i in range(n):
        # a track without key blocks before its history keeps refs short
        w.history = w.history[-2:]
        w.span([[block(4, i * SEC, SEC, KEY, b"%d" % i)]])
    return w.finish()


def cuts_and_joins(f):
    plain, signed = media(), media(seed=SEED)
    unknown = "consistent, signer unknown"
    cs = walk(plain)
    links = [c for c in cs if c[0] == b"LINK"]
    f.add("cut-header", plain[:8], 3, "the header alone")
    f.add("cut-in-header", plain[:5], 3, "half the header")
    f.add("cut-nothing", b"", 3, "no byte")
    f.add("cut-in-trak", plain[:60], 3, "within TRAK")
    f.add("cut-span-1", plain[:links[0][1]], 3, "before the first LINK")
    f.add("cut-link-1", plain[:links[0][2]], 3, "after the first LINK", (), proven(8))
    f.add("cut-span-2", plain[:links[1][1] - 3], 3, "in the last CORE of span 2", (), proven(8))
    f.add("cut-in-link-2", plain[:links[1][1] + 20], 3, "in LINK 2", (), proven(8))
    f.judge("cut-in-link-2", 3, "and a key is asked for", [PUB])
    for tag in (b"SEEK", b"META", b"SAFE", b"FOOT", b"VERI"):
        at = next(c for c in cs if c[0] == tag)[1]
        f.add("cut-at-" + tag.decode().lower(), plain[:at], 3, "before " + tag.decode(), (),
              proven(24))
        f.add("cut-in-" + tag.decode().lower(), plain[:at + 13], 3, "within " + tag.decode(),
              (), proven(24))
    sl = [c for c in walk(signed) if c[0] == b"LINK"]
    f.add("cut-signed", signed[:sl[1][2] + 40], 3, "cut after LINK 2, signed", [PUB],
          proven(16))
    f.judge("cut-signed", 3, "no key is trusted", [], unknown)
    f.judge("cut-signed", 1, "another is trusted", [FOREIGN_PUB])
    f.add("cut-no-links", media(links=False)[:-200], 3, "no LINK, no end")

    def joined(b, at):
        return b[:walk(b)[0][2]] + b[at:]
    f.add("joined", joined(plain, links[0][2]), 3, "joined at span 2, unsigned")
    f.add("joined-signed", joined(signed, sl[0][2]), 3, "joined at span 2, signed", [PUB],
          proven(24))
    f.judge("joined-signed", 3, "no key is trusted", [], unknown)
    tk = [c for c in walk(signed) if c[0] == b"TOKN"]
    f.add("joined-mid-span", joined(signed, tk[3][1]), 3, "joined within span 2, signed",
          [PUB], proven(24))
    f.add("joined-last", joined(signed, tk[5][1]), 3, "joined within the last span", [PUB])
    bare = media(links=False)
    f.add("joined-no-links", joined(bare, [c for c in walk(bare) if c[0] == b"TOKN"][2][1]), 3,
          "joined, without LINKs")
    f.add("joined-cut", joined(signed, sl[0][2])[:-400], 3, "joined, then cut", [PUB],
          proven(24))
    b = bytearray(joined(signed, sl[0][2]))
    at = [c for c in walk(bytes(b)) if c[0] == b"LINK"][1]
    pay = bytearray(b[at[1] + 12:at[2]])
    pay[40] ^= 1
    f.add("joined-forged", bytes(b[:at[1]]) + chunk(b"LINK", bytes(pay)) + bytes(b[at[2]:]), 1,
          "joined, a LINK's chain changed", [PUB])
    many = many_spans(600)
    ml = [c for c in walk(many) if c[0] == b"LINK"]
    f.add("joined-before-page", joined(many, ml[299][2]), 3, "joined before the first page")
    f.add("joined-at-page", joined(many, ml[511][2]), 3, "joined just before a page's chunk")
    f.add("joined-after-page", joined(many, ml[549][2]), 3, "joined after the first page")
    b = joined(many, ml[299][2])
    at = next(c for c in walk(b) if c[0] == b"GIDX")
    pay = bytearray(b[at[1] + 12:at[2]])
    pay[-40 - 72 * 5] ^= 1
    f.add("joined-page-lie", b[:at[1]] + chunk(b"GIDX", bytes(pay)) + b[at[2]:], 1,
          "joined, a page lies about a span that is there")
    cs = walk(many)
    page = next(c for c in cs if c[0] == b"GIDX")
    f.add("page-first", many[:cs[0][2]] + many[page[1]:page[2]] + many[cs[0][2]:], 1,
          "a page before the first span")
    none = media(0)
    f.add("page-alone", none[:walk(none)[0][2]] + many[page[1]:page[2]]
          + none[walk(none)[0][2]:], 1, "a page, and no span")
    f.add("glued", plain + plain, 1, "two files glued together")


def surgery(f):
    for keyed in (False, True):
        seed, keys, pre = (SEED, [PUB], "signed-") if keyed else (None, [], "")
        b = media(seed=seed, salt=b"y")
        ends = [c[2] for c in walk(b) if c[0] == b"LINK"]
        head = b[:walk(b)[0][2]]
        spans = [b[p:q] for p, q in zip([len(head)] + ends[:-1], ends)]
        tail = b[ends[-1]:]

        def put(name, parts, why):
            f.add(pre + name, reveri(head + b"".join(parts) + tail), 1, why, keys)
        put("reordered", [spans[0], spans[2], spans[1]], "spans 2 and 3 changed places")
        put("repeated", [spans[0], spans[1], spans[1], spans[2]], "span 2 stands twice")
        put("dropped", [spans[0], spans[2]], "span 2 is missing")
        f.add(pre + "dropped-first", reveri(head + b"".join(spans[1:]) + tail), 3,
              "span 1 is missing: a stream joined midway", keys,
              proven(24) if keyed else "unproven")
        other = media(seed=seed, salt=b"x")
        oe = [c[2] for c in walk(other) if c[0] == b"LINK"]
        put("spliced", [spans[0], other[oe[0]:oe[1]], spans[2]], "span 2 of another recording")
    b = media(4, seed=SEED)
    cs = walk(b)
    i = next(k for k, c in enumerate(cs) if c[0] == b"SIGN")
    f.add("sign-stripped", reveri(b[:cs[i][1]] + b[cs[i][2]:]), 3, "SIGN taken out", [PUB],
          proven(32))
    f.add("half-refinalised", media(2, seed=SEED, sign=False), 3,
          "half the spans dropped, a new end, no SIGN", [PUB], proven(16))
    f.judge("half-refinalised", 3, "no key is trusted", [], "consistent, signer unknown")
    w = media(2, seed=SEED, finish=False)
    w.seed = FOREIGN
    f.add("half-resigned", w.finish(), 1, "a new end, SIGN by a foreign key", [PUB])
    sign = b[cs[i][1]:cs[i][2]]
    half = media(2, seed=SEED, sign=False)
    f.add("half-old-sign", reveri(half[:-44] + sign + half[-44:]), 1,
          "half the spans, a new end, the old SIGN", [PUB])
    cs = walk(half)
    seek = next(c[1] for c in cs if c[0] == b"SEEK")
    trak = half[cs[0][1]:cs[0][2]]
    f.add("trak-before-seek", reveri(half[:seek] + trak + half[seek:]), 1,
          "a TRAK between the last LINK and SEEK", [PUB])
    plain = media()
    cs = walk(plain)
    seek = next(c[1] for c in cs if c[0] == b"SEEK")
    f.add("trak-before-seek-unsigned", reveri(plain[:seek] + chunk(b"TRAK", dump(
        {"v": 1, "tracks": [AUDIO]})) + plain[seek:]), 1, "the same, unsigned")
    names = ("self", "seek", "meta", "safe", "root", "blocks", "duration", "spans", "zero")
    for k, n in enumerate(names):
        f.add("foot-" + n, tampered(b"FOOT", 1, put_u64(8 * k, 7)), 3 if n == "self" else 1,
              "FOOT lies about " + n, (), proven(24) if n == "self" else None)
    f.add("foot-self-signed", tampered(b"FOOT", 1, put_u64(0, 7), seed=SEED), 3,
          "FOOT is not at its own offset, signed", [PUB], proven(24))
    f.add("second-meta", media(0, finish=False).finish(after_tail=(b"META", b"{}")), 1,
          "META stands twice")
    f.add("unsigned-link", tampered(b"LINK", 2, lambda p: p[:64], seed=SEED), 1,
          "a LINK without a signature", [PUB])
    f.judge("unsigned-link", 1, "a key is announced", [])
    f.add("wrong-signature", tampered(b"LINK", 2, lambda p: p[:127] + bytes([p[127] ^ 1]),
                                      seed=SEED), 1, "a LINK's signature", [PUB])
    f.add("sign-wrong", tampered(b"SIGN", 1, lambda p: p[:70] + bytes([p[70] ^ 1]) + p[71:],
                                 seed=SEED), 1, "SIGN's signature", [PUB])
    f.add("sign-body", tampered(b"SIGN", 1, lambda p: p[:32] + bytes(32) + p[64:], seed=SEED),
          1, "SIGN's body", [PUB])
    for n, at, v in (("seq", 0, 9), ("self", 8, 9), ("start", 16, 0), ("page", 24, 8)):
        f.add("link-" + n, tampered(b"LINK", 2, put_u64(at, v)), 1, "LINK lies about " + n)
    f.add("link-chain", tampered(b"LINK", 2, lambda p: p[:32] + bytes(32)), 1, "LINK's chain")
    f.add("link-zero-first", tampered(b"LINK", 1, put_u64(0, 0)), 1, "seq 0")
    for n, at in (("offset", 16), ("trak", 24), ("first-block", 32), ("pts", 40),
                  ("flags", 48), ("blocks", 52), ("leaf", 56)):
        f.add("page-" + n, tampered(b"GIDX", 1, lambda p, a=at: p[:a] + b"\x01" + p[a + 1:]), 1,
              "a page's " + n)
    w = media(finish=False)
    at = len(w.out)
    f.add("page-cycle", tampered(b"GIDX", 1, put_u64(8, at)), 1, "a page before itself")
    f.add("root-cycle", tampered(b"GIDX", 2, put_u64(8, at * 3)), 1, "the root's prev")
    f.add("link-cycle", tampered(b"LINK", 2, lambda p: p[:16] + p[8:16] + p[24:]), 1,
          "a LINK whose span begins at itself")
    f.add("ref-cycle", data_tamper(lambda p: p[:-1] + b"\x01\x04\x00"), 1, "a ref to itself")
    f.add("root-hash", tampered(b"GIDX", 2, lambda p: p[:-1] + bytes([p[-1] ^ 1])), 1,
          "the root's hash of a page")
    f.add("veri", tampered(b"VERI", 1, lambda p: bytes(32)), 1, "VERI")
    f.add("seek-lie", tampered(b"SEEK", 1, lambda p: p[:-1] + bytes([p[-1] ^ 1])), 1, "SEEK")
    f.add("last-link-missing", last_unlinked(), 1, "the last span has no LINK")
    # inside a CORE
    inner = media()
    b = data_file([block(4, 0, SEC, KEY, inner), block(4, SEC, SEC, 0, inner)])
    f.add("file-in-core", b, 0, "a file in a CORE")
    f.add("file-in-core-cut", b[:b.index(inner) + len(inner)], 3, "cut after the file in a CORE")
    f.add("file-in-core-cut-2", b[:b.rindex(inner) + len(inner) - 30], 3, "cut within it")
    w = Writer([DATA]).span([[block(4, 0, SEC, KEY, b"one")]])
    size = len(w.out) + len(chunk(b"TOKN", tokn(1, [block(4, SEC, SEC, KEY, bytes(88))],
                                                w.refs(len(w.out), [block(4, SEC)])))) + 12
    fake = chunk(b"LINK", struct.pack(">QQQQ", 2, size, w.begin, 0) + bytes(32))
    w.span([[block(4, SEC, SEC, KEY, fake + bytes(12))]])
    b = w.finish()
    f.add("link-in-core", b, 0, "a LINK forged in a CORE")
    f.add("link-in-core-cut", b[:b.index(fake) + len(fake)], 3, "and the file cut after it", (),
          proven(1))


def last_unlinked():
    w = Writer([VIDEO, AUDIO]).span(span_media(0)).span(span_media(1), link=False)
    w.seq = 1
    return w.finish()


def data_tamper(change, blocks=None, **kw):
    def t(tag, n, p):
        return change(p) if tag == b"TOKN" and n == 1 else p
    return data_file(blocks or [block(4, 0, SEC, KEY, b"data")], tamper=t, **kw)


def bytes_and_tags(f):
    b = media(seed=SEED)
    seen = {}
    for tag, p, q in walk(b):
        name = tag.decode().lower()
        seen[name] = seen.get(name, 0) + 1
        if name == "gidx":
            name = ("page", "root")[seen[name] - 1]
        elif seen[name] > 1:
            continue
        f.add("byte-" + name, b[:p + 14] + bytes([b[p + 14] ^ 4]) + b[p + 15:], 1,
              "a byte of " + name, [PUB])
        f.add("crc-" + name, b[:p + 9] + bytes([b[p + 9] ^ 4]) + b[p + 10:], 1,
              "the CRC of " + name, [PUB])
        f.add("length-" + name, b[:p + 4] + b"\x7f" + b[p + 5:], 1,
              "the length of " + name, [PUB])
    w = Writer([VIDEO, AUDIO]).span(span_media(0))
    f.add("lower-between", w.span(span_media(1), lower=[(b"xtra", b"hello")]).finish(
        before_seek=[(b"ytra", b"")]), 0, "unknown lower-case chunks between spans")
    w = Writer([VIDEO, AUDIO], links=False).span(span_media(0))
    f.add("lower-between-no-links", w.span(span_media(1), lower=[(b"xtra", b"hello")]).finish(),
          0, "the same without LINKs")
    w = Writer([VIDEO, AUDIO]).span(span_media(0), lower=[(b"xtra", b"hello")])
    f.add("lower-before-first", w.finish(), 0, "a lower-case chunk before the first span")
    w = Writer([VIDEO, AUDIO]).span(span_media(0))
    f.add("upper-between", w.span(span_media(1), lower=[(b"XTRA", b"hello")]).finish(), 1,
          "an unknown upper-case chunk: needs a newer reader")
    for tag in (b"xtra", b"XTRA", b"atta"):
        for name, where in (("core", b"CORE"), ("link", b"LINK"), ("meta", b"META"),
                            ("veri", b"VERI"), ("second-core", None)):
            c = walk(media())
            at = ([x for x in c if x[0] == b"CORE"][2] if where is None else
                  next(x for x in c if x[0] == where))[1]
            m = media()
            f.add("%s-at-%s" % (tag.decode() if tag != b"XTRA" else "upper", name),
                  reveri(m[:at] + chunk(tag, b"\0\0\0\0") + m[at:]), 1,
                  "%s before a %s" % (tag.decode(), name))
    m = media()
    f.add("after-veri", m + chunk(b"xtra", b""), 1, "a chunk after VERI")
    f.add("after-veri-byte", m + b"\0", 1, "a byte after VERI")
    w = Writer([VIDEO, AUDIO]).span(span_media(0))
    tk = [c for c in walk(bytes(w.out)) if c[0] == b"TOKN"][1][1]
    f.add("lower-between-groups", bytes(w.out[:tk]) + chunk(b"xtra", b"") + bytes(w.out[tk:]),
          1, "a lower-case chunk between groups of a span that has a LINK")
    f.add("not-h4mk", b"RIFF" + m[4:], 1, "another file")
    f.add("version-2", m[:4] + b"\0\2" + m[6:], 1, "version 2")
    f.add("reserved-1", m[:6] + b"\0\1" + m[8:], 1, "reserved is 1")


def tokens(f):
    f.add("varint-long-count", data_tamper(lambda p: b"\x81\0" + p[1:]), 1, "not the shortest")
    f.add("varint-long-refs", data_tamper(lambda p: p[:-1] + b"\x80\0"), 1, "not the shortest")
    f.add("varint-11-bytes", data_tamper(lambda p: p[:1] + b"\x80" * 10 + b"\1" + p[2:]), 1,
          "a varint of 11 bytes")
    f.add("varint-66-bits", data_tamper(lambda p: p[:1] + b"\xff" * 9 + b"\2" + p[2:]), 1,
          "a tenth byte of 2")
    f.add("count-huge", data_tamper(lambda p: varint(1 << 62) + p[1:]), 1, "a huge count")
    f.add("count-zero", data_tamper(lambda p: b"\0\0\0"), 1, "no records")
    f.add("count-two", data_tamper(lambda p: b"\2" + p[1:]), 1, "two records, one there")
    f.add("refs-huge", data_tamper(lambda p: p[:-1] + varint(1 << 60)), 1, "huge refs")
    f.add("refs-before", data_tamper(lambda p: p[:-1] + b"\1\4\x10"), 0,
          "a ref to before the first TOKN is ignored")
    f.add("tokn-trailing", data_tamper(lambda p: p + b"\0"), 1, "trailing bytes")
    f.add("tokn-empty", data_tamper(lambda p: b""), 1, "an empty TOKN")
    f.add("tokn-size", data_tamper(lambda p: p[:-2] + b"\5\0"), 1, "a size that is not")
    f.add("size-huge", data_tamper(lambda p: p[:-2] + varint(1 << 40) + b"\0"), 1, "1 TiB")
    f.add("track-unknown", data_file([block(9, 0, SEC, KEY, b"x")]), 1, "a track not in TRAK")
    f.add("first-block", data_tamper(lambda p: p[:1] + b"\5" + p[2:]), 1,
          "a file that begins at block 5 with seq 1")
    big = (1 << 63) - 1
    f.add("sum-pts-end", data_file([block(4, big, 1, KEY, b"x")]), 1, "pts + duration")
    f.add("sum-pts", data_tamper(
        lambda p: b"\2\0" + (varint(0) + b"\4" + varint((1 << 64) - 2) + b"\1") * 2 + b"\0",
        [block(4, 0, None, 0, b"x"), block(4, 0, None, 0, b"x")]), 1, "two large pts")
    f.add("sum-dts", data_file([block(4, big, None, KEY, b"x", dts=None)], tamper=lambda t, n, p:
          b"\1\0" + varint(KEY | HAS_DTS) + b"\4" + svarint(big) + svarint(-5) + b"\1\0"
          if t == b"TOKN" else p), 1, "pts - (-5)")
    f.add("sum-index", data_tamper(
        lambda p: b"\3\0" + (varint(HAS_INDEX | NO_PTS) + b"\4" + svarint(big) + b"\1") * 3
        + b"\0", [block(4, None, data=b"x", index=0)] * 3), 1, "a third index past 64 bits")
    f.add("sum-first", data_tamper(lambda p: p[:1] + varint((1 << 64) - 1) + p[2:]), 1,
          "first_block + count")
    f.add("edge-pts", data_file([block(4, big, 0, KEY, b"x")]), 0, "the largest pts")
    f.add("edge-negative", data_file([block(4, I64_MIN, 0, KEY, b"x")]), 0, "the smallest pts")
    f.add("records-65536", data_file([block(4, None)] * 65536), 0, "65 536 records")
    f.add("records-65537", data_file([block(4, None)] * 65537), 1, "65 537 records")
    f.add("zero-core", data_file([block(4, 0, 0, KEY, b"")]), 0, "a CORE of no bytes")
    f.add("negative-duration", data_file([block(4, 0, -1, KEY, b"a")]), 1, "a duration below zero")
    f.add("no-times", data_file([block(4, None, None, KEY, b"a"), block(4, None, 5, 0, b"b"),
                                 block(4, None, None, 0, b"c", dts=-7)]), 0, "absent times")
    f.add("negative-times", data_file([block(4, -SEC, SEC // 2, KEY, b"a", dts=-2 * SEC),
                                       block(4, -3, None, 0, b"b"),
                                       block(4, 2, 9, 0, b"c")]), 0, "negative times")
    w = Writer([VIDEO])
    for i in (-2, -1, 0):
        w.span(span_media(i, audio=False))
    f.add("negative-spans", w.finish(), 0, "spans before 0: not in SEEK")
    f.add("ext", data_file([block(4, 0, SEC, KEY, b"a", ext=b"hello"),
                            block(4, SEC, SEC, 0, b"b", ext=b"")]), 0, "EXT records")
    f.add("ext-too-long", data_tamper(lambda p: p.replace(b"\5hello", b"\x7fhello"),
                                      [block(4, 0, SEC, KEY, b"a", ext=b"hello")]), 1,
          "an EXT that does not fit")
    f.add("flags-unknown", data_file([block(4, 0, SEC, KEY | 1 << 40, b"a")]), 0,
          "unknown flags add no bytes")
    f.add("masked", data_file([block(4, 0, SEC, KEY, b"a", index=7),
                               block(4, SEC, SEC, 0, b"b", index=8),
                               block(4, 2 * SEC, SEC, 0, b"c", index=20)], [MASKED], masked=True), 0,
          "indices of a masked track")
    f.add("masked-no-blocks", data_file([block(1, 0, SEC, KEY, b"a")], [VIDEO, MASKED], masked=True), 0,
          "a masked track without blocks beside a clear one without indices")
    f.add("masked-no-index", data_file([block(4, 0, SEC, KEY, b"a")], [MASKED], masked=True), 1,
          "masked without indices")
    f.add("masked-not", data_file([block(4, 0, SEC, KEY, b"a")], masked=True), 1, "masked says META alone")
    f.add("masked-unsaid", data_file([block(4, 0, SEC, KEY, b"a", index=0)], [MASKED]), 1, "masked says TRAK alone")
    f.add("masked-some", data_file([block(4, 0, SEC, KEY, b"a", index=0),
                                    block(4, SEC, SEC, 0, b"b")], [MASKED], masked=True), 1,
          "masked, one block without an index")
    f.add("index-negative", data_file([block(4, 0, SEC, KEY, b"a", index=-1)]), 1, "index -1")
    f.add("reordered-missing", reorder(0), 1, "REORDERED left out")
    f.add("reordered-wrong", reorder(REORDERED, up=True), 1, "REORDERED where pts rises")
    f.add("reordered-key", reorder(REORDERED | KEY), 1, "REORDERED on a key block")
    f.add("reordered-anew", reorder(KEY), 0, "a key block below the largest pts starts anew")
    f.add("core-extra", extra_core(), 1, "a CORE that no TOKN announces")


def reorder(flags, up=False):
    return data_file([block(4, 0, SEC, KEY, b"a"), block(4, 5 * SEC, SEC, 0, b"b"),
                      block(4, (9 if up else 3) * SEC, SEC, flags, b"c")])


def extra_core():
    b = data_file([block(4, 0, SEC, KEY, b"a")])
    at = next(c for c in walk(b) if c[0] == b"LINK")[1]
    return b[:at] + chunk(b"CORE", b"z") + b[at:]


def subtitles(f):
    def make(drop=False, links=True):
        t = (lambda tag, n, p: tokn(4, g2, []) if tag == b"TOKN" and n == 2 else p) \
            if drop else None
        w = Writer([VIDEO, TEXT], tamper=t, links=links)
        g1 = [block(1, 0, SEC, KEY, b"v"), block(3, 0, 10 * SEC, 0, b"long"),
              block(3, SEC // 2, None, 0, b"open"), block(1, SEC, SEC, 0, b"p")]
        g2 = [block(1, 2 * SEC, SEC, KEY, b"w"), block(1, 3 * SEC, SEC, 0, b"q")]
        g3 = [block(1, 4 * SEC, SEC, KEY, b"x"), block(3, 4 * SEC, SEC, 0, b"next")]
        g4 = [block(1, 6 * SEC, SEC, KEY, b"y")]
        g5 = [block(1, 20 * SEC, SEC, KEY, b"z")]
        for g in (g1, g2, g3, g4, g5):
            w.span([g])
        return w.finish()
    f.add("subtitles", make(), 0, "refs of long and open subtitles")
    f.add("subtitles-no-links", make(links=False), 0, "the same without LINKs")
    f.add("subtitles-no-refs", make(True), 1, "the refs left out")
    w = Writer([AUDIO])
    w.span([[block(2, 0, 5 * SEC, KEY, b"long"), block(2, SEC, SEC, KEY, b"a")],
            [block(2, 2 * SEC, SEC, KEY, b"b")]])
    w.span([[block(2, 3 * SEC, SEC, KEY, b"c")]])
    f.add("audio-refs", w.finish(), 0, "an audio block lasting beyond the next span's start")

    def mid(tag, n, p):
        return p[:-1] + b"\1\1\x1e" if tag == b"TOKN" and n == 2 else p
    f.add("refs-mid-span", Writer([VIDEO], tamper=mid).span(span_media(0, False)).finish(), 1,
          "refs in a TOKN that is not its span's first")


def traks(f):
    def one(name, code, why, raw):
        f.add("trak-" + name, Writer([DATA], trak=raw if isinstance(raw, bytes) else dump(raw))
              .span([[block(4, 0, SEC, KEY, b"x")]]).finish(), code, why)
    good = {"v": 1, "tracks": [DATA]}

    def track(**kw):
        return {"v": 1, "tracks": [dict(DATA, **kw)]}
    one("full", 0, "every member", {
        "v": 1, "need": [], "uuid": "6e8bc430-9c3a-11d9-9669-0800200c9a66",
        "start_unix_ns": 1700000000000000000, "tags": {"title": ["a \"b\" \\ \u0001 \u00e9"]},
        "tracks": [{"id": 4, "kind": "data", "caps": "a/b", "codec": "x", "name": "n",
                    "language": "de", "stream_id": "s",
                    "tags": {"bitrate": [1, 2.5, True, "(uint64)7"]}}]})
    one("space", 1, "white space", b'{"v":1, "tracks":[]}')
    one("order", 1, "members out of order", {"tracks": [DATA], "v": 1})
    one("order-track", 1, "members of a track out of order",
        {"v": 1, "tracks": [{"kind": "data", "id": 4, "caps": "a/b"}]})
    one("twice", 1, "a member twice", b'{"v":1,"v":1,"tracks":[]}')
    one("unknown-member", 1, "an unknown member", {"v": 1, "x": 1, "tracks": [DATA]})
    one("escape", 1, "an escape that is not needed",
        dump(track(name="n")).replace(b'"n"}', b'"\\n"}'))
    one("escape-upper", 1, "upper-case hex", dump(track(name="\x1f")).replace(b"001f", b"001F"))
    one("utf8", 1, "not UTF-8", dump(track(name="n")).replace(b'"n"}', b'"\xff"}'))
    one("double", 1, "not the shortest double",
        dump({"v": 1, "tags": {"a": [1.5]}, "tracks": [DATA]}).replace(b"1.5", b"1.50"))
    one("exponent", 1, "a double without a point",
        dump({"v": 1, "tags": {"a": [1.5]}, "tracks": [DATA]}).replace(b"1.5", b"1e30"))
    one("tags-order", 1, "tags not sorted", {"v": 1, "tags": {"b": [1], "a": [1]},
                                            "tracks": [DATA]})
    one("tags-plain", 1, "a tag that is no array", {"v": 1, "tags": {"a": 1}, "tracks": [DATA]})
    one("trailing", 1, "bytes after the JSON", dump(good) + b"}")
    one("v2", 1, "version 2", {"v": 2, "tracks": [DATA]})
    one("v-true", 1, "v is true", {"v": True, "tracks": [DATA]})
    one("no-v", 1, "no v", {"tracks": [DATA]})
    one("no-tracks", 1, "no tracks", {"v": 1})
    one("need", 1, "a feature is needed", {"v": 1, "need": ["x"], "tracks": [DATA]})
    one("key-short", 1, "a short key", {"v": 1, "key": "00ff", "tracks": [DATA]})
    one("id-0", 1, "id 0", {"v": 1, "tracks": [dict(DATA, id=0), DATA]})
    one("id-twice", 1, "an id twice", {"v": 1, "tracks": [DATA, DATA]})
    one("kind", 1, "an unknown kind", track(kind="smell"))
    deep = b"[" * 9 + b"]" * 9
    one("deep", 1, "JSON too deep", b'{"v":1,"need":' + deep + b',"tracks":[]}')
    one("very-deep", 1, "JSON far too deep", b"[" * 100000)
    one("large", 1, "more than 1 MiB", track(name="n" * (1 << 20)))
    one("caps-empty", 1, "empty caps", track(caps=""))
    one("caps-any", 1, "any caps", track(caps="ANY"))
    one("caps-two", 1, "two structures", track(caps="a/b; c/d"))
    for n, v, code in (("sample", "(GstSample)0000", 1), ("structure", '(structure)"a,b=1;"', 1),
                       ("caps", '(GstCaps)"a/b"', 1), ("taglist", '(taglist)"a"', 1),
                       ("type", "(GType)int", 1), ("date", "(GstDateTime)2020", 1),
                       ("range", "(int)[ 1, 2 ]", 1), ("frange", "[ 1/1, 2/1 ]", 1),
                       ("deep", "<<<<<1>>>>>", 1), ("open", '"abc', 1),
                       ("in-array", "< (GstSample)00 >", 1), ("not-int", "(int)x", 1),
                       ("array", "<(int)1, <(fraction)1/2, <<(bitmask)0xf>>>>", 0),
                       ("list", "{ (string)a, (string)\"b c\" }", 0),
                       ("buffer", "(buffer)00ff", 0), ("bool", "(boolean)true", 0),
                       ("double", "(double)1.5", 0), ("bare", "plain", 0),
                       ("quoted", '(string)"a\\"b, (GstSample)c;"', 0)):
        one("caps-" + n, code, "caps: " + v, track(caps="a/b, x=" + v))
    one("caps-feature", 0, "caps with a feature",
        track(caps="video/x-raw(memory:SystemMemory), width=(int)1"))

    def two(name, code, why, tracks, raw=None, **kw):
        w = Writer([VIDEO, AUDIO], **kw).span(span_media(0))
        g = ([[block(1, SEC, SEC, KEY, b"v")]] if any(t["id"] == 1 for t in tracks) else
             [[block(tracks[0]["id"], SEC, SEC, KEY, b"v")]])
        f.add("traks-" + name, w.span(g, tracks=tracks, trak_raw=raw).finish(), code, why)
    two("caps", 0, "caps changed", [dict(VIDEO, caps="video/x-raw, width=(int)32"), AUDIO])
    two("came", 0, "a track came", [VIDEO, AUDIO, DATA])
    two("went", 0, "a track went", [AUDIO])
    two("no-links", 0, "the same without LINKs", [AUDIO], links=False)
    two("kind", 1, "an id with another kind", [dict(VIDEO, kind="data"), AUDIO])
    two("uuid", 1, "another uuid", [VIDEO], raw=dump({"v": 1, "uuid": "x", "tracks": [VIDEO]}))
    two("key", 1, "another key", [VIDEO],
        raw=dump({"v": 1, "key": FOREIGN_PUB.hex(), "tracks": [VIDEO]}))
    two("start-kept", 0, "start_unix_ns is repeated", [VIDEO],
        extra={"uuid": "u", "start_unix_ns": 5})
    two("start-lost", 1, "start_unix_ns is not repeated", [VIDEO],
        raw=dump({"v": 1, "uuid": "u", "tracks": [VIDEO]}),
        extra={"uuid": "u", "start_unix_ns": 5})
    w = Writer([VIDEO, AUDIO]).span(span_media(0))
    trak = chunk(b"TRAK", dump({"v": 1, "tracks": [VIDEO, AUDIO]}))
    f.add("traks-then-lower", bytes(w.out) + trak + chunk(b"xtra", b""), 1,
          "a later TRAK that no TOKN follows")
    f.add("traks-end", bytes(w.out) + trak, 3, "cut after a later TRAK", (), proven(8))
    mid = [c for c in walk(bytes(w.out)) if c[0] == b"TOKN"][1][1]
    f.add("traks-mid-span", bytes(w.out[:mid]) + trak + bytes(w.out[mid:]), 1,
          "a TRAK within a span that has a LINK")
    w = Writer([VIDEO, AUDIO], seed=SEED).span(span_media(0))
    p = len(w.out)
    w.span(span_media(1), tracks=[dict(VIDEO, name="new"), AUDIO]).span(span_media(2))
    q = w.starts[b"TRAK"][1]
    b = w.finish()
    f.add("traks-signed", b, 0, "a later TRAK, signed", [PUB])
    f.add("traks-joined", HEADER + b[q:], 3, "joined at a later TRAK", [PUB], proven(24))
    first = walk(b)[0][2]
    f.add("traks-joined-link", b[:first] + b[p:], 3, "joined just before a later TRAK", [PUB],
          proven(24))
    other = Writer([AUDIO], seed=SEED)
    f.add("traks-joined-other", bytes(other.out) + b[w.starts[b"LINK"][1] + 140:], 1,
          "joined, with a TRAK that was not in force", [PUB])


def documents(f):
    one = [block(4, 0, SEC, KEY, b"x")]
    png = ("0/image/0", "image/png", b"\x89PNG")
    f.add("atta", data_file(one, atta=[png, ("4/image/0", "image/jpeg", b"")]), 0, "attachments")
    for n, p in (("empty", b""), ("name", b"\xff\xffx"), ("mime", b"\0\1a\0\x09b"),
                 ("utf8", b"\0\1\xff\0\0")):
        f.add("atta-" + n, data_file(one, before_seek=[(b"atta", p)]), 1, "atta: bad " + n)
    f.add("toc", data_file(one, toc=[{"id": "1", "start_ns": 0, "end_ns": 5, "title": "t",
                                     "sub": [{"id": "2", "start_ns": 0, "end_ns": 5}]}]), 0,
          "a table of contents")
    f.add("toc-order", data_file(one, toc=[{"start_ns": 0, "id": "1", "end_ns": 5}]), 1,
          "members of toc out of order")
    f.add("meta-tags", data_file(one, tags={"title": ["x"], "z": [1.0, -2, "(date)2020"]}), 0,
          "tags")
    f.add("meta-tags-order", data_file(one, tags={"z": [1], "a": [1]}), 1, "tags not sorted")

    def nest(n):
        return b'{"a":' + b"[" * (n - 1) + b"]" * (n - 1) + b"}"
    f.add("safe-user", data_file(one, safe={"mine": True}), 0, "SAFE by the user")
    f.add("safe-deep-8", data_file(one, safe=nest(8)), 0, "JSON of depth 8")
    f.add("safe-deep-9", data_file(one, safe=nest(9)), 1, "JSON of depth 9")
    f.add("safe-very-deep", data_file(one, safe=b"[" * 60000), 1, "JSON of depth 60 000")
    f.add("safe-array", data_file(one, safe=b"[]"), 1, "SAFE is not an object")
    for tag in (b"SEEK", b"GIDX"):
        f.add("count-%s" % tag.decode().lower(), data_file(one, tamper=lambda t, n, p, tag=tag: (
            b"\xff\xff\xff\xff" + p[4:] if tag == b"SEEK" else p[:4] + b"\xff\xff\xff\xff" + p[8:])
            if t == tag and n == 1 else p), 1, "a huge count in " + tag.decode())
        f.add("trailing-%s" % tag.decode().lower(), data_file(
            one, tamper=lambda t, n, p, tag=tag: p + b"\0" if t == tag and n == 1 else p), 1,
            "trailing bytes in " + tag.decode())


def forge(out):
    os.makedirs(out, exist_ok=True)
    f = Forge(out)
    for part in (whole_files, cuts_and_joins, surgery, bytes_and_tags, tokens, subtitles,
                 traks, documents):
        part(f)
    with open(os.path.join(out, "verdicts.json"), "w", encoding="utf-8") as o:
        json.dump(f.list, o, indent=1)
        o.write("\n")
    return f.list


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: h4mkforge.py OUTDIR")
    print("%d verdicts" % len(forge(sys.argv[1])))
