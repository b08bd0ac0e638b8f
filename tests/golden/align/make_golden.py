"""Writes the golden values of src/engine/align. Run it from the repository's root:

    python tests/golden/align/make_golden.py MODEL_FOLDER AUDIO_FOLDER

Needs numpy and faster-whisper 1.2, Whisper base as a CTranslate2 folder, and the clips named below.

    NAME.json       tokens, their bytes and probabilities; words and times as faster-whisper's own
                    code makes them of the alignment that reference.py gives
    NAME.u8         the attention weights in 255ths, [heads, rows, frames]
    segments.json   words and segments before and after faster-whisper's `add_word_timestamps`
"""

import json
import pathlib
import random
import sys
from types import SimpleNamespace

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import decode_audio
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import merge_punctuations

import reference
from whisper_attention import Whisper

HERE = pathlib.Path(__file__).parent
CLIPS = {"leopard_en.wav": "en", "leopard_ja.wav": "ja"}


def byte_table(folder):
    """The bytes of each token, undoing the letters that stand for bytes in GPT-2 vocabularies."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in plain]
    letters = {chr(b): b for b in plain} | {chr(256 + i): b for i, b in enumerate(others)}
    vocabulary = json.load(open(folder + "/vocabulary.json"))
    return [bytes(letters.get(c, 63) for c in token) for token in vocabulary]


def words_of(tokenizer, tokens, probabilities, rows, frames):
    """The words as faster-whisper's find_alignment makes them of a path."""
    path = SimpleNamespace(text_token_probs=probabilities, alignments=list(zip(rows, frames)))
    model = SimpleNamespace(
        model=SimpleNamespace(align=lambda *args, **kwargs: [path]),
        tokens_per_second=1,  # times in frames
    )
    return WhisperModel.find_alignment(model, tokenizer, [tokens], None, 0)[0]


def plain(words):
    return [[w["word"], len(w["tokens"]), round(float(w["start"]), 3), round(float(w["end"]), 3),
             round(float(w["probability"]), 6)] for w in words]


def make_clip(model, whisper, table, path, language):
    tokenizer = Tokenizer(model.hf_tokenizer, True, task="transcribe", language=language)
    pcm = decode_audio(str(path))
    segments, _ = model.transcribe(pcm, language=language, beam_size=1, without_timestamps=True)
    tokens = [t for segment in segments for t in segment.tokens if t < tokenizer.eot]
    frame_count = len(pcm) // 320
    start = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
    encoded = whisper.encode(pcm)
    weights, probabilities = whisper.align(encoded, start, tokens, tokenizer.eot, frame_count)

    # First: our reference gives the path of the original.
    first = len(start) - 1
    rows, frames = reference.dtw(-reference.alignment_matrix(weights)[first:-1])
    path_there = whisper.encoder.align(
        encoded, tokenizer.sot_sequence, [tokens], 2 * frame_count, median_filter_width=7)[0]
    assert list(zip(rows, frames)) == [tuple(pair) for pair in path_there.alignments]

    # Then: what the C++ is given. The rows of the start sequence are left out of the mean.
    coarse = np.round(weights[:, first:-1] * 255).astype(np.uint8)
    matrix = reference.alignment_matrix(coarse.astype(np.float32) / 255)
    rows, frames = reference.dtw(-matrix)
    words = words_of(tokenizer, tokens, probabilities, rows, frames)
    merged = [dict(word) for word in words]
    merge_punctuations(merged, reference.PREPENDED, reference.APPENDED)
    coarse.tofile(HERE / (path.stem + ".u8"))
    json.dump(
        {
            "language": language,
            "shape": list(coarse.shape),
            "tokens": tokens,
            "bytes": {t: table[t].hex() for t in sorted(set(tokens))},
            "probabilities": [round(float(p), 6) for p in probabilities],
            "matrix_sample": [float(matrix[i, (i * 37) % matrix.shape[1]]) for i in range(len(matrix))],
            "words": plain(words),
            "merged": plain(w for w in merged if w["word"]),
        },
        open(HERE / (path.stem + ".json"), "w"),
        ensure_ascii=False,
    )


def random_case(rng):
    """Words and segments of one window, as a clumsy alignment might give them (in frames)."""
    words, at = [], rng.choice([0, 0, 10, 120])
    for i in range(rng.randint(1, 14)):
        # Fractions, so that no comparison hangs on the last bit of a float.
        length = round(rng.choice([0, 3, 8, 12, 20, 30, 60, 90, 200]) + rng.random(), 3)
        length = 0 if length < 1 else length
        text = rng.choice([" a", " word", ".", "?", ",", " (", ")", " end", "。", " \"", "\""])
        words.append({"word": text, "tokens": [1] * rng.randint(1, 3), "start": at,
                      "end": at + length, "probability": 0.5})
        at += length
    token_count = sum(len(w["tokens"]) for w in words)
    segments, left, begin = [], token_count, 0
    while left > 0:
        count = min(left, rng.randint(1, 9))
        end = round(begin + rng.uniform(10, 300), 3)
        segments.append({"seek": 0, "start": begin, "end": end, "tokens": [1] * count})
        begin, left = end, left - count
    return words, segments, rng.choice([0, 0, -200, 40])


def fit(words, segments, last, noise):
    """faster-whisper's own second half of word timing; `noise` in seconds is added to each time."""
    seconds = [dict(w, start=w["start"] * 0.02 + noise(), end=w["end"] * 0.02 + noise()) for w in words]
    timed = [dict(s, start=s["start"] * 0.02, end=s["end"] * 0.02) for s in segments]
    model = SimpleNamespace(find_alignment=lambda *args: [seconds], frames_per_second=100)
    last = WhisperModel.add_word_timestamps(
        model, [timed], SimpleNamespace(eot=50257), None, 3000, reference.PREPENDED,
        reference.APPENDED, last * 0.02)
    fitted = [[s["start"], s["end"], [[w["word"], w["start"], w["end"]] for w in s["words"]]]
              for s in timed]
    return fitted, last


def in_frames(value):
    if isinstance(value, list):
        return [in_frames(v) for v in value]
    return value if isinstance(value, str) else round(value / 0.02, 3)


def distance(a, b):
    if isinstance(a, list):
        return max([distance(x, y) for x, y in zip(a, b)], default=0)
    return 0 if isinstance(a, str) else abs(a - b)


def make_segments():
    rng, cases = random.Random(7), []
    while len(cases) < 120:
        words, segments, last = random_case(rng)
        fitted, end = fit(words, segments, last, lambda: 0.0)
        # The original rounds words to 10 ms before it compares their lengths with limits that
        # they may just have been cut to. Cases where that decides say nothing.
        others = [fit(words, segments, last, lambda: rng.uniform(-0.006, 0.006))[0]
                  for _ in range(8)]
        if any(distance(other, fitted) > 0.03 for other in others):
            continue
        cases.append({
            "words": plain(words),
            "last_speech": last,
            "segments": [[s["start"], s["end"], len(s["tokens"])] for s in segments],
            "fitted": in_frames(fitted),
            "last_speech_after": in_frames(end),
        })
    json.dump(cases, open(HERE / "segments.json", "w"), ensure_ascii=False)


def main():
    model_folder, audio_folder = sys.argv[1:]
    model = WhisperModel(model_folder, compute_type="float32")
    whisper = Whisper(model_folder)
    table = byte_table(model_folder)
    for name, language in CLIPS.items():
        make_clip(model, whisper, table, pathlib.Path(audio_folder) / name, language)
    make_segments()


main()
