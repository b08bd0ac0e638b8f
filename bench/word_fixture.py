#!/usr/bin/env python3
"""Makes recordings whose word times are known, to measure an engine's word times against.

Several sources, because none is enough alone:
  synthesis   festival speaks sentences with two voices and tells when each word starts (exact);
  alignment   pocketsphinx finds the words of real recordings, given their text (10 ms steps);
  librivox    the same for a book that is read slowly, which no setting was chosen by;
  pauses      the book again, with pauses put between its words.

Writes into build/bench/words: *.wav and words.json. Needs bench/setup, bench/make_long, and
Debian's festival, festvox-kallpc16k, festvox-us-slt-hts and pocketsphinx-testdata.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import wave
from dataclasses import asdict, dataclass
from pathlib import Path

from environment import DATA, use_bench_python

use_bench_python()

import numpy as np  # noqa: E402

import wer  # noqa: E402
from audio import SAMPLE_RATE, decode, write_wav  # noqa: E402

VOICES = {"slt": "voice_cmu_us_slt_arctic_hts", "kal": "voice_kal_diphone"}
LIBRIVOX = Path("/usr/share/pocketsphinx/test/data/librivox")
PAUSE_SECONDS = 0.4
LONG_PAUSE_SECONDS = 0.8
WORDS_A_PAUSE = 4  # At most one pause in so many words.
QUIET_DB = -20.0  # Of the clip's loud frames; a place for a pause is below.
NEAR_SECONDS = 0.06  # How far a place for a pause may be from the aligner's boundary.
QUIET_STEP = SAMPLE_RATE // 100
SENTENCES_A_FILE = 3
SENTENCES = (
    "The river was high after the rain, and nobody dared to cross the old wooden bridge.",
    "My neighbour keeps bees behind the garden wall and sells the honey every summer.",
    "When the lights went out, we sat in the kitchen and told each other long stories.",
    "She wrote the letter slowly, because her hand still hurt from the fall.",
    "There is a small museum near the station that few visitors ever find.",
    "He promised to repair the clock before the end of the week, but he forgot.",
    "The children built a castle of sand, and the next wave washed it away.",
    "Please leave the keys under the flower pot and close the gate behind you.",
    "Our train was late again, so we missed the first part of the concert.",
    "The doctor asked a few simple questions and wrote the answers down.",
    "Fresh bread, good butter and a little salt make a perfect breakfast.",
    "Nobody knows who painted this wall, but everybody likes the bright colours.",
)
# Words that the aligner's dictionary does not have.
PRONUNCIATIONS = {"quilter": "K W IH L T ER", "waldo's": "W AO L D OW Z"}


@dataclass(frozen=True)
class TimedWord:
    """A word and when it is heard, in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class TimedRecording:
    """A recording and the times of all its words."""

    file: str
    source: str
    language: str
    words: list[TimedWord]


class FixtureError(Exception):
    """A tool is missing or failed."""


def festival_script(voice: str, sentences: list[str], folder: Path) -> str:
    lines = [f"({VOICES[voice]})"]
    for index, sentence in enumerate(sentences):
        lines += [
            f'(set! spoken (utt.synth (Utterance Text "{sentence}")))',
            f'(utt.save.wave spoken "{folder}/{index}.wav" \'riff)',
            f'(format t "sentence {index}\\n")',
            '(mapcar (lambda (word) (format t "%s %f %f\\n" (item.name word)'
            ' (item.feat word "word_start") (item.feat word "word_end")))'
            " (utt.relation.items spoken 'Word))",
        ]
    return "\n".join(lines) + "\n"


def speak(voice: str, sentences: list[str]) -> list[tuple[np.ndarray, list[TimedWord]]]:
    """Samples and word times of each sentence."""
    if not shutil.which("festival"):
        raise FixtureError("install festival, festvox-kallpc16k and festvox-us-slt-hts")
    with tempfile.TemporaryDirectory() as name:
        script = Path(name) / "speak.scm"
        script.write_text(festival_script(voice, sentences, Path(name)), encoding="utf-8")
        done = subprocess.run(
            ["festival", "-b", script], capture_output=True, text=True, check=False
        )
        spoken: list[list[TimedWord]] = []
        for line in done.stdout.splitlines():
            text, first, *rest = line.split()
            if text == "sentence":
                spoken.append([])
            else:
                spoken[-1].append(TimedWord(text.lower(), float(first), float(rest[0])))
        if len(spoken) != len(sentences):
            raise FixtureError(f"festival failed: {done.stderr.strip()[-300:]}")
        return [(decode(Path(name) / f"{i}.wav"), words) for i, words in enumerate(spoken)]


def synthesised(folder: Path) -> list[TimedRecording]:
    """Files of a few sentences each, from every voice."""
    recordings: list[TimedRecording] = []
    silence = np.zeros(int(PAUSE_SECONDS * SAMPLE_RATE), dtype=np.int16)
    for voice in VOICES:
        sentences = speak(voice, list(SENTENCES))
        for first in range(0, len(sentences), SENTENCES_A_FILE):
            parts, words, position = [silence], [], len(silence)
            for samples, timed in sentences[first : first + SENTENCES_A_FILE]:
                shift = position / SAMPLE_RATE
                words += [TimedWord(w.text, w.start + shift, w.end + shift) for w in timed]
                parts += [samples, silence]
                position += len(samples) + len(silence)
            name = f"{voice}_{first // SENTENCES_A_FILE}.wav"
            write_wav(folder / name, np.concatenate(parts))
            recordings.append(TimedRecording(name, f"synthesis {voice}", "en", words))
    return recordings


def align_words(path: Path, reference: str) -> list[TimedWord]:
    """When each word of the reference is heard, by forced alignment."""
    from pocketsphinx import Decoder

    decoder = Decoder(loglevel="FATAL", lm=None, samprate=SAMPLE_RATE)
    words = ["mister" if one == "mr" else one for one in wer.words_of(reference)]
    for word, phones in PRONUNCIATIONS.items():
        if word in words and decoder.lookup_word(word) is None:
            decoder.add_word(word, phones, True)
    unknown = [word for word in words if decoder.lookup_word(word) is None]
    if unknown:
        raise FixtureError(f"{path.name}: no pronunciation for {', '.join(sorted(set(unknown)))}")
    decoder.set_align_text(" ".join(words))
    with wave.open(str(path)) as file:
        pcm = file.readframes(file.getnframes())
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    heard = [one for one in decoder.seg() or [] if not one.word.startswith("<")]
    if len(heard) != len(words):
        raise FixtureError(f"{path.name}: the aligner found {len(heard)} of {len(words)} words")
    return [
        TimedWord(word, one.start_frame / 100.0, (one.end_frame + 1) / 100.0)
        for word, one in zip(words, heard)
    ]


def aligned(data: Path, folder: Path) -> list[TimedRecording]:
    """The English recordings of bench/make_long."""
    recordings: list[TimedRecording] = []
    for entry in json.loads((data / "clips.json").read_text(encoding="utf-8")):
        if entry["language"] != "en":
            continue
        source = data / entry["file"]
        words = align_words(source, entry["reference"])
        shutil.copyfile(source, folder / source.name)
        recordings.append(TimedRecording(source.name, "alignment", "en", words))
    return recordings


def quiet_places(samples: np.ndarray, words: list[TimedWord]) -> list[float]:
    """Where a pause can be put between two words without cutting into speech, in seconds."""
    steps = samples[: len(samples) // QUIET_STEP * QUIET_STEP].reshape(-1, QUIET_STEP)
    power = np.mean((steps / 32768.0) ** 2, axis=1) + 1e-10
    limit = np.percentile(power, 90) * 10 ** (QUIET_DB / 10)
    near = round(NEAR_SECONDS * SAMPLE_RATE / QUIET_STEP)
    places: list[float] = []
    next_word = WORDS_A_PAUSE
    for index in range(1, len(words)):
        boundary = round(words[index].start * SAMPLE_RATE / QUIET_STEP)
        first = max(0, boundary - near)
        quietest = first + int(np.argmin(power[first : boundary + near]))
        if index >= next_word and power[quietest] < limit:
            places.append((quietest + 0.5) * QUIET_STEP / SAMPLE_RATE)
            next_word = index + WORDS_A_PAUSE
    return places


def with_pauses(
    samples: np.ndarray, words: list[TimedWord], places: list[float]
) -> tuple[np.ndarray, list[TimedWord]]:
    """The recording with silence at the places, and its words where they are then."""
    silence = np.zeros(int(LONG_PAUSE_SECONDS * SAMPLE_RATE), dtype=samples.dtype)
    parts = np.split(samples, [round(place * SAMPLE_RATE) for place in places])
    joined = [parts[0]] + [piece for part in parts[1:] for piece in (silence, part)]

    def moved(word: TimedWord) -> TimedWord:
        # The quiet place may be a little behind the start of the word that follows it.
        before = sum(place <= word.start + NEAR_SECONDS for place in places)
        inside = sum(place <= word.end - NEAR_SECONDS for place in places)
        return TimedWord(
            word.text,
            word.start + before * LONG_PAUSE_SECONDS,
            word.end + inside * LONG_PAUSE_SECONDS,
        )

    return np.concatenate(joined), [moved(word) for word in words]


def librivox_texts() -> dict[str, str]:
    """Name and text of each recording of pocketsphinx-testdata."""
    listing = LIBRIVOX / "transcription"
    if not listing.exists():
        raise FixtureError("install pocketsphinx-testdata")
    lines = re.findall(r"<s> (.*) </s> \((.*)\)", listing.read_text(encoding="utf-8"))
    return {name: text for text, name in lines}


def librivox(folder: Path) -> list[TimedRecording]:
    """The book as it is, and with pauses."""
    recordings: list[TimedRecording] = []
    for name, text in librivox_texts().items():
        source = LIBRIVOX / f"{name}.wav"
        samples, words = decode(source), align_words(source, text)
        spread, moved = with_pauses(samples, words, quiet_places(samples, words))
        for kind, data, timed in (("librivox", samples, words), ("pauses", spread, moved)):
            file = f"{kind}_{name.rpartition('-')[2]}.wav"
            write_wav(folder / file, data)
            recordings.append(TimedRecording(file, kind, "en", timed))
    return recordings


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example: bench/word_fixture.py",
    )
    parser.add_argument("--data", type=Path, default=DATA, help="where bench/make_long wrote")
    arguments = parser.parse_args()
    folder = arguments.data / "words"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        recordings = synthesised(folder) + aligned(arguments.data, folder) + librivox(folder)
    except (FixtureError, OSError) as error:
        print(f"word_fixture: {error}", file=sys.stderr)
        return 2
    listing = json.dumps([asdict(one) for one in recordings], ensure_ascii=False, indent=1)
    (folder / "words.json").write_text(listing + "\n", encoding="utf-8")
    count = sum(len(one.words) for one in recordings)
    print(f"{folder / 'words.json'}: {count} words in {len(recordings)} recordings")
    return 0


if __name__ == "__main__":
    sys.exit(main())
