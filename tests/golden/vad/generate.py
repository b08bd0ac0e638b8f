#!/usr/bin/env python3
"""Writes the golden speech probabilities beside this file: clip.s16 (samples) and clip.f32 (one a 32 ms frame).

usage: generate.py silero_vad_16k_sequence.onnx

The network runs in onnxruntime, on frames of 512 samples behind 64 of context, the last one padded with zeros.
The clip has noise, vowels with a gliding pitch, clicks and silence, so that probabilities of every size occur.
Needs numpy and onnxruntime.
"""
import pathlib
import sys

import numpy as np
import onnxruntime

RATE, FRAME, CONTEXT = 16000, 512, 64


def vowel(seconds, pitch, formants, rng):
    time = np.arange(int(seconds * RATE)) / RATE
    hertz = pitch * (1 + 0.15 * np.sin(2 * np.pi * 1.7 * time) + 0.01 * rng.normal(size=len(time)).cumsum() / 50)
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    voice = np.zeros(len(time))
    for harmonic in range(1, 30):
        gain = sum(1 / (1 + ((harmonic * hertz - centre) / 90) ** 2) for centre in formants)
        voice += gain * np.sin(harmonic * phase) / harmonic**0.3
    return voice * np.sin(np.pi * np.minimum(1, np.arange(len(time)) / len(time))) ** 0.5


def clip():
    rng = np.random.default_rng(11)
    parts = [0.001 * rng.normal(size=RATE // 2)]
    for pitch, formants in [(120, (700, 1200, 2600)), (140, (300, 2300, 3000)), (110, (400, 800, 2400)),
                            (210, (600, 1900, 2700)), (180, (350, 900, 2500))]:
        parts += [0.2 * vowel(0.28, pitch, formants, rng), 0.05 * rng.normal(size=900)]
    parts += [np.zeros(RATE // 2), 0.2 * rng.normal(size=RATE // 4), np.zeros(1234)]
    return np.concatenate(parts)


def main():
    here = pathlib.Path(__file__).parent
    stored = np.clip(np.round(clip() * 32768), -32768, 32767).astype("<i2")
    samples = (stored / 32768).astype(np.float32)
    count = -(-len(samples) // FRAME)
    padded = np.zeros(CONTEXT + count * FRAME, np.float32)
    padded[CONTEXT : CONTEXT + len(samples)] = samples
    frames = np.stack([padded[i * FRAME : i * FRAME + CONTEXT + FRAME] for i in range(count)])
    session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
    zeros = np.zeros((1, 1, 128), np.float32)
    probabilities = session.run(None, {"input": frames, "h": zeros, "c": zeros})[0]
    (here / "clip.s16").write_bytes(stored.tobytes())
    (here / "clip.f32").write_bytes(probabilities.astype("<f4").tobytes())
    print(np.round(probabilities, 2))


if __name__ == "__main__":
    main()
