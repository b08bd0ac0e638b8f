"""Tests of the model converter and the long file. Run them with .venv/bench/bin/python."""

from __future__ import annotations

import random
import tempfile
import unittest
from pathlib import Path

import numpy as np

import ggml_from_ctranslate2 as ggml
import long_file
from mel_filters import mel_filters


class Quantisation(unittest.TestCase):
    matrix = np.random.default_rng(1).normal(size=(6, 64)).astype(np.float32)

    def test_q8_0_gives_the_values_back_within_half_a_step(self) -> None:
        record = np.frombuffer(
            ggml.quantise_q8_0(self.matrix), dtype=[("scale", "<f2"), ("values", "i1", 32)]
        )
        back = record["scale"][:, None].astype(np.float32) * record["values"]
        step = np.abs(self.matrix).max() / 127
        self.assertLess(np.abs(back - self.matrix.reshape(-1, 32)).max(), step)

    def test_q5_1_gives_the_values_back_within_half_a_step(self) -> None:
        record = np.frombuffer(
            ggml.quantise_q5_1(self.matrix),
            dtype=[("scale", "<f2"), ("least", "<f2"), ("high", "<u4"), ("low", "u1", 16)],
        )
        high = (record["high"][:, None] >> np.arange(32)) & 1
        low = np.concatenate([record["low"] & 15, record["low"] >> 4], axis=1)
        scale, least = (record[name][:, None].astype(np.float32) for name in ("scale", "least"))
        back = scale * (low + 16 * high) + least
        step = np.ptp(self.matrix) / 31
        self.assertLess(np.abs(back - self.matrix.reshape(-1, 32)).max(), 0.6 * step)

    def test_a_block_of_zeros_stays_zeros(self) -> None:
        self.assertEqual(set(ggml.quantise_q8_0(np.zeros((1, 32), np.float32))), {0})
        self.assertEqual(set(ggml.quantise_q5_1(np.zeros((1, 32), np.float32))), {0})


class ModelFile(unittest.TestCase):
    def test_a_truncated_source_is_an_error(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.bin"
            path.write_bytes(b"\x06\0\0\0\x0c\0WhisperSpec\0\x03\0\0\0\x05\0\0\0")
            with self.assertRaisesRegex(ggml.FormatError, "ends at byte"):
                ggml.read_ctranslate2(path)

    def test_filters_have_no_empty_band_and_stay_in_range(self) -> None:
        for count in (80, 128):
            bank = mel_filters(count)
            self.assertEqual(bank.shape, (count, 201))
            self.assertTrue((bank.max(axis=1) > 0).all() and bank.min() >= 0)


class LongFile(unittest.TestCase):
    def test_each_round_holds_every_file_and_no_file_follows_itself(self) -> None:
        for seed in range(50):
            order = long_file.shuffled_rounds(list("abc"), 4, random.Random(seed))
            self.assertEqual([sorted(order[i : i + 3]) for i in range(0, 12, 3)], [list("abc")] * 4)
            self.assertTrue(all(a != b for a, b in zip(order, order[1:])))

    def test_the_same_seed_gives_the_same_samples_and_true_places(self) -> None:
        clips = [long_file.Clip(name, "en", name) for name in "ab"]
        pcm = {"a": np.full(16000, 1000, np.int16), "b": np.full(8000, 2000, np.int16)}
        first, places = long_file.join(clips, pcm, 10.0, 7)
        again, _ = long_file.join(clips, pcm, 10.0, 7)
        self.assertTrue(np.array_equal(first, again))
        self.assertGreaterEqual(len(first), 160000)
        for one in places:
            start, end = round(one.start * 16000), round(one.end * 16000)
            self.assertTrue(np.array_equal(first[start:end], pcm[one.file]))


if __name__ == "__main__":
    unittest.main()
