#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audio tokens as one makes them with NumPy: a peer for the bench.

usage: fft_numpy.py FILE RATE FRAME_SIZE TOP_K SECONDS

FILE is 16-bit little-endian mono. Works for at least SECONDS of CPU time and prints, as
JSON, the frames it did in a second at its best and the SHA-256 of one pass's tokens.
Leaves with 77 where there is no NumPy.
"""

import hashlib
import json
import sys
import time

try:
    import numpy as np
except ImportError:
    sys.exit(77)

TOKEN = np.dtype([('frequency', '>u4'), ('magnitude', '>u2'), ('phase', '>u2')])


def frame_tokens(frame, window, frequencies, top_k):
    spectrum = np.fft.rfft(frame * window)
    magnitudes = np.abs(spectrum)
    largest = magnitudes.max()
    if largest > 0:
        magnitudes /= largest
    top = np.argsort(-magnitudes, kind='stable')[:top_k]
    tokens = np.empty(len(top), TOKEN)
    tokens['frequency'] = np.clip(frequencies[top], 0, 20000) * 10
    tokens['magnitude'] = magnitudes[top] * 65535
    tokens['phase'] = (np.angle(spectrum[top]) + np.pi) / (2 * np.pi) * 65535
    return tokens.tobytes()


def run(samples, rate, size, top_k):
    window = np.hanning(size).astype(np.float32)
    frequencies = np.arange(size // 2 + 1) * rate / size
    audio = samples.astype(np.float32) / np.float32(32768)
    return [frame_tokens(audio[start:start + size], window, frequencies, top_k)
            for start in range(0, len(audio) - size + 1, size // 2)]


def main():
    path, rate, size, top_k, seconds = sys.argv[1:]
    samples = np.fromfile(path, '<i2')
    begin = time.process_time()
    fastest = 0.0
    while time.process_time() - begin < float(seconds):
        start = time.process_time()
        tokens = run(samples, int(rate), int(size), int(top_k))
        fastest = max(fastest, len(tokens) / (time.process_time() - start))
    print(json.dumps({'frames_per_second': fastest,
                      'sha256': hashlib.sha256(b''.join(tokens)).hexdigest()}))


if __name__ == '__main__':
    main()
