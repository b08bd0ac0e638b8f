#!/usr/bin/env python3
"""Writes a whisper.cpp model file (ggml) from a CTranslate2 Whisper folder.

The benchmarks give every engine the same weights. whisper.cpp reads a format of its own; this
program makes such a file from the folder that katip and faster-whisper read, as f16 or with the
two-dimensional weights quantised to q8_0 or q5_1.

Layout of both files: docs/formats of the project for CTranslate2; for ggml a header of eleven
int32, the mel filters, the bytes of the ordinary tokens, then one record a tensor.
"""

from __future__ import annotations

import argparse
import json
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mel_filters import mel_filters

GGML_MAGIC = 0x67676D6C
QUANTISATION_VERSION = 2
BLOCK = 32
TYPE_F32, TYPE_F16, TYPE_Q5_1, TYPE_Q8_0 = 0, 1, 7, 8
TENSOR_TYPES = {"f16": TYPE_F16, "q8_0": TYPE_Q8_0, "q5_1": TYPE_Q5_1}
FILE_TYPES = {
    "f16": 1,
    "q8_0": 7 + 1000 * QUANTISATION_VERSION,
    "q5_1": 9 + 1000 * QUANTISATION_VERSION,
}
CTRANSLATE2_TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
END_OF_TEXT = "<|endoftext|>"

Weights = dict[str, np.ndarray]
Tensor = tuple[str, np.ndarray]


class FormatError(Exception):
    """The source folder is not what it should be."""


def _read_exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise FormatError(f"{file.name} ends at byte {file.tell()}: copy the model again")
    return data


def _unpack(file: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack("<" + layout, _read_exactly(file, struct.calcsize("<" + layout)))


def _read_name(file: BinaryIO) -> str:
    (size,) = _unpack(file, "H")
    return _read_exactly(file, size).rstrip(b"\0").decode()


def read_ctranslate2(path: Path) -> Weights:
    """All variables of a model.bin, by name."""
    weights: Weights = {}
    with path.open("rb") as file:
        version = _unpack(file, "I")[0]
        spec = _read_name(file)
        if spec != "WhisperSpec" or version < 4:
            raise FormatError(f"{path} holds a {spec} of version {version}, not a WhisperSpec")
        _, count = _unpack(file, "II")
        for _ in range(count):
            name = _read_name(file)
            (rank,) = _unpack(file, "B")
            shape = _unpack(file, f"{rank}I")
            type_id, size = _unpack(file, "BI")
            if type_id not in CTRANSLATE2_TYPES:
                raise FormatError(f"{path}: {name} has the unknown type {type_id}")
            raw = np.frombuffer(_read_exactly(file, size), dtype=CTRANSLATE2_TYPES[type_id])
            weights[name] = raw.reshape(shape)
    return weights


def _byte_of_char() -> dict[str, int]:
    """The byte that each character of a byte-level BPE token stands for."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    chars = {chr(byte): byte for byte in printable}
    return chars | {chr(256 + index): byte for index, byte in enumerate(others)}


def token_bytes(folder: Path) -> list[bytes]:
    """The ordinary tokens, in order; special ones are known to the reader of the file."""
    path = folder / "vocabulary.json"
    if path.exists():
        vocabulary = json.loads(path.read_text(encoding="utf-8"))
    else:
        vocabulary = (folder / "vocabulary.txt").read_text(encoding="utf-8").split("\n")
    ordinary = vocabulary[: vocabulary.index(END_OF_TEXT)]
    bytes_of = _byte_of_char()
    return [bytes(bytes_of[char] for char in token) for token in ordinary]


def _pair(weights: Weights, source: str, target: str) -> Iterator[Tensor]:
    yield f"{target}.weight", weights[f"{source}/weight"]
    yield f"{target}.bias", weights[f"{source}/bias"]


def _norm(weights: Weights, source: str, target: str) -> Iterator[Tensor]:
    yield f"{target}.weight", weights[f"{source}/gamma"]
    yield f"{target}.bias", weights[f"{source}/beta"]


def _fused(weights: Weights, source: str, target: str, parts: list[str]) -> Iterator[Tensor]:
    matrices = np.split(weights[f"{source}/weight"], len(parts))
    biases = np.split(weights[f"{source}/bias"], len(parts))
    for part, matrix, bias in zip(parts, matrices, biases):
        yield f"{target}.{part}.weight", matrix
        if part != "key":  # Whisper's keys have no bias; CTranslate2 stores zeros.
            yield f"{target}.{part}.bias", bias


def _layer_tensors(weights: Weights, source: str, target: str) -> Iterator[Tensor]:
    attention = f"{source}/self_attention"
    yield from _norm(weights, f"{attention}/layer_norm", f"{target}.attn_ln")
    yield from _fused(weights, f"{attention}/linear_0", f"{target}.attn", ["query", "key", "value"])
    yield from _pair(weights, f"{attention}/linear_1", f"{target}.attn.out")
    cross = f"{source}/attention"
    if f"{cross}/linear_0/weight" in weights:
        yield from _norm(weights, f"{cross}/layer_norm", f"{target}.cross_attn_ln")
        yield from _pair(weights, f"{cross}/linear_0", f"{target}.cross_attn.query")
        yield from _fused(weights, f"{cross}/linear_1", f"{target}.cross_attn", ["key", "value"])
        yield from _pair(weights, f"{cross}/linear_2", f"{target}.cross_attn.out")
    yield from _norm(weights, f"{source}/ffn/layer_norm", f"{target}.mlp_ln")
    yield from _pair(weights, f"{source}/ffn/linear_0", f"{target}.mlp.0")
    yield from _pair(weights, f"{source}/ffn/linear_1", f"{target}.mlp.2")


def layer_count(weights: Weights, side: str) -> int:
    return sum(
        name.startswith(f"{side}/layer_") and name.endswith("/ffn/linear_0/weight")
        for name in weights
    )


def ggml_tensors(weights: Weights) -> Iterator[Tensor]:
    """Every tensor that whisper.cpp expects, under its name."""
    for conv in ("conv1", "conv2"):
        yield f"encoder.{conv}.weight", weights[f"encoder/{conv}/weight"]
        yield f"encoder.{conv}.bias", weights[f"encoder/{conv}/bias"].reshape(-1, 1)
    yield "decoder.token_embedding.weight", weights["decoder/embeddings/weight"]
    for side, final in (("encoder", "encoder.ln_post"), ("decoder", "decoder.ln")):
        yield f"{side}.positional_embedding", weights[f"{side}/position_encodings/encodings"]
        for layer in range(layer_count(weights, side)):
            yield from _layer_tensors(weights, f"{side}/layer_{layer}", f"{side}.blocks.{layer}")
        yield from _norm(weights, f"{side}/layer_norm", final)


def quantise_q8_0(matrix: np.ndarray) -> bytes:
    """Blocks of 32: the scale as f16, then 32 int8."""
    blocks = matrix.astype(np.float32).reshape(-1, BLOCK)
    scale = np.abs(blocks).max(axis=1, keepdims=True) / 127.0
    inverse = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
    record = np.empty(len(blocks), dtype=[("scale", "<f2"), ("values", "i1", BLOCK)])
    record["scale"] = scale[:, 0]
    record["values"] = np.rint(blocks * inverse)
    return record.tobytes()


def quantise_q5_1(matrix: np.ndarray) -> bytes:
    """Blocks of 32: scale and least value as f16, 32 fifth bits, then 16 bytes of two nibbles."""
    blocks = matrix.astype(np.float32).reshape(-1, BLOCK)
    least = blocks.min(axis=1, keepdims=True)
    scale = (blocks.max(axis=1, keepdims=True) - least) / 31.0
    inverse = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
    values = np.clip(np.floor((blocks - least) * inverse + 0.5), 0, 31).astype(np.uint32)
    low, high = values & 15, values >> 4
    record = np.empty(
        len(blocks),
        dtype=[("scale", "<f2"), ("least", "<f2"), ("high", "<u4"), ("low", "u1", BLOCK // 2)],
    )
    record["scale"], record["least"] = scale[:, 0], least[:, 0]
    record["high"] = (high << np.arange(BLOCK, dtype=np.uint32)).sum(axis=1)
    record["low"] = low[:, : BLOCK // 2] | (low[:, BLOCK // 2 :] << 4)
    return record.tobytes()


def encode_tensor(name: str, value: np.ndarray, kind: str) -> tuple[int, bytes]:
    """The ggml type and bytes of one tensor: small and positional ones stay f32, kernels f16."""
    if value.ndim < 2 or value.shape[-1] == 1 or name.endswith("positional_embedding"):
        return TYPE_F32, value.astype("<f4").tobytes()
    if value.ndim == 3 or kind == "f16":
        return TYPE_F16, value.astype("<f2").tobytes()
    encode = quantise_q8_0 if kind == "q8_0" else quantise_q5_1
    return TENSOR_TYPES[kind], encode(value)


def _header(weights: Weights, kind: str) -> bytes:
    vocabulary_size, state = weights["decoder/embeddings/weight"].shape
    audio_context = weights["encoder/position_encodings/encodings"].shape[0]
    text_context = weights["decoder/position_encodings/encodings"].shape[0]
    encoder_heads = int(weights["encoder/num_heads"])
    decoder_heads = int(weights["decoder/num_heads"])
    mel_count = weights["encoder/conv1/weight"].shape[1]
    return struct.pack(
        "<I11i", GGML_MAGIC, vocabulary_size, audio_context, state, encoder_heads,
        layer_count(weights, "encoder"), text_context, state, decoder_heads,
        layer_count(weights, "decoder"), mel_count, FILE_TYPES[kind],
    )  # fmt: skip


def write_ggml(folder: Path, target: Path, kind: str) -> None:
    """Converts the model of `folder`; the target appears only when it is whole."""
    weights = read_ctranslate2(folder / "model.bin")
    tokens = token_bytes(folder)
    filters = mel_filters(weights["encoder/conv1/weight"].shape[1])
    partial = target.with_suffix(".part")
    with partial.open("wb") as file:
        file.write(_header(weights, kind))
        file.write(struct.pack("<2i", *filters.shape) + filters.astype("<f4").tobytes())
        file.write(struct.pack("<i", len(tokens)))
        for token in tokens:
            file.write(struct.pack("<i", len(token)) + token)
        for name, value in ggml_tensors(weights):
            type_id, data = encode_tensor(name, value, kind)
            label = name.encode()
            file.write(struct.pack("<3i", value.ndim, len(label), type_id))
            file.write(struct.pack(f"<{value.ndim}i", *reversed(value.shape)))
            file.write(label + data)
    partial.replace(target)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example: bench/ggml_from_ctranslate2.py .deps/models/base base.bin --type q8_0",
    )
    parser.add_argument("folder", type=Path, help="CTranslate2 folder: model.bin, vocabulary.*")
    parser.add_argument("target", type=Path, help="ggml file to write")
    parser.add_argument("--type", choices=sorted(FILE_TYPES), default="f16", dest="kind")
    arguments = parser.parse_args()
    try:
        write_ggml(arguments.folder, arguments.target, arguments.kind)
    except (OSError, ValueError, KeyError, FormatError) as error:
        print(f"ggml_from_ctranslate2: {arguments.folder}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
