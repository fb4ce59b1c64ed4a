# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A checker of H4MK version 1 containers, written from the format page alone.

    h4mkcheck.py [--json] [--lenient] [--trusted-key HEX]... FILE...

Exit: 0 complete, 1 damaged or forged, 2 usage or I/O, 3 sound, but cut off
or unproven.  With several files the gravest one counts (2, 1, 3, 0).
"""

import argparse
import bisect
import hashlib
import json
import mmap
import re
import struct
import sys
import zlib
from array import array

HEADER = b"H4MK\x00\x01\x00\x00"
I64_MIN, I64_MAX, U64_MAX = -(1 << 63), (1 << 63) - 1, (1 << 64) - 1
(KEY, HAS_DTS, HAS_DURATION, NO_PTS, DISCONT, DROPPABLE, F_HEADER, MARKER,
 GAP, CORRUPTED, RESYNC, HAS_INDEX, EXT, REORDERED) = (1 << i for i in range(14))

LIMIT_CORE, LIMIT_TRAK, LIMIT_OTHER = 1 << 30, 1 << 20, 64 << 20
MAX_TRACKS, MAX_DEPTH, MAX_RECORDS, PAGE_SPANS = 65535, 8, 65536, 512
MAX_SEEK = 262144
MAX_PROBLEMS = 200
KINDS = ("video", "audio", "subtitle", "data")
SAFE_TEXT = (b'{"scope":"container+transport-only","no_video_synthesis":true,'
             b'"no_pixel_semantics":true,"no_visual_ml":true}')
FIXED = {b"LINK": (64, 128), b"FOOT": (96,), b"SIGN": (128,), b"VERI": (32,)}


def sha(*parts):
    h = hashlib.sha256()
    for p in parts:
        h.update(p)
    return h.digest()


# ------------------------------------------------------------------ Ed25519

_P = 2 ** 255 - 19
_L = 2 ** 252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_D2 = 2 * _D % _P
_SQRT_M1 = pow(2, (_P - 1) // 4, _P)
_ZERO = (0, 1, 1, 0)


def _add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % _P
    b = (p[1] + p[0]) * (q[1] + q[0]) % _P
    c = p[3] * q[3] * _D2 % _P
    d = 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _dbl(p):
    a = p[0] * p[0] % _P
    b = p[1] * p[1] % _P
    c = 2 * p[2] * p[2] % _P
    h = a + b
    e = h - (p[0] + p[1]) ** 2
    g = a - b
    f = c + g
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _mul(s, p):
    r = _ZERO
    for bit in bin(s)[2:]:
        r = _dbl(r)
        if bit == "1":
            r = _add(r, p)
    return r


def _mul2(s, p, t, q):
    """s*p + t*q"""
    both, r = _add(p, q), _ZERO
    for i in range(max(s.bit_length(), t.bit_length()) - 1, -1, -1):
        r = _dbl(r)
        k = (s >> i & 1) | (t >> i & 1) << 1
        if k:
            r = _add(r, (p, q, both)[k - 1])
    return r


def _recover_x(y, sign):
    if y >= _P:
        return None
    x2 = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (_P + 3) // 8, _P)
    if (x * x - x2) % _P:
        x = x * _SQRT_M1 % _P
    if (x * x - x2) % _P:
        return None
    return _P - x if x & 1 != sign else x


_GY = 4 * pow(5, _P - 2, _P) % _P
_GX = _recover_x(_GY, 0)
_G = (_GX, _GY, 1, _GX * _GY % _P)


def _compress(p):
    zi = pow(p[2], _P - 2, _P)
    x, y = p[0] * zi % _P, p[1] * zi % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _decompress(s):
    y = int.from_bytes(s, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = _recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % _P)


def _expand(seed):
    h = hashlib.sha512(seed).digest()
    a = int.from_bytes(h[:32], "little")
    return a & ((1 << 254) - 8) | 1 << 254, h[32:]


def ed25519_public(seed):
    return _compress(_mul(_expand(seed)[0], _G))


def ed25519_sign(seed, message):
    a, prefix = _expand(seed)
    public = _compress(_mul(a, _G))
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % _L
    big_r = _compress(_mul(r, _G))
    k = int.from_bytes(hashlib.sha512(big_r + public + message).digest(), "little") % _L
    return big_r + ((r + k * a) % _L).to_bytes(32, "little")


_POINTS = {}


def ed25519_verify(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    if public not in _POINTS:
        _POINTS[public] = _decompress(public)
    a = _POINTS[public]
    if a is None:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= _L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(),
                       "little") % _L
    neg = (_P - a[0], a[1], 1, _P - a[3])
    return _compress(_mul2(s, _G, k, neg)) == signature[:32]


# ------------------------------------------------------------------ JSON

def is_masked(caps):
    return re.match(r"application/x-h4-masked *(,|$)", caps) is not None


class Bad(Exception):
    """What is wrong inside a payload."""


class Stop(Exception):
    """The walk cannot go on."""


_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_SPACE = re.compile(r"[ \t\r\n]*")
_PLAIN = re.compile('[^"\\\\\x00-\x1f]*')
_SHORT = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n",
          "r": "\r", "t": "\t"}


def _digits(text):
    mantissa = re.split("[eE]", text.lstrip("-"))[0].replace(".", "")
    return mantissa.strip("0")


class Json:
    """A strict reader: depth is limited, and form is judged when strict."""

    def __init__(self, data, strict):
        try:
            self.s = bytes(data).decode("utf-8")
        except UnicodeDecodeError:
            raise Bad("JSON is not UTF-8") from None
        self.p, self.strict = 0, strict

    def read(self):
        v = self.value(1)
        self.space()
        if self.p != len(self.s):
            raise Bad("bytes after the JSON")
        return v

    def space(self):
        e = _SPACE.match(self.s, self.p).end()
        if e != self.p and self.strict:
            raise Bad("white space in JSON at %d" % self.p)
        self.p = e

    def peek(self):
        self.space()
        if self.p >= len(self.s):
            raise Bad("JSON ends early")
        return self.s[self.p]

    def value(self, depth):
        c = self.peek()
        if c == "{" or c == "[":
            if depth > MAX_DEPTH:
                raise Bad("JSON deeper than %d" % MAX_DEPTH)
            self.p += 1
            return self.object(depth) if c == "{" else self.array(depth)
        if c == '"':
            return self.string()
        for word, v in (("true", True), ("false", False), ("null", None)):
            if self.s.startswith(word, self.p):
                self.p += len(word)
                return v
        return self.number()

    def object(self, depth):
        out = {}
        if self.peek() == "}":
            self.p += 1
            return out
        while True:
            if self.peek() != '"':
                raise Bad("JSON: a member's name is missing")
            name = self.string()
            if name in out:
                raise Bad("JSON: the member %r stands twice" % name)
            if self.peek() != ":":
                raise Bad("JSON: no colon")
            self.p += 1
            out[name] = self.value(depth + 1)
            c = self.peek()
            self.p += 1
            if c == "}":
                return out
            if c != ",":
                raise Bad("JSON: no comma")

    def array(self, depth):
        out = []
        if self.peek() == "]":
            self.p += 1
            return out
        while True:
            out.append(self.value(depth + 1))
            c = self.peek()
            self.p += 1
            if c == "]":
                return out
            if c != ",":
                raise Bad("JSON: no comma")

    def string(self):
        out, self.p = [], self.p + 1
        s = self.s
        while True:
            e = _PLAIN.match(s, self.p).end()
            out.append(s[self.p:e])
            self.p = e
            if e >= len(s):
                raise Bad("JSON: a string does not end")
            if s[e] == '"':
                self.p += 1
                return "".join(out)
            if s[e] != "\\":
                raise Bad("JSON: a bare control character")
            c = s[e + 1:e + 2]
            if c == "u":
                h = s[e + 2:e + 6]
                if not re.fullmatch("[0-9a-fA-F]{4}", h):
                    raise Bad("JSON: bad escape")
                v, n = int(h, 16), 6
                if self.strict and (v > 0x1f or h != h.lower()):
                    raise Bad("JSON: an escape that is not needed")
                if 0xd800 <= v < 0xdc00 and re.fullmatch(
                        r"\\u[dD][c-fC-F][0-9a-fA-F]{2}", s[e + 6:e + 12]):
                    v = 0x10000 + ((v - 0xd800) << 10) + int(s[e + 8:e + 12], 16) - 0xdc00
                    n = 12
                elif 0xd800 <= v < 0xe000:
                    raise Bad("JSON: half a surrogate")
                out.append(chr(v))
                self.p += n
            elif c in _SHORT and c:
                if self.strict and c not in '"\\':
                    raise Bad("JSON: an escape that is not needed")
                out.append(_SHORT[c])
                self.p += 2
            else:
                raise Bad("JSON: bad escape")

    def number(self):
        m = _NUMBER.match(self.s, self.p)
        if not m:
            raise Bad("JSON: no value at %d" % self.p)
        text, self.p = m.group(), m.end()
        if len(text) > 4000:
            raise Bad("JSON: a number too long")
        if not m.group(1) and not m.group(2):
            if self.strict and text == "-0":
                raise Bad("JSON: -0")
            return int(text)
        v = float(text)
        if v in (float("inf"), float("-inf")):
            raise Bad("JSON: a number too large")
        if self.strict:
            frac = m.group(1)
            if not frac:
                raise Bad("JSON: a double without a point")
            if _digits(text) != _digits(repr(v)) or (
                    frac != ".0" and frac.endswith("0")):
                raise Bad("JSON: %s is not the shortest form" % text)
        return v


def members(obj, spec, strict, what, required=()):
    """Types of known members, their order, and those that must be there."""
    if not isinstance(obj, dict):
        raise Bad("%s is not a JSON object" % what)
    names = [n for n, _ in spec]
    for n in required:
        if n not in obj:
            raise Bad("%s has no %s" % (what, n))
    last = -1
    for n, v in obj.items():
        if n not in names:
            if strict:
                raise Bad("%s: unknown member %r" % (what, n))
            continue
        i = names.index(n)
        if strict and i < last:
            raise Bad("%s: the member %s is out of order" % (what, n))
        last = i
        t = spec[i][1]
        if not isinstance(v, t) or (isinstance(v, bool) and t is not bool):
            raise Bad("%s: the member %s has a wrong type" % (what, n))


def check_tags(tags, strict, what):
    if not isinstance(tags, dict):
        raise Bad("%s: tags are not an object" % what)
    if strict and list(tags) != sorted(tags):
        raise Bad("%s: tags are not sorted" % what)
    for n, v in tags.items():
        if not isinstance(v, list):
            raise Bad("%s: the tag %s is not an array" % (what, n))
        for x in v:
            if not isinstance(x, (str, int, float, bool)):
                raise Bad("%s: the tag %s has a value of a wrong type" % (what, n))


def check_toc(toc, strict):
    if not isinstance(toc, list):
        raise Bad("META: toc is not an array")
    for e in toc:
        members(e, (("id", str), ("start_ns", int), ("end_ns", int), ("title", str),
                    ("sub", list)), strict, "META: toc entry")
        if "sub" in e:
            check_toc(e["sub"], strict)


def base_meta(payload, strict):
    m = Json(payload, strict).read()
    names = (("project", str), ("domain", str), ("block_size", int),
             ("fps_hint", (int, float)), ("gop", int), ("masked", bool))
    members(m, names, strict, "META", [n for n, _ in names])
    if m["project"] != "Harmony\u00d84" or m["domain"] != "video-transport":
        raise Bad("META: project or domain")
    if m["block_size"] < 1 or m["gop"] < 1 or not 1e-300 < m["fps_hint"] < 1e300:
        raise Bad("META: a value out of range")
    if strict and not isinstance(m["fps_hint"], float):
        raise Bad("META: fps_hint is not a double")
    return m


# ------------------------------------------------------------------ caps

_CAPS_NAME = re.compile(r"[A-Za-z][A-Za-z0-9/_.:+-]*")
_CAPS_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9/_.:+-]*")
_CAPS_TYPE = re.compile(r"\(\s*([A-Za-z0-9/_.:+-]+)\s*\)")
_CAPS_BARE = re.compile(r"[^\s,;<>{}\[\]\"()=]+")
_CAPS_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)
_CAPS_FEATURES = re.compile(r"\(\s*([A-Za-z][A-Za-z0-9_.:,\s-]*)\)")
_CAPS_TYPES = {t: g for g, names in {
    "int": "int i gint uint u guint int64 gint64 uint64 guint64 long glong ulong gulong "
           "char gchar uchar guchar short ushort",
    "float": "float f gfloat double d gdouble",
    "fraction": "fraction GstFraction",
    "bool": "boolean bool b gboolean",
    "string": "string str s gchararray",
    "bitmask": "bitmask GstBitmask",
    "buffer": "buffer buf GstBuffer",
    "array": "array GstValueArray", "list": "list GstValueList"}.items() for t in names.split()}
_CAPS_VALUE = {
    "int": re.compile(r"[+-]?(0[xX][0-9a-fA-F]+|[0-9]+)"),
    "float": re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?(inf|nan)"),
    "fraction": re.compile(r"[+-]?[0-9]+(/[+-]?[0-9]+)?"),
    "bool": re.compile(r"(?i:true|false|yes|no|t|f|1|0)"),
    "bitmask": re.compile(r"(0[xX])?[0-9a-fA-F]+"),
    "buffer": re.compile(r"([0-9a-fA-F]{2})*")}


class Caps:
    def __init__(self, text):
        self.s, self.p = text, 0

    def eat(self, pattern, what):
        m = pattern.match(self.s, self.p)
        if not m:
            raise Bad("caps: %s expected at %d" % (what, self.p))
        self.p = m.end()
        return m

    def ws(self):
        self.p = _SPACE.match(self.s, self.p).end()

    def check(self):
        if not self.s.strip():
            raise Bad("caps are empty")
        if "\0" in self.s:
            raise Bad("caps with a NUL")
        if self.s.strip() in ("ANY", "EMPTY", "NONE"):
            raise Bad("caps are not fixed")
        self.eat(_CAPS_NAME, "a media type")
        self.ws()
        if self.s[self.p:self.p + 1] == "(":
            self.eat(_CAPS_FEATURES, "features")
            self.ws()
        seen = set()
        while self.p < len(self.s):
            if self.s[self.p] != ",":
                raise Bad("caps: not fixed or not plain at %d" % self.p)
            self.p += 1
            self.ws()
            field = self.eat(_CAPS_FIELD, "a field").group()
            if field in seen:
                raise Bad("caps: the field %s stands twice" % field)
            seen.add(field)
            self.ws()
            if self.s[self.p:self.p + 1] != "=":
                raise Bad("caps: = expected at %d" % self.p)
            self.p += 1
            self.value(0, None)
            self.ws()

    def value(self, depth, kind):
        self.ws()
        if self.s[self.p:self.p + 1] == "(":
            name = self.eat(_CAPS_TYPE, "a type").group(1)
            kind = _CAPS_TYPES.get(name)
            if kind is None:
                raise Bad("caps: the type %s is not a plain one" % name)
            self.ws()
        c = self.s[self.p:self.p + 1]
        if c in ("<", "{"):
            if depth >= 4:
                raise Bad("caps: nested deeper than 4")
            end = ">" if c == "<" else "}"
            self.p += 1
            self.ws()
            while self.s[self.p:self.p + 1] != end:
                self.value(depth + 1, None if kind in ("array", "list") else kind)
                self.ws()
                d = self.s[self.p:self.p + 1]
                if d == ",":
                    self.p += 1
                    self.ws()
                elif d != end:
                    raise Bad("caps: an array does not end")
            self.p += 1
            return
        if c == "[":
            raise Bad("caps: a range is not fixed")
        if c == '"':
            text = self.eat(_CAPS_QUOTED, "a string").group()[1:-1]
        else:
            text = self.eat(_CAPS_BARE, "a value").group()
        if kind in _CAPS_VALUE and not _CAPS_VALUE[kind].fullmatch(text):
            raise Bad("caps: a value does not fit its type")


def parse_trak(data, strict):
    t = Json(data, strict).read()
    members(t, (("v", int), ("need", list), ("uuid", str), ("start_unix_ns", int),
                ("key", str), ("tags", dict), ("tracks", list)), strict, "TRAK",
            ("v", "tracks"))
    if t["v"] != 1:
        raise Bad("TRAK: version %d" % t["v"])
    if any(not isinstance(n, str) for n in t.get("need", [])):
        raise Bad("TRAK: need is not an array of strings")
    if t.get("need"):
        raise Bad("TRAK: needs %s, which this reader has not" % ", ".join(t["need"]))
    if not 0 <= t.get("start_unix_ns", 0) <= U64_MAX:
        raise Bad("TRAK: start_unix_ns leaves 64 bits")
    if "key" in t and not re.fullmatch("[0-9a-f]{64}" if strict else "[0-9a-fA-F]{64}",
                                       t["key"]):
        raise Bad("TRAK: key is not 64 hex digits")
    if "tags" in t:
        check_tags(t["tags"], strict, "TRAK")
    if len(t["tracks"]) > MAX_TRACKS:
        raise Bad("TRAK: too many tracks")
    tracks = {}
    for k in t["tracks"]:
        members(k, (("id", int), ("kind", str), ("caps", str), ("codec", str), ("name", str),
                    ("language", str), ("stream_id", str), ("tags", dict)), strict,
                "TRAK: track", ("id", "kind", "caps"))
        if not 1 <= k["id"] <= U64_MAX:
            raise Bad("TRAK: id %d" % k["id"])
        if k["id"] in tracks:
            raise Bad("TRAK: id %d stands twice" % k["id"])
        if k["kind"] not in KINDS:
            raise Bad("TRAK: kind %r" % k["kind"])
        Caps(k["caps"]).check()
        if "tags" in k:
            check_tags(k["tags"], strict, "TRAK")
        tracks[k["id"]] = k
    return t, tracks


# ------------------------------------------------------------------ TOKN

def varint(b, p, end):
    """(value, next place) of a varint in its shortest form."""
    v = shift = 0
    while True:
        if p >= end:
            raise Bad("a varint past the end of the chunk")
        c = b[p]
        p += 1
        if shift == 63 and c > 1:
            raise Bad("a varint of more than 64 bits")
        v |= (c & 127) << shift
        if c < 128:
            if c == 0 and shift:
                raise Bad("a varint that is not the shortest")
            return v, p
        shift += 7


def svarint(b, p, end):
    v, p = varint(b, p, end)
    return (v >> 1) ^ -(v & 1), p


def i64(v, what):
    if not I64_MIN <= v <= I64_MAX:
        raise Bad("%s leaves 64 bits" % what)
    return v


def parse_tokn(b, tracks=None, far=U64_MAX, most=None):
    """first_block, [(track, pts, dts, duration, flags, index, size)], refs

    Refs further back than `far` are left out; more than `most` others are damage."""
    b = bytes(b)
    end = len(b)
    count, p = varint(b, 0, end)
    first, p = varint(b, p, end)
    if count < 1:
        raise Bad("TOKN of no records")
    if count > MAX_RECORDS:
        raise Bad("TOKN of %d records" % count)
    if count * 3 > end - p:
        raise Bad("a count of %d records does not fit" % count)
    if first + count > U64_MAX:
        raise Bad("block indices leave 64 bits")
    state, out = {}, []
    for _ in range(count):
        flags, p = varint(b, p, end)
        track, p = varint(b, p, end)
        if tracks is not None and track not in tracks:
            raise Bad("a record of track %d, which is not in TRAK" % track)
        s = state.get(track)
        if s is None:
            s = state[track] = [0, 0, None]       # next, duration, index
        pts = dts = dur = index = None
        if not flags & NO_PTS:
            d, p = svarint(b, p, end)
            pts = i64(s[0] + d, "a pts")
        if flags & HAS_DTS:
            d, p = svarint(b, p, end)
            dts = i64(d if pts is None else pts - d, "a dts")
        if flags & HAS_DURATION:
            d, p = svarint(b, p, end)
            dur = s[1] = i64(s[1] + d, "a duration")
            if dur < 0:
                raise Bad("a negative duration")
        if flags & HAS_INDEX:
            d, p = svarint(b, p, end)
            index = s[2] = d if s[2] is None else s[2] + 1 + d
            if not 0 <= index <= U64_MAX:
                raise Bad("an index leaves 64 bits")
        if flags & EXT:
            n, p = varint(b, p, end)
            if n > end - p:
                raise Bad("an extension does not fit")
            p += n
        size, p = varint(b, p, end)
        if size > LIMIT_CORE:
            raise Bad("a block of %d bytes" % size)
        if pts is not None:
            s[0] = i64(pts + (dur or 0), "pts + duration")
        out.append((track, pts, dts, dur, flags, index, size))
    refs = []
    n, p = varint(b, p, end)
    if 2 * n > end - p:
        raise Bad("a count of %d refs does not fit" % n)
    for _ in range(n):
        track, p = varint(b, p, end)
        back, p = varint(b, p, end)
        if tracks is not None and track not in tracks:
            raise Bad("a ref of track %d, which is not in TRAK" % track)
        if back <= far:
            refs.append((track, back))
            if most is not None and len(refs) > most:
                raise Bad("refs stand twice")
    if p != end:
        raise Bad("trailing bytes")
    return first, out, refs


class History:
    """What of one track a later span may have to read."""

    def __init__(self):
        self.key_at, self.key_pts = array("Q"), array("q")   # a group with a key block
        self.end_at, self.end_max = array("Q"), []            # running maximum of ends
        self.lasting = []                                     # sorted (end, group)
        self.open = None                                      # (pts, group) without duration

    def group(self, at, blocks, kind):
        low = None
        high = None
        for _, pts, _, dur, flags, _, _ in blocks:
            if pts is None:
                continue
            if flags & KEY and (low is None or pts < low):
                low = pts
            if kind in ("video", "audio"):
                end = pts + (dur or 0)
                if high is None or end > high:
                    high = end
                continue
            if self.open is not None:
                bisect.insort(self.lasting, (pts, self.open[1]))
                self.open = None
            if dur is None:
                self.open = (pts, at)
            else:
                bisect.insort(self.lasting, (pts + dur, at))
        if low is not None:
            self.key_at.append(at)
            self.key_pts.append(low)
        if high is not None and (not self.end_max or high > self.end_max[-1]):
            self.end_at.append(at)
            self.end_max.append(high)

    def key_group(self, p):
        for i in range(len(self.key_at) - 1, -1, -1):
            if self.key_pts[i] <= p:
                return self.key_at[i]
        return None

    def wanted(self, kind, p, next_pts=None):
        if kind in ("video", "audio"):
            at = self.key_group(p)
            if kind == "audio":
                i = bisect.bisect_right(self.end_max, p)
                if i < len(self.end_max) and (at is None or self.end_at[i] < at):
                    at = self.end_at[i]
            return [] if at is None else [at]
        i = bisect.bisect_right(self.lasting, (p, 1 << 80))
        out = {at for _, at in self.lasting[i:]}
        # without a duration it lasts until its next block, which may stand in the group itself
        if self.open is not None and (next_pts is None or next_pts > p):
            out.add(self.open[1])
        return sorted(out)


def first_time(blocks):
    """P of the page: the first record's time that there is."""
    for b in blocks:
        if b[1] is not None:
            return b[1]
        if b[2] is not None:
            return b[2]
    return None


# ------------------------------------------------------------------ checker

class Group:
    __slots__ = ("begin", "tokn", "first", "count", "refs", "want", "forced", "key0",
                 "kpts", "fpts", "trak", "bytes", "end")


class Checker:
    def __init__(self, path, trusted=(), lenient=False):
        self.path, self.trusted, self.strict = path, list(trusted), not lenient
        self.problems, self.blocks, self.spans, self.proven = [], 0, 0, 0
        self.profile = "unknown"
        self.cut, self.joined, self.whole = False, False, False
        self.next_block = None

    # -- reporting

    def problem(self, what, tag, offset):
        if len(self.problems) < MAX_PROBLEMS:
            if isinstance(tag, bytes):
                tag = tag.decode("latin-1")
            self.problems.append({"what": what, "tag": tag, "offset": offset})

    def result(self):
        if self.problems:
            verdict, code = "damaged or forged", 1
        else:
            verdict, code = self.judge()
        return {"verdict": verdict, "blocks": self.blocks, "proven_blocks": self.proven,
                "spans": self.spans, "profile": self.profile,
                "problems": self.problems}, code

    def judge(self):
        if self.profile != "track":
            if not self.whole or self.trusted:
                self.proven = 0
                return "unproven", 3
            self.proven = self.blocks
            return "complete", 0
        keyed = self.key is not None or self.sign_key is not None or self.signed_links
        if self.trusted and not keyed:
            self.proven = 0
            return "unproven", 3
        if keyed and not self.trusted:
            self.proven = 0
            return "consistent, signer unknown", 3
        if self.joined and not keyed:
            self.proven = 0
            return "unproven", 3
        if self.whole and (self.sign_key is not None or not keyed):
            if not self.joined:
                self.proven = self.blocks
                return "complete", 0
        if self.proven:
            return "proven up to block %d, end unknown" % self.proven_to, 3
        return "unproven", 3

    # -- walking

    def run(self):
        with open(self.path, "rb") as f:
            f.seek(0, 2)
            self.size = f.tell()
            if not self.size:
                self.data = b""
                self.walk()
            else:
                m = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
                self.data = memoryview(m)
                self.walk()
                self.data = b""
        return self.result()

    def ends_whole(self):
        """Whether the end stands: VERI, and a FOOT at its own offset in the track
        profile (a file inside a CORE has one too, but not at its offset)."""
        size = self.size
        if size < 52:
            return False
        tag, n, crc = struct.unpack(">4sII", self.data[size - 44:size - 32])
        if tag != b"VERI" or n != 32 or zlib.crc32(self.data[size - 32:]) != crc:
            return False
        if self.profile != "track":
            return True
        for at in (size - 152, size - 292):
            if at >= 8 and self.data[at:at + 8] == b"FOOT\x00\x00\x00\x60" and \
                    struct.unpack(">Q", self.data[at + 12:at + 20])[0] == at:
                return True
        return False

    def walk(self):
        d = self.data
        head = bytes(d[:8])
        if head != HEADER[:len(head)]:
            if head[:4] != HEADER[:4][:len(head)]:
                self.problem("this is not an H4MK file", "H4MK", 0)
            elif head[4:6] != HEADER[4:6][:len(head) - 4]:
                self.problem("version is not 1", "H4MK", 4)
            else:
                self.problem("reserved is not 0", "H4MK", 6)
            return
        if len(head) < 8 or self.size - 8 < 4:
            self.cut = True
            return
        self.profile = "track" if bytes(d[8:12]) == b"TRAK" else "base"
        self.running = hashlib.sha256()
        self.pos, self.over = 8, False
        handler = self.begin_track() if self.profile == "track" else self.begin_base()
        try:
            while self.pos < self.size:
                self.step(handler)
        except Stop:
            return
        if not self.over:
            self.cut = True
            if self.ends_whole():
                self.problem("chunks are missing before VERI", "VERI", self.size - 44)

    def step(self, handler):
        d, pos = self.data, self.pos
        if self.over:
            self.problem("bytes after VERI", bytes(d[pos:pos + 4]), pos)
            raise Stop
        if self.size - pos < 12:
            self.pos = self.size
            return
        tag, n, crc = struct.unpack(">4sII", d[pos:pos + 12])
        if not tag[:1].isalpha() or not all(32 < c < 127 for c in tag):
            self.problem("no chunk header stands here", tag, pos)
            raise Stop
        limit = (LIMIT_CORE if tag == b"CORE" else
                 LIMIT_TRAK if tag == b"TRAK" and self.profile == "track" else LIMIT_OTHER)
        ok = True
        if n > limit:
            self.problem("a chunk of %d bytes is over the limit" % n, tag, pos)
            raise Stop
        if tag in FIXED and n not in FIXED[tag] and (self.profile == "track" or tag == b"VERI"):
            self.problem("a length of %d" % n, tag, pos)
            ok = False
        if self.profile == "track":
            self.grammar(tag, n, pos)
        end = pos + 12 + n
        if end > self.size:
            if not ok:
                raise Stop
            if self.ends_whole():
                self.problem("the chunk goes past the end of the file", tag, pos)
                raise Stop
            self.pos = self.size
            return
        payload = d[pos + 12:end]
        if zlib.crc32(payload) != crc:
            self.problem("the CRC does not hold", tag, pos)
            ok = False
        try:
            handler(tag, payload, pos, end, ok)
        except Bad as e:
            self.problem(str(e), tag, pos)
            self.after_bad(tag)
        if tag != b"VERI":
            self.running.update(d[pos:end])
        self.pos = end

    def after_bad(self, tag):
        """The payload could not be understood."""
        if tag in (b"TRAK", b"TOKN") and self.profile == "track":
            raise Stop

    # -- base profile

    def begin_base(self):
        self.order, self.meta, self.seek = 0, None, None
        self.offsets, self.total = array("Q"), 0
        return self.base

    def base(self, tag, payload, pos, end, ok):
        order = (b"CORE", b"SEEK", b"META", b"SAFE", b"VERI")
        if tag not in order:
            if len(payload) == 32 and end == self.size and \
                    bytes(payload) == self.running.digest():
                self.problem("VERI has lost its tag", tag, pos)
            return
        i = order.index(tag)
        if tag == b"CORE":
            if self.order > 0:
                raise Bad("CORE after %s" % order[self.order].decode())
            self.offsets.append(self.total)
            self.total += len(payload)
            self.blocks += 1
            return
        if i != self.order + 1:
            self.problem("out of order", tag, pos)
        self.order = max(i, self.order)
        if not ok:
            if tag == b"VERI":
                self.over = True
            return
        if tag == b"SEEK":
            self.seek = (self.parse_seek(payload, self.blocks), pos)
        elif tag == b"META":
            m = base_meta(payload, self.strict)
            if self.seek:
                step = int(1000000 / m["fps_hint"])
                want = [(i * step, self.offsets[i])
                        for i in range(0, self.blocks, m["gop"])]
                if self.seek[0] != want:
                    self.problem("the entries are not those of the key blocks", "SEEK",
                                 self.seek[1])
        elif tag == b"SAFE":
            if not isinstance(Json(payload, self.strict).read(), dict):
                raise Bad("SAFE is not a JSON object")
            if self.strict and bytes(payload) != SAFE_TEXT:
                raise Bad("SAFE is not the one of the base profile")
        else:
            self.over = True
            if bytes(payload) != self.running.digest():
                raise Bad("the file's hash does not hold")
            self.whole = True

    def parse_seek(self, payload, most):
        if len(payload) < 4:
            raise Bad("too short")
        n, = struct.unpack(">I", payload[:4])
        if n > most:
            raise Bad("a count of %d entries, %d at most" % (n, most))
        if len(payload) != 4 + 16 * n:
            raise Bad("a count of %d entries does not fit" % n)
        return list(struct.iter_unpack(">QQ", payload[4:]))

    # -- track profile: order

    TAIL = (b"SEEK", b"META", b"SAFE", b"GIDX", b"FOOT", b"SIGN", b"VERI")

    def begin_track(self):
        self.state = "start"          # start between trak cores after tail
        self.tail = 0
        self.linked = None
        self.key = None               # announced
        self.key_hex = None
        self.first_trak = None
        self.ids = {}
        self.used = {}                # id -> kind
        self.history = {}
        self.top = {}                 # largest pts since the track's last key block
        self.tokns = array("Q")
        self.groups = []              # of the span that is open
        self.pending = []             # COREs that must come
        self.pend_i = 0
        self.begin = 8
        self.forced = False
        self.delta = None             # stored offset - place
        self.seq, self.chain = 0, None
        self.wait, self.pages = [], []
        self.entry_pts = I64_MIN
        self.entries = 0
        self.seek_want = []
        self.core_bytes = 0
        self.min_pts = self.max_end = None
        self.masked, self.ever_masked = set(), False    # ids, of the TRAK in force
        self.places = {}
        self.kept = {}
        self.sign_key = None
        self.signed_links = self.unsigned_links = 0
        self.unverified = []
        self.proven_to = 0
        self.foot_ok = True
        self.short_page = False
        self.early_page = None        # one before the first TOKN
        self.link_page = 0
        return self.track

    def grammar(self, tag, n, pos):
        s, bad = self.state, None
        lower = tag[:1].islower()
        known = (b"TRAK", b"TOKN", b"CORE", b"LINK") + self.TAIL
        if s == "cores":
            if tag != b"CORE":
                bad = "%d COREs are missing" % (len(self.pending) - self.pend_i)
            elif n != self.pending[self.pend_i]:
                bad = "a CORE of %d bytes, the TOKN says %d" % (n, self.pending[self.pend_i])
        elif s == "start":
            pass
        elif s == "trak":
            if tag != b"TOKN":
                bad = "a TRAK must be followed by a TOKN"
        elif s == "tail":
            want = self.TAIL[self.tail]
            if tag == b"VERI" and want == b"SIGN":
                self.tail += 1
            elif tag != want:
                bad = "%s expected" % want.decode()
        elif not lower and tag not in known:
            bad = "unknown: needs a newer reader"
        elif tag == b"CORE":
            bad = "a CORE that no TOKN announces"
        elif tag in self.TAIL and tag not in (b"SEEK", b"GIDX"):
            bad = "out of order"
        elif s == "between":
            if tag == b"LINK":
                bad = "a LINK without a span"
        elif s == "after" and tag not in (b"TOKN", b"LINK"):
            if self.linked:
                bad = "a span without LINK"
            else:
                self.linked = False
        elif s == "after" and tag == b"LINK" and self.linked is False:
            bad = "a LINK, and none after an earlier span"
        if bad:
            self.problem(bad, tag, pos)
            raise Stop

    # -- track profile: chunks

    def track(self, tag, payload, pos, end, ok):
        if tag == b"CORE":
            self.pend_i += 1
            self.blocks += 1
            self.core_bytes += len(payload)
            if self.pend_i == len(self.pending):
                self.state = "after"
                self.groups[-1].end = end
            return
        if tag == b"SEEK" or self.state == "tail":
            if tag == b"SEEK":
                self.end_spans(pos)
                self.state = "tail"
            self.tail += 1
            self.places[tag] = pos
            if tag == b"VERI":
                self.over = True
            if ok:
                getattr(self, "do_" + tag.decode().lower())(payload, pos, end)
            elif tag == b"FOOT":
                self.foot_ok = False
            return
        if not ok:
            if tag == b"LINK":
                self.chain = None
                self.close_span(None)
                self.linked, self.state, self.begin = True, "between", end
                self.seq += 1
                return
            if tag in (b"TRAK", b"TOKN"):
                raise Stop
        if tag == b"TRAK":
            self.do_trak(payload, pos, end)
        elif tag == b"TOKN":
            self.do_tokn(payload, pos, end)
        elif tag == b"LINK":
            self.do_link(payload, pos, end)
        else:
            if self.state == "after":
                self.forced, self.state = True, "between"
            if tag == b"GIDX":
                if ok:
                    self.do_page(payload, pos, end)
            elif tag == b"atta" and ok:
                self.do_atta(payload)

    def do_trak(self, payload, pos, end):
        t, tracks = parse_trak(payload, self.strict)
        kept = {n: t.get(n) for n in ("need", "uuid", "start_unix_ns", "key")}
        if self.first_trak is None:
            self.first_trak = bytes(self.data[pos:end])
            self.kept = kept
            if t.get("key"):
                self.key = bytes.fromhex(t["key"])
                if self.trusted and self.key not in self.trusted:
                    self.problem("the announced key is not a trusted one", "TRAK", pos)
            self.state, self.begin = "between", end
        else:
            if self.state == "after":
                self.forced = True
            for n, v in kept.items():
                if v != self.kept[n]:
                    raise Bad("TRAK: %s is not that of the first one" % n)
            self.state = "trak"
        for i, k in tracks.items():
            if self.used.setdefault(i, k["kind"]) != k["kind"]:
                raise Bad("TRAK: id %d was another track's" % i)
        self.ids = {i: k["kind"] for i, k in tracks.items()}
        self.masked = {i for i, k in tracks.items() if is_masked(k["caps"])}
        self.ever_masked |= bool(self.masked)
        self.trak_at = pos
        self.trak_hash = sha(self.data[pos:end])
        order = list(self.ids)
        self.primary = next((i for i in order if self.ids[i] == "video"),
                            order[0] if order else None)

    def do_tokn(self, payload, pos, end):
        first, blocks, refs = parse_tokn(
            payload, self.ids, pos - self.tokns[0] if self.tokns else 0,
            len(self.ids) * (len(self.tokns) + 1))
        if self.next_block is None:
            self.joined = first > 0
            if self.early_page is not None and not self.joined:
                self.problem("a page before the first span", "GIDX", self.early_page)
        elif first != self.next_block:
            self.problem("first_block is %d, not %d" % (first, self.next_block), "TOKN", pos)
        self.next_block = first + len(blocks)
        if self.short_page:
            self.problem("a span after a page of fewer than %d" % PAGE_SPANS, "TOKN", pos)
            self.short_page = False
        if len(self.wait) >= PAGE_SPANS and not self.groups:
            self.problem("%d spans wait for a page" % len(self.wait), "TOKN", pos)
        by = {}
        for b in blocks:
            by.setdefault(b[0], []).append(b)
        g = Group()
        g.begin = self.begin if not self.groups else self.groups[-1].end
        g.tokn, g.first, g.count, g.trak = pos, first, len(blocks), self.trak_at
        g.forced, g.bytes, g.refs = self.forced, self.core_bytes, refs
        g.key0 = bool(blocks[0][0] == self.primary and blocks[0][4] & KEY)
        g.kpts = g.fpts = g.want = None
        self.forced = False
        for b in by.get(self.primary, ()):
            if b[1] is not None:
                if g.fpts is None:
                    g.fpts = b[1]
                if g.kpts is None and b[4] & KEY:
                    g.kpts = b[1]
        if self.strict and not self.joined and not (self.groups and self.linked):
            g.want = self.want_refs(pos, blocks)
        for track, back in refs:
            if back == 0:
                self.problem("a ref to its own TOKN", "TOKN", pos)
            else:
                i = bisect.bisect_left(self.tokns, pos - back)
                if i >= len(self.tokns) or self.tokns[i] != pos - back:
                    self.problem("a ref of track %d meets no TOKN" % track, "TOKN", pos)
        for b in blocks:
            self.see(b, pos)
        for track, bs in by.items():
            self.history.setdefault(track, History()).group(pos, bs, self.ids[track])
        self.tokns.append(pos)
        self.groups.append(g)
        self.pending, self.pend_i = [b[6] for b in blocks], 0
        self.state = "cores"

    def want_refs(self, pos, blocks):
        p = first_time(blocks)
        out = []
        if p is not None:
            for track, kind in self.ids.items():
                if track in self.history:
                    after = next((b[1] for b in blocks if b[0] == track and b[1] is not None), None)
                    out += [(track, pos - at)
                            for at in self.history[track].wanted(kind, p, after)]
        return out

    def see(self, b, pos):
        track, pts, dts, dur, flags, index, _ = b
        if index is None and track in self.masked:
            self.problem("a block of the masked track %d has no index" % track, "TOKN", pos)
        if pts is None:
            if flags & KEY:
                self.top[track] = None
            if self.strict and flags & REORDERED:
                self.problem("REORDERED without a pts", "TOKN", pos)
            return
        end = pts + (dur or 0)
        if self.min_pts is None or pts < self.min_pts:
            self.min_pts = pts
        if self.max_end is None or end > self.max_end:
            self.max_end = end
        if flags & KEY:
            want, self.top[track] = False, pts
        else:
            top = self.top.get(track)
            if self.joined and track not in self.top:
                want = bool(flags & REORDERED)
            else:
                want = top is not None and pts < top
                if top is None or pts > top:
                    self.top[track] = pts
        if self.strict and want != bool(flags & REORDERED):
            self.problem("REORDERED is %s for a block of track %d with pts %d"
                         % ("missing" if want else "wrong", track, pts), "TOKN", pos)

    def refs_of(self, groups):
        """The refs stand in the first TOKN of a span, as the page defines them."""
        for i, g in enumerate(groups):
            if i:
                if g.refs:
                    self.problem("refs, but not in a span's first TOKN", "TOKN", g.tokn)
                if g.forced:
                    self.problem("a span goes on past other chunks", "TOKN", g.tokn)
            elif g.want is not None:
                if sorted(g.refs) != sorted(g.want):
                    self.problem("the refs are %.200s, not %.200s"
                                 % (sorted(g.refs), sorted(g.want)), "TOKN", g.tokn)

    def close_span(self, leaf):
        """The groups become an entry that waits for its page."""
        gs = self.groups
        if not gs:
            return
        self.refs_of(gs)
        self.wait.append(self.entry(gs, leaf))
        self.spans += 1
        self.groups = []

    def entry(self, gs, leaf):
        video = self.ids.get(self.primary) == "video"
        pts = next((v for v in ((g.kpts if video else g.fpts) for g in gs) if v is not None),
                   None)
        return (gs[0].begin, gs[0].trak, gs[0].first, pts, int(gs[0].key0),
                sum(g.count for g in gs), leaf, gs[0].bytes)

    def do_link(self, payload, pos, end):
        seq, own, start, page = struct.unpack(">QQQQ", payload[:32])
        chain, sig = bytes(payload[32:64]), bytes(payload[64:])
        begin, gs = self.groups[0].begin, self.groups
        lead, leaf, given = None, None, False
        if self.delta is None:
            if self.seq:              # the first LINK was damaged
                given, self.delta = self.joined, own - pos if self.joined else 0
                if not given and seq != self.seq + 1:
                    self.problem("seq is %d, not %d" % (seq, self.seq + 1), "LINK", pos)
            elif seq == 1:
                self.delta, lead = 0, sha(HEADER, self.first_trak)
                if self.joined:
                    self.problem("the first span, but block %d" % gs[0].first, "LINK", pos)
                    self.joined = False
            elif self.joined:
                given = True
                self.delta = own - pos
                if self.delta < 0 or seq == 0:
                    self.problem("seq or self cannot be", "LINK", pos)
            else:
                self.problem("seq is %d, and this is the first" % seq, "LINK", pos)
                self.delta = 0
            self.linked = True
        else:
            lead = self.chain
            if seq != self.seq + 1:
                self.problem("seq is %d, not %d" % (seq, self.seq + 1), "LINK", pos)
        if own != pos + self.delta:
            self.problem("self is %d, not %d" % (own, pos + self.delta), "LINK", pos)
        if given:
            if not start <= own:
                self.problem("start is past self", "LINK", pos)
        else:
            if start != begin + self.delta:
                self.problem("start is %d, not %d" % (start, begin + self.delta), "LINK", pos)
            want = (self.pages[-1][0] + self.delta if self.pages else
                    self.link_page if self.joined else 0)
            if page != want:
                self.problem("page is %d, not %d" % (page, want), "LINK", pos)
            leaf = self.leaf(begin, gs[-1].end)
            if lead is not None and sha(lead, leaf) != chain:
                self.problem("the chain does not hold", "LINK", pos)
        self.link_page = page
        if sig:
            self.signed_links += 1
            if self.unsigned_links and self.key is None:
                self.problem("LINKs before it have no signature", "LINK", pos)
                self.unsigned_links = 0
            message = b"H4MK|link|v1" + struct.pack(">Q", seq) + chain
            keys = ([self.key] if self.key else self.trusted)
            if keys:
                if not any(ed25519_verify(k, message, sig) for k in keys):
                    self.problem("the signature does not hold", "LINK", pos)
            else:
                self.unverified.append((message, sig, pos))
        else:
            self.unsigned_links += 1
            if self.key is not None or self.signed_links:
                self.problem("a LINK without a signature", "LINK", pos)
        n = sum(g.count for g in gs)
        if not given and not self.problems:
            self.proven += n
            self.proven_to = self.next_block
        self.seq, self.chain = seq, chain
        self.close_span(leaf)
        self.state, self.begin = "between", end

    def leaf(self, begin, end):
        return sha(b"H4MK|leaf|v1", self.trak_hash, self.data[begin:end])

    # -- index

    def gidx_head(self, payload, kind, size):
        if len(payload) < 16:
            raise Bad("too short")
        k, n, prev = struct.unpack(">IIQ", payload[:16])
        if k != kind << 24:
            raise Bad("kind %d or the bytes after it" % (k >> 24))
        if len(payload) != 16 + n * size:
            raise Bad("a count of %d entries does not fit" % n)
        return n, prev

    def do_page(self, payload, pos, end):
        n, prev = self.gidx_head(payload, 0, 72)
        delta = self.delta or 0
        if not 1 <= n <= PAGE_SPANS:
            raise Bad("a page of %d entries" % n)
        entries = list(struct.iter_unpack(">QQQqII32s", payload[16:]))
        if self.next_block is None and self.early_page is None:
            self.early_page = pos
        # spans of before a stream was joined may stand here
        free = (self.joined or self.early_page is not None) and not self.pages
        if not self.linked:
            self.unlinked_spans(entries, pos)
        if not free and prev != (self.pages[-1][0] + delta if self.pages else 0):
            self.problem("prev is %d" % prev, "GIDX", pos)
        skip = n - len(self.wait)
        if skip < 0 or (skip and not free):
            self.problem("%d entries for %d spans" % (n, len(self.wait)), "GIDX", pos)
            skip = max(skip, 0)
        last = None if free else self.entry_pts
        names = ("offset", "trak", "first_block", "pts", "flags", "blocks", "leaf")
        for i, e in enumerate(entries):
            if i < skip:
                if last is not None and e[3] < last:
                    self.problem("entry %d: pts goes back" % i, "GIDX", pos)
                last = e[3]
                continue
            if i - skip >= len(self.wait):
                break
            w = self.wait[i - skip]
            if self.joined and w[0] == 8 + len(self.first_trak):
                last = e[3]           # taken as given
                continue
            if last is None:
                pts = e[3] if w[3] is None or e[3] >= w[3] else w[3]
            else:
                pts = last if w[3] is None else max(w[3], last)
            want = [w[0] + delta, w[1] + delta, w[2], pts, w[4], w[5], w[6] or bytes(32)]
            if self.joined:
                if w[1] == 8:
                    want[1] = e[1]
                if self.linked is False:
                    want[0], want[1] = e[0], e[1]
            if self.linked and w[6] is None:
                want[6] = e[6]
            for name, a, b in zip(names, e, want):
                if a != b:
                    self.problem("entry %d: %s is %s, not %s" % (
                        i, name, *((x.hex() if isinstance(x, bytes) else x)
                                   for x in (a, b))), "GIDX", pos)
            last = pts
            if w[4] & 1 and pts >= 0:
                self.seek_want.append((pts // 1000, w[7]))
        if last is not None:
            self.entry_pts = last
        self.entries += n
        self.pages.append((pos, entries[0][2], entries[0][3], sha(self.data[pos:end])))
        self.short_page = n < PAGE_SPANS
        self.wait = []

    def unlinked_spans(self, entries, pos):
        """Without LINKs the page alone says where spans begin."""
        gs, at = self.groups, 0
        self.groups = []
        if not gs:
            return
        starts = {g.begin: i for i, g in enumerate(gs)}
        if self.joined:
            cuts, total = [], 0
            firsts = {g.first: i for i, g in enumerate(gs)}
            cuts = [firsts[e[2]] for e in entries if e[2] in firsts]
            if 0 not in cuts:
                cuts.insert(0, 0)
        else:
            cuts = []
            for k, e in enumerate(entries):
                i = starts.get(e[0])
                if i is None or (cuts and i <= cuts[-1]) or (not cuts and i):
                    self.problem("entry %d: offset %d is not where a group follows"
                                 % (k, e[0]), "GIDX", pos)
                    return
                cuts.append(i)
            if not cuts:
                self.problem("no entries for %d groups" % len(gs), "GIDX", pos)
                return
        for k, i in enumerate(cuts):
            part = gs[i:cuts[k + 1] if k + 1 < len(cuts) else len(gs)]
            self.groups = part
            self.begin = part[-1].end
            self.close_span(None)

    def end_spans(self, pos):
        if self.early_page is not None and self.next_block is None:
            self.problem("a page, and no span", "GIDX", self.early_page)
        if self.groups and self.linked:
            self.problem("the last span has no LINK", "SEEK", pos)
        if self.wait or self.groups:
            self.problem("spans wait for a page", "SEEK", pos)

    # -- tail

    def do_seek(self, payload, pos, end):
        have = self.parse_seek(payload, MAX_SEEK)
        if any(a[0] > b[0] for a, b in zip(have, have[1:])):
            raise Bad("the entries are not in order")
        if self.joined:
            return
        want = self.seek_want
        if len(want) <= MAX_SEEK:
            if have != want:
                raise Bad("the entries are not those of the spans")
        else:
            it = iter(want)
            if not all(e in it for e in have):
                raise Bad("the entries are not those of the spans")

    def do_meta(self, payload, pos, end):
        self.meta_hash = bytes(self.data[pos:end])
        m = Json(payload, self.strict).read()
        members(m, (("project", str), ("domain", str), ("masked", bool), ("tags", dict),
                    ("tracks", list), ("toc", list)), self.strict, "META",
                ("project", "domain", "masked", "tags", "tracks"))
        if m["project"] != "Harmony\u00d84" or m["domain"] != "media":
            raise Bad("META: project or domain")
        check_tags(m["tags"], self.strict, "META")
        seen = set()
        for t in m["tracks"]:
            members(t, (("id", int), ("tags", dict)), self.strict, "META: track",
                    ("id", "tags"))
            if t["id"] in seen or (t["id"] not in self.used and not self.joined):
                raise Bad("META: id %d" % t["id"])
            seen.add(t["id"])
            check_tags(t["tags"], self.strict, "META")
        if "toc" in m:
            check_toc(m["toc"], self.strict)
        if self.strict and not self.joined and m["masked"] != self.ever_masked:
            raise Bad("META: masked is not what the caps say")

    def do_safe(self, payload, pos, end):
        self.safe_bytes = bytes(self.data[pos:end])
        if not isinstance(Json(payload, self.strict).read(), dict):
            raise Bad("SAFE is not a JSON object")

    def do_gidx(self, payload, pos, end):
        self.root_bytes = bytes(self.data[pos:end])
        n, prev = self.gidx_head(payload, 1, 56)
        if n < len(self.pages) or (n > len(self.pages) and not self.joined):
            raise Bad("%d entries for %d pages" % (n, len(self.pages)))
        entries = list(struct.iter_unpack(
            ">QQq32s", payload[len(payload) - 56 * len(self.pages):]))
        delta = self.delta or 0
        if self.joined:
            if self.linked:
                own = [(p[0] + delta,) + p[1:] for p in self.pages]
                if own and (entries != own or prev != own[-1][0]):
                    raise Bad("the root is not that of the pages")
            return
        if prev != (self.pages[-1][0] if self.pages else 0):
            self.problem("prev is %d" % prev, "GIDX", pos)
        if entries != self.pages:
            raise Bad("the root is not that of the pages")

    def do_foot(self, payload, pos, end):
        self.foot_bytes = bytes(self.data[pos:end])
        v = struct.unpack(">12Q", payload)
        if v[0] != pos:
            self.foot_ok = False
            return
        duration = self.max_end - self.min_pts if self.min_pts is not None else 0
        want = (pos, self.places[b"SEEK"], self.places[b"META"], self.places[b"SAFE"],
                self.places[b"GIDX"], self.blocks, duration, self.entries, 0, 0, 0, 0)
        names = ("self", "SEEK", "META", "SAFE", "GIDX root", "blocks", "duration", "spans",
                 "0", "0", "0", "0")
        for name, a, b in zip(names, v, want):
            if a != b and not (self.joined and name in ("blocks", "duration", "spans")):
                self.problem("%s is %d, not %d" % (name, a, b), "FOOT", pos)

    def do_sign(self, payload, pos, end):
        if not self.foot_ok:
            return
        public, body, sig = bytes(payload[:32]), bytes(payload[32:64]), bytes(payload[64:])
        if self.key is not None and public != self.key:
            raise Bad("the key is not the announced one")
        if self.trusted and public not in self.trusted:
            raise Bad("the key is not a trusted one")
        if body != self.running.digest():
            raise Bad("the body's hash does not hold")
        meta = getattr(self, "meta_hash", b"")
        inner = sha(HEADER, self.first_trak, meta, getattr(self, "safe_bytes", b""),
                    getattr(self, "root_bytes", b""), self.foot_bytes)
        if not ed25519_verify(public, b"H4MK|sign|v1" + body + inner, sig):
            raise Bad("the signature does not hold")
        if self.unsigned_links and self.key is None and not self.signed_links:
            self.problem("SIGN, and LINKs without signatures", "SIGN", pos)
        for message, s, at in self.unverified:
            if not ed25519_verify(public, message, s):
                self.problem("the signature does not hold", "LINK", at)
        self.sign_key = public

    def do_veri(self, payload, pos, end):
        if not self.foot_ok:
            return
        if bytes(payload) != self.running.digest():
            raise Bad("the file's hash does not hold")
        self.whole = True

    def do_atta(self, payload):
        p = 0
        for what in ("name", "MIME type"):
            if len(payload) - p < 2:
                raise Bad("atta: too short")
            n, = struct.unpack(">H", payload[p:p + 2])
            if n > len(payload) - p - 2:
                raise Bad("atta: the %s does not fit" % what)
            try:
                bytes(payload[p + 2:p + 2 + n]).decode("utf-8")
            except UnicodeDecodeError:
                raise Bad("atta: the %s is not UTF-8" % what) from None
            p += 2 + n


def check(path, trusted=(), lenient=False):
    """(report, exit code) of one file."""
    return Checker(path, trusted, lenient).run()


# ------------------------------------------------------------------ blocks

def _chunks(d):
    pos = 8
    while pos + 12 <= len(d):
        tag, n, crc = struct.unpack(">4sII", d[pos:pos + 12])
        if pos + 12 + n > len(d):
            return
        yield tag, d[pos + 12:pos + 12 + n], crc, pos
        pos += 12 + n


def iter_blocks(path):
    """(track, pts, dts, duration, flags, index, payload) of each whole block, in
    the order of the file; times in ns.  The base profile's blocks are of track 0.
    A CORE whose CRC does not hold has the payload None.  Raises Bad on damage."""
    with open(path, "rb") as f:
        f.seek(0, 2)
        if f.tell() < 8:
            return
        m = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
    with m:
        if m[:8] != HEADER:
            raise Bad("this is not an H4MK file of version 1")
        if m[8:12] == b"TRAK":
            yield from _track_blocks(m)
            return
        meta = None
        for tag, payload, crc, _ in _chunks(m):
            if tag == b"META":
                if zlib.crc32(payload) == crc:
                    meta = base_meta(payload, False)
                break
        i = 0
        for tag, payload, crc, _ in _chunks(m):
            if tag != b"CORE":
                continue
            pts, flags = None, NO_PTS
            if meta:
                pts = i * int(1000000 / meta["fps_hint"]) * 1000
                flags = 0 if i % meta["gop"] else KEY
            yield 0, pts, None, None, flags, i, payload if zlib.crc32(payload) == crc else None
            i += 1


def _track_blocks(m):
    ids, todo, at = None, [], 0
    for tag, payload, crc, pos in _chunks(m):
        if at < len(todo):
            b = todo[at]
            if tag != b"CORE" or len(payload) != b[6]:
                raise Bad("%r at %d is not the CORE that was announced" % (tag, pos))
            at += 1
            yield b[:6] + (payload if zlib.crc32(payload) == crc else None,)
        elif tag == b"TRAK" or tag == b"TOKN":
            if zlib.crc32(payload) != crc:
                raise Bad("%s at %d: the CRC does not hold" % (tag.decode(), pos))
            if tag == b"TRAK":
                ids = parse_trak(payload, False)[1]
            else:
                todo, at = parse_tokn(payload, ids)[1], 0
        elif tag == b"CORE":
            raise Bad("a CORE at %d that no TOKN announces" % pos)
        elif tag == b"SEEK":
            return


# ------------------------------------------------------------------ command

def hex_key(text):
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise argparse.ArgumentTypeError("a key is 64 hex digits")
    return key


def main(argv=None):
    ap = argparse.ArgumentParser(description="check H4MK files")
    ap.add_argument("--json", action="store_true", help="one JSON object a file")
    ap.add_argument("--lenient", action="store_true", help="leave out the rules for writers")
    ap.add_argument("--trusted-key", action="append", default=[], type=hex_key, metavar="HEX")
    ap.add_argument("files", nargs="+", metavar="FILE")
    a = ap.parse_args(argv)
    worst = 0
    for path in a.files:
        try:
            report, code = check(path, a.trusted_key, a.lenient)
        except OSError as e:
            print("%s: %s" % (path, e.strerror), file=sys.stderr)
            code = 2
        else:
            if a.json:
                print(json.dumps(report))
            else:
                print("%s: %s (%s profile, %d blocks, %d proven, %d spans)" % (
                    path, report["verdict"], report["profile"], report["blocks"],
                    report["proven_blocks"], report["spans"]))
                for p in report["problems"]:
                    print("  %s at %d: %s" % (p["tag"], p["offset"], p["what"]))
        worst = max(worst, code, key=(0, 3, 1, 2).index)
    return worst


if __name__ == "__main__":
    sys.exit(main())
