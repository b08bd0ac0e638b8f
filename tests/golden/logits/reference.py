#!/usr/bin/env python3
"""A Whisper encoder and decoder in NumPy and float32, written to be read beside the paper.

Usage: reference.py OUTPUT_FOLDER      (needs: pip install numpy)

Writes one golden file per case of CASES: the logits for fixed mel and tokens of a model with random
weights (random_model.py). The mel is random_tensor(seed, "mel") of the same seed; its last third is
quiet, as after the end of a clip.

Source: "Robust Speech Recognition via Large-Scale Weak Supervision" (2022), section 2.2, and
whisper/model.py for what the paper leaves out: pre-norm, exact GELU, no bias on keys.
"""

import json
import math
import pathlib
import sys

import numpy as np

from random_model import Shape, random_tensor

CASES = {
    "multilingual": Shape(),
    "english": Shape(language_count=0, seed=2),
    "large_v3": Shape(mel_count=128, language_count=100, seed=3),
    "turbo": Shape(mel_count=128, language_count=100, audio_layer_count=4, text_layer_count=2, seed=4),
    "distil": Shape(audio_layer_count=3, text_layer_count=1, state_size=192, seed=5),
}
LOGIT_STRIDE = 16
STATE_POSITIONS = [0, 1, 733, 1499]
STATE_STRIDE = 4

_erf = np.vectorize(math.erf, otypes=[np.float64])


def gelu(x):
    return (x * 0.5 * (1.0 + _erf(x / math.sqrt(2.0)))).astype(np.float32)


def softmax(x):
    exponentials = np.exp(x - x.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


class Model:
    """Weights by their names in weights.h; made when asked for."""

    def __init__(self, shape, weight=None):
        self.shape = shape
        self.weight = weight or (lambda name, size: random_tensor(shape.seed, name, size))

    def linear(self, x, name, out_size):
        y = x @ self.weight(name + "/weight", (out_size, x.shape[-1])).T
        return y + self.weight(name + "/bias", (out_size,))

    def norm(self, x, name):
        mean = x.mean(axis=-1, keepdims=True)
        variance = ((x - mean) ** 2).mean(axis=-1, keepdims=True)
        y = (x - mean) / np.sqrt(variance + np.float32(1e-5))
        size = (x.shape[-1],)
        return y * self.weight(name + "/layer_norm/gamma", size) + self.weight(
            name + "/layer_norm/beta", size
        )

    def convolution(self, x, name, stride):
        """x [channels, time], kernel 3, padding 1."""
        size = self.shape.state_size
        kernel = self.weight(name + "/weight", (size, x.shape[0], 3))
        padded = np.pad(x, ((0, 0), (1, 1)))
        length = (x.shape[1] - 1) // stride + 1
        y = sum(
            kernel[:, :, k] @ padded[:, k : k + stride * (length - 1) + 1 : stride] for k in range(3)
        )
        return gelu(y + self.weight(name + "/bias", (size,))[:, None])

    def attention(self, queries, keys, values, causal):
        """All [time, state_size]; heads are 64 columns side by side."""
        result = np.empty_like(queries)
        for head in range(self.shape.head_count):
            columns = slice(64 * head, 64 * head + 64)
            scores = queries[:, columns] @ keys[:, columns].T / np.float32(8.0)
            if causal:
                scores = scores + np.triu(np.full(scores.shape, -np.inf, np.float32), 1)
            result[:, columns] = softmax(scores) @ values[:, columns]
        return result

    def self_attention(self, x, layer, causal):
        size = self.shape.state_size
        block = layer + "/self_attention"
        qkv = self.linear(self.norm(x, block), block + "/qkv", 3 * size)
        mixed = self.attention(*np.split(qkv, 3, axis=1), causal)
        return x + self.linear(mixed, block + "/output", size)

    def cross_attention(self, x, audio, layer):
        size = self.shape.state_size
        block = layer + "/cross_attention"
        queries = self.linear(self.norm(x, block), block + "/query", size)
        keys, values = np.split(self.linear(audio, block + "/key_value", 2 * size), 2, axis=1)
        mixed = self.attention(queries, keys, values, causal=False)
        return x + self.linear(mixed, block + "/output", size)

    def feed_forward(self, x, layer):
        size = self.shape.state_size
        up = gelu(self.linear(self.norm(x, layer + "/ffn"), layer + "/ffn/up", 4 * size))
        return x + self.linear(up, layer + "/ffn/down", size)

    def encode(self, mel):
        """mel [mel_count, 3000] -> [audio_context, state_size]"""
        shape = self.shape
        x = self.convolution(self.convolution(mel, "encoder/conv1", 1), "encoder/conv2", 2).T
        x = x + self.weight("encoder/positions", (shape.audio_context, shape.state_size))
        for i in range(shape.audio_layer_count):
            layer = f"encoder/layer_{i}"
            x = self.feed_forward(self.self_attention(x, layer, causal=False), layer)
        return self.norm(x, "encoder")

    def decode(self, audio, tokens):
        """tokens [n] -> logits [n, vocabulary_size]"""
        shape = self.shape
        embeddings = self.weight("decoder/embeddings", (shape.vocabulary_size, shape.state_size))
        positions = self.weight("decoder/positions", (shape.text_context, shape.state_size))
        x = embeddings[tokens] + positions[: len(tokens)]
        for i in range(shape.text_layer_count):
            layer = f"decoder/layer_{i}"
            x = self.self_attention(x, layer, causal=True)
            x = self.feed_forward(self.cross_attention(x, audio, layer), layer)
        return self.norm(x, "decoder") @ embeddings.T


def make_mel(shape):
    mel = random_tensor(shape.seed, "encoder/mel", (shape.mel_count, 2 * shape.audio_context))
    mel[:, 2000:] = np.float32(-0.75)
    return mel


def make_tokens(shape):
    """A start, and text with a repetition, so that positions matter."""
    start = shape.start_of_transcript
    return [start, start + 1, 10, 200, 200, 31, 263, 0]


def rounded(array):
    return [[round(float(v), 5) for v in row] for row in array]


def main():
    folder = pathlib.Path(sys.argv[1])
    for name, shape in CASES.items():
        model = Model(shape)
        tokens = make_tokens(shape)
        states = model.encode(make_mel(shape))
        logits = model.decode(states, tokens)
        golden = {
            "mel_count": shape.mel_count,
            "audio_layer_count": shape.audio_layer_count,
            "text_layer_count": shape.text_layer_count,
            "state_size": shape.state_size,
            "language_count": shape.language_count,
            "seed": shape.seed,
            "tokens": tokens,
            "state_positions": STATE_POSITIONS,
            "state_stride": STATE_STRIDE,
            "states": rounded(states[STATE_POSITIONS, ::STATE_STRIDE]),
            "logit_stride": LOGIT_STRIDE,
            "logits": rounded(logits[:, ::LOGIT_STRIDE]),
            "best": [int(row.argmax()) for row in logits],
            "best_logit": [round(float(row.max()), 5) for row in logits],
            "logit_mean": [round(float(row.mean(dtype=np.float64)), 5) for row in logits],
            "logit_deviation": [round(float(row.std(dtype=np.float64)), 5) for row in logits],
        }
        text = json.dumps(golden, separators=(",", ":")).replace("],", "],\n").replace(',"', ',\n"')
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        print(name, np.abs(logits).max(), logits.std(), golden["best"])


if __name__ == "__main__":
    main()
