#!/usr/bin/env python3
"""Writes the golden log-mel features beside this file: NAME.s16 (samples) and NAME_MELS.f32 (features).

The arithmetic is that of Whisper's audio.py, in double precision: zeros up to the end of the window, the
window reflected by 200 samples at both ends, 400-point spectra every 160 samples under a periodic Hann
window, the last frame dropped, Slaney's mel filters, log10 with a floor of 1e-10, a clamp to the maximum
minus 8, (x + 4) / 4. Needs numpy. Running it again writes the same bytes.
"""
import pathlib

import numpy as np

RATE, FFT, HOP = 16000, 400, 160


def mel_filters(count):
    step = np.log(6.4) / 27
    top = 15 + np.log(8000 / 1000) / step
    mels = np.linspace(0, top, count + 2)
    hertz = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp(step * (mels - 15)))
    bins = np.arange(FFT // 2 + 1) * RATE / FFT
    width = np.diff(hertz)
    slopes = hertz[:, None] - bins[None, :]
    triangles = np.minimum(-slopes[:-2] / width[:-1, None], slopes[2:] / width[1:, None])
    return np.maximum(0, triangles) * (2 / (hertz[2:] - hertz[:-2]))[:, None]


def log_mel(samples, frame_count, mel_count):
    window = np.zeros(frame_count * HOP)
    window[: len(samples)] = samples
    padded = np.pad(window, FFT // 2, mode="reflect")
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)
    frames = np.stack([padded[i * HOP : i * HOP + FFT] * hann for i in range(frame_count)])
    power = np.abs(np.fft.rfft(frames)) ** 2
    logs = np.log10(np.maximum(mel_filters(mel_count) @ power.T, 1e-10))
    return (np.maximum(logs, logs.max() - 8) + 4) / 4


def speech_like(count):
    """Voiced syllables with three formants, gaps between them and a little noise."""
    time = np.arange(count) / RATE
    pitch = 120 + 25 * np.sin(2 * np.pi * 1.3 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    formants = [(500 + 200 * np.sin(2 * np.pi * 2 * time), 90), (1500 + 400 * np.cos(2 * np.pi * 3 * time), 120),
                (2500 + 0 * time, 160)]
    voice = np.zeros(count)
    for harmonic in range(1, 40):
        hertz = harmonic * pitch
        gain = sum(1 / (1 + ((hertz - centre) / width) ** 2) for centre, width in formants)
        voice += gain * np.sin(harmonic * phase) * (hertz < 7600)
    syllables = np.clip(np.sin(2 * np.pi * 4 * time), 0, 1) ** 0.5
    noise = np.random.default_rng(7).normal(size=count)
    return 0.12 * voice * syllables + 0.002 * noise


def main():
    here = pathlib.Path(__file__).parent
    noise = 0.3 * np.random.default_rng(1).normal(size=8000)
    sine = 0.9 * np.sin(2 * np.pi * 440 * np.arange(6000) / RATE)
    cases = [  # name, samples, frames of the window, mel bands
        ("speech_like", speech_like(12000), 100, 80),
        ("speech_like", speech_like(12000), 100, 128),
        ("noise", noise, 50, 80),  # fills its window: the end is reflected
        ("sine", sine, 50, 80),
        ("silence", np.zeros(1000), 10, 80),
        ("one_sample", np.array([0.5]), 10, 80),
    ]
    for name, samples, frame_count, mel_count in cases:
        stored = np.clip(np.round(samples * 32768), -32768, 32767).astype("<i2")
        features = log_mel(stored / 32768, frame_count, mel_count)
        (here / f"{name}.s16").write_bytes(stored.tobytes())
        (here / f"{name}_{mel_count}.f32").write_bytes(features.astype("<f4").tobytes())


if __name__ == "__main__":
    main()
