"""Joins recordings into one long file, in shuffled rounds with pauses between."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio import SAMPLE_RATE

PAUSE_SECONDS = (0.3, 1.5)
NOISE_RMS = 10.0  # Of int16: -70 dB of full scale, a quiet room.
LEAD_SECONDS = 0.3


@dataclass(frozen=True)
class Clip:
    """One scored recording."""

    file: str
    language: str
    reference: str


@dataclass(frozen=True)
class Placed:
    """A recording's place in the long file, in seconds."""

    file: str
    start: float
    end: float
    reference: str


def scored_clips(manifest: Path) -> list[Clip]:
    """Recordings with exact words; other encodings of a recording that is there already are not."""
    entries = json.loads(manifest.read_text(encoding="utf-8"))["clips"]
    return [
        Clip(entry["file"], entry["language"], entry["reference"])
        for entry in entries
        if entry["scored"] and not entry.get("variant_of")
    ]


def shuffled_rounds(files: list[str], round_count: int, rng: random.Random) -> list[str]:
    """Every file once a round, and never the same one twice in a row."""
    order: list[str] = []
    for _ in range(round_count):
        one = rng.sample(files, len(files))
        if order and len(files) > 1 and one[0] == order[-1]:
            one.append(one.pop(0))
        order += one
    return order


def noise(seconds: float, rng: np.random.Generator) -> np.ndarray:
    count = int(seconds * SAMPLE_RATE)
    return np.rint(rng.normal(0.0, NOISE_RMS, count)).astype(np.int16)


def join(
    clips: list[Clip], pcm: dict[str, np.ndarray], seconds: float, seed: int
) -> tuple[np.ndarray, list[Placed]]:
    """The samples of the long file and where each recording stands in it."""
    rng, noise_rng = random.Random(seed), np.random.default_rng(seed)
    one_round = sum(len(pcm[clip.file]) for clip in clips) / SAMPLE_RATE
    one_round += len(clips) * PAUSE_SECONDS[0]
    round_count = max(1, -int(-seconds // one_round))
    by_file = {clip.file: clip for clip in clips}
    parts = [noise(LEAD_SECONDS, noise_rng)]
    position = len(parts[0])
    placed: list[Placed] = []
    for file in shuffled_rounds(list(by_file), round_count, rng):
        end = position + len(pcm[file])
        placed.append(
            Placed(file, position / SAMPLE_RATE, end / SAMPLE_RATE, by_file[file].reference)
        )
        pause = noise(rng.uniform(*PAUSE_SECONDS), noise_rng)
        parts += [pcm[file], pause]
        position = end + len(pause)
    return np.concatenate(parts), placed
