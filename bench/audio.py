"""Recordings as 16 kHz mono samples, and WAV files of them."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np

SAMPLE_RATE = 16000


def decode(path: Path) -> np.ndarray:
    """Any recording -> int16 [n] at 16 kHz, channels mixed."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    parts: list[np.ndarray] = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            parts += [out.to_ndarray()[0] for out in resampler.resample(frame)]
    parts += [out.to_ndarray()[0] for out in resampler.resample(None)]
    return np.concatenate(parts)


def write_wav(path: Path, samples: np.ndarray) -> None:
    """Writes int16 [n]; the file appears only when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with wave.open(str(partial), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    partial.replace(path)


def read_wav(path: Path) -> np.ndarray:
    """A 16 kHz mono 16-bit WAV -> float32 [n] in [-1, 1)."""
    with wave.open(str(path), "rb") as file:
        layout = (file.getnchannels(), file.getsampwidth(), file.getframerate())
        if layout != (1, 2, SAMPLE_RATE):
            raise ValueError(f"{path} is not 16 kHz mono 16-bit: make it with bench/make_long")
        raw = file.readframes(file.getnframes())
    return np.frombuffer(raw, dtype="<i2").astype(np.float32) / 32768.0
