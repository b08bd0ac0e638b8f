"""Writes librivox.json, the known word times of tests/integration/word_times_test.cc. Run it from
the repository's root, after bench/setup:

    .venv/bench/bin/python tests/golden/words/make_golden.py

The recordings are those of Debian's package pocketsphinx-testdata, which are not copied here. For
each: its words with their starts as pocketsphinx aligns them, and quiet places between words where
a test may put a pause, all in seconds. `near` is how far a place may be behind the start of the
word that follows it. See bench/word_fixture.py.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "bench"))

import word_fixture  # noqa: E402
from audio import decode  # noqa: E402


def recording(name: str, text: str) -> dict[str, object]:
    source = word_fixture.LIBRIVOX / f"{name}.wav"
    words = word_fixture.align_words(source, text)
    places = word_fixture.quiet_places(decode(source), words)
    return {
        "file": source.name,
        "words": [[word.text, round(word.start, 3)] for word in words],
        "places": [round(place, 3) for place in places],
    }


def main() -> None:
    listing = {
        "near": word_fixture.NEAR_SECONDS,
        "recordings": [recording(*one) for one in word_fixture.librivox_texts().items()],
    }
    (HERE / "librivox.json").write_text(json.dumps(listing) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
