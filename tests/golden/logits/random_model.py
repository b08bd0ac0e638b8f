"""Whisper models with random weights that are the same everywhere.

Each weight is k * 2^-shift with a whole k from -127 to 127 that follows from the seed, the tensor's
name (src/engine/model/weights.h) and its index. So float32, float16, bfloat16 and int8 files hold
exactly the same numbers, and src/engine/model/testing/random_model.h makes them too.
"""

import dataclasses

import numpy as np

TIMESTAMP_COUNT = 1501
SPECIAL_COUNT = 8 + TIMESTAMP_COUNT
TEXT_COUNT = 264  # 256 bytes and 8 merges
QUERY_SCALE = 4


@dataclasses.dataclass(frozen=True)
class Shape:
    mel_count: int = 80
    audio_layer_count: int = 2
    text_layer_count: int = 2
    state_size: int = 128
    language_count: int = 99
    seed: int = 1
    audio_context: int = 1500
    text_context: int = 448

    @property
    def head_count(self):
        return self.state_size // 64

    @property
    def vocabulary_size(self):
        return TEXT_COUNT + self.language_count + SPECIAL_COUNT

    @property
    def start_of_transcript(self):
        return TEXT_COUNT + 1


def random_integers(seed, name, count):
    """Whole numbers from -127 to 127: SplitMix64 started at the FNV-1a hash of "seed/name"."""
    start = 0xCBF29CE484222325
    for byte in f"{seed}/{name}".encode():
        start = (start ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(start) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(
            0x9E3779B97F4A7C15
        )
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return ((z >> np.uint64(32)) % np.uint64(255)).astype(np.int64) - 127


def weight_shift(fan_in):
    """The smallest shift that keeps the standard deviation (73 before it) at most fan_in ** -0.5."""
    shift = 0
    while 4**shift < 5329 * fan_in:
        shift += 1
    return shift


def random_tensor(seed, name, shape):
    values = random_integers(seed, name, int(np.prod(shape))).reshape(shape)
    kind = name.rsplit("/", 1)[1]
    if kind == "gamma":
        return (1 + np.fix(values / 4) / 128).astype(np.float32)
    shifts = {"embeddings": 8, "positions": 9, "bias": 10, "beta": 10, "mel": 7}
    if kind in shifts:
        shift = shifts[kind]
    else:
        shift = weight_shift(int(np.prod(shape[1:])))
    tensor = np.ldexp(values.astype(np.float32), -shift)
    rows = shape[0]
    # Larger queries make attention look at few places; else it averages everything away.
    if name.endswith("/qkv/weight"):
        tensor[: rows // 3] *= QUERY_SCALE
    if name.endswith("/query/weight"):
        tensor *= QUERY_SCALE
    if name.endswith("/qkv/bias"):
        tensor[rows // 3 : 2 * rows // 3] = 0  # keys have no bias
    if name.endswith("/key_value/bias"):
        tensor[: rows // 2] = 0
    return tensor
