"""The triangular mel filters that Whisper models were trained with, by Slaney's formulas.

A ggml model file carries its filter bank, and a CTranslate2 folder does not.
"""

from __future__ import annotations

import numpy as np

SAMPLE_RATE = 16000
FFT_SIZE = 400
LINEAR_HZ_PER_MEL = 200.0 / 3.0  # Below 1 kHz the scale is linear.
LOG_START_HZ = 1000.0
LOG_START_MEL = LOG_START_HZ / LINEAR_HZ_PER_MEL
LOG_STEP = np.log(6.4) / 27.0  # Above it, 27 mels span a factor of 6.4.


def mel_of_hz(hz: np.ndarray) -> np.ndarray:
    """Slaney's mel scale: linear to 1 kHz, logarithmic above."""
    above = LOG_START_MEL + np.log(np.maximum(hz, LOG_START_HZ) / LOG_START_HZ) / LOG_STEP
    return np.where(hz < LOG_START_HZ, hz / LINEAR_HZ_PER_MEL, above)


def hz_of_mel(mel: np.ndarray) -> np.ndarray:
    """The inverse of mel_of_hz."""
    above = LOG_START_HZ * np.exp(LOG_STEP * (np.maximum(mel, LOG_START_MEL) - LOG_START_MEL))
    return np.where(mel < LOG_START_MEL, mel * LINEAR_HZ_PER_MEL, above)


def mel_filters(mel_count: int) -> np.ndarray:
    """Filters [mel_count, 201], float32, each scaled to an area of one (in Hz, times two)."""
    nyquist = SAMPLE_RATE / 2.0
    bins_hz = np.linspace(0.0, nyquist, FFT_SIZE // 2 + 1)
    top_mel = float(mel_of_hz(np.array([nyquist]))[0])
    edges_hz = hz_of_mel(np.linspace(0.0, top_mel, mel_count + 2))
    widths = np.diff(edges_hz)
    rising = (bins_hz[None, :] - edges_hz[:-2, None]) / widths[:-1, None]
    falling = (edges_hz[2:, None] - bins_hz[None, :]) / widths[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    areas = 2.0 / (edges_hz[2:] - edges_hz[:-2])
    filters: np.ndarray = (triangles * areas[:, None]).astype(np.float32)
    return filters
