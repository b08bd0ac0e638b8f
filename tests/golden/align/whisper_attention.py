"""The Whisper decoder in NumPy, as far as word times need it: cross-attention and probabilities.

Reads a CTranslate2 folder. The encoder is run by the ctranslate2 package.
"""

import json
import struct

import ctranslate2
import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor


def read_weights(path):
    data = open(path, "rb").read()
    types = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
    at = 0

    def number(code):
        nonlocal at
        value = struct.unpack_from("<" + code, data, at)[0]
        at += struct.calcsize("<" + code)
        return value

    def text():
        nonlocal at
        size = number("H")
        at += size
        return data[at - size : at - 1].decode()

    number("I"), text(), number("I")
    weights = {}
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        kind = np.dtype(types[number("B")])
        size = number("I")
        weights[name] = np.frombuffer(data, kind, size // kind.itemsize, at).reshape(shape)
        if kind == np.float16:
            weights[name] = weights[name].astype(np.float32)
        at += size
    return weights


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def gelu(x):
    # erf by Abramowitz and Stegun 7.1.26, within 1.5e-7.
    t = 1 / (1 + 0.3275911 * np.abs(x) / np.sqrt(2))
    p = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    return 0.5 * x * (1 + np.sign(x) * (1 - p * np.exp(-x * x / 2)))


class Whisper:
    def __init__(self, folder):
        self.weights = read_weights(folder + "/model.bin")
        self.heads = json.load(open(folder + "/config.json"))["alignment_heads"]
        self.encoder = ctranslate2.models.Whisper(folder, compute_type="float32")
        self.features = FeatureExtractor()
        self.embeddings = self.weights["decoder/embeddings/weight"]
        self.head_count = self.embeddings.shape[1] // 64
        self.layer_count = 1 + max(
            int(name.split("_")[1].split("/")[0])
            for name in self.weights
            if name.startswith("decoder/layer_") and name[14].isdigit()
        )

    def encode(self, pcm):
        mel = self.features(pcm)[:, :3000]
        mel = np.pad(mel, ((0, 0), (0, 3000 - mel.shape[1]))).astype(np.float32)
        return self.encoder.encode(ctranslate2.StorageView.from_array(np.ascontiguousarray(mel[None])))

    def linear(self, x, name):
        return x @ self.weights[name + "/weight"].T + self.weights.get(name + "/bias", 0)

    def norm(self, x, name):
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
        return x * self.weights[name + "/gamma"] + self.weights[name + "/beta"]

    def split_heads(self, x):
        return x.reshape(len(x), self.head_count, 64).transpose(1, 0, 2)

    def attend(self, scores, values):
        return (softmax(scores) @ values).transpose(1, 0, 2).reshape(scores.shape[1], -1)

    def align(self, encoded, start, text, end_of_text, frame_count):
        """Softmaxed attention [heads, text + 1, frames] and the probabilities of the text."""
        audio = np.array(encoded)[0]
        tokens = [*start, *text, end_of_text]
        x = self.embeddings[tokens] + self.weights["decoder/position_encodings/encodings"][: len(tokens)]
        mask = np.triu(np.full((len(tokens), len(tokens)), -1e30), 1)
        cross = {}
        for layer in range(self.layer_count):
            name = f"decoder/layer_{layer}/"
            h = self.linear(self.norm(x, name + "self_attention/layer_norm"), name + "self_attention/linear_0")
            q, k, v = (self.split_heads(part) for part in np.split(h, 3, -1))
            h = self.attend(q @ k.transpose(0, 2, 1) / 8 + mask, v)
            x = x + self.linear(h, name + "self_attention/linear_1")
            q = self.split_heads(
                self.linear(self.norm(x, name + "attention/layer_norm"), name + "attention/linear_0"))
            k, v = (self.split_heads(part)
                    for part in np.split(self.linear(audio, name + "attention/linear_1"), 2, -1))
            cross[layer] = q @ k.transpose(0, 2, 1) / 8
            x = x + self.linear(self.attend(cross[layer], v), name + "attention/linear_2")
            h = gelu(self.linear(self.norm(x, name + "ffn/layer_norm"), name + "ffn/linear_0"))
            x = x + self.linear(h, name + "ffn/linear_1")
        logits = self.norm(x, "decoder/layer_norm") @ self.embeddings.T
        first = len(start) - 1
        chances = softmax(logits[first : first + len(text), :end_of_text])
        attention = np.stack([softmax(cross[l][h][:, :frame_count]) for l, h in self.heads])
        return attention, chances[np.arange(len(text)), text]
