#!/usr/bin/env python3
"""Measures how far an engine's word starts are from where the words are heard.

Reads the recordings of bench/word_fixture.py. Only words that the engine heard rightly are
compared; how many those are is said beside each figure. The "synthesis" sources know their times
exactly; the others are real speech with times of a forced aligner.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import engines
import report
import wer
from engines import Setting
from environment import DATA, KATIP
from measurements import percentile
from worker import Worker, WorkerError

TIMEOUT_SECONDS = 600.0


@dataclass(frozen=True)
class Unit:
    """One comparable word of a text, and when it starts."""

    text: str
    start: float


def timed_units(words: list[dict[str, Any]], language: str) -> list[Unit]:
    """The units of a list of timed words; the parts of a compound all have its start."""
    return [
        Unit(unit, float(word["start"]))
        for word in words
        for unit in wer.units_of(word["text"], language)
    ]


def start_errors(
    known: list[dict[str, Any]], heard: list[dict[str, Any]], language: str
) -> list[float]:
    """Heard minus known start, in seconds, of each word that both have."""
    reference, hypothesis = timed_units(known, language), timed_units(heard, language)
    pairs = wer.align([one.text for one in reference], [one.text for one in hypothesis])
    return [
        hypothesis[right].start - reference[left].start
        for left, right in pairs
        if left is not None and right is not None and reference[left].text == hypothesis[right].text
    ]


def words_of(result: dict[str, Any]) -> list[dict[str, Any]]:
    segments = result["segments"]
    if any(segment["text"] and not segment.get("words") for segment in segments):
        raise WorkerError("the worker gave a segment without words though they were asked for")
    return [word for segment in segments for word in segment.get("words", [])]


def measure(
    setting: Setting, entries: list[dict[str, Any]], folder: Path, vad: bool
) -> dict[str, list[float]]:
    """Start errors of every source, by its name."""
    errors: dict[str, list[float]] = {}
    log = folder / "logs" / (setting.name.replace(" ", "_") + ".log")
    with Worker(setting.name, list(setting.command), log, TIMEOUT_SECONDS) as worker:
        for entry in entries:
            options = {
                "language": entry["language"],
                "beam": setting.beam,
                "words": True,
                "vad": vad,
            }
            answer = worker.transcribe([str((folder / entry["file"]).resolve())], options)
            heard = words_of(answer.results[0])
            errors.setdefault(entry["source"], []).extend(
                start_errors(entry["words"], heard, entry["language"])
            )
    return errors


def summary(setting: Setting, source: str, errors: list[float], known: int) -> dict[str, Any]:
    sizes = [abs(one) * 1000.0 for one in errors] or [float("nan")]
    return {
        "setting": setting.name,
        "source": source,
        "words": len(errors),
        "words_known": known,
        "median_ms": statistics.median(sizes),
        "mean_ms": statistics.fmean(sizes),
        "p90_ms": percentile(sizes, 0.9),
        "bias_ms": statistics.median(errors) * 1000.0 if errors else float("nan"),
    }


def table(rows: list[dict[str, Any]]) -> str:
    header = ["setting", "source", "words", "median ms", "mean ms", "90 % ms", "median bias ms"]
    return report.table(
        header,
        [
            [
                row["setting"],
                row["source"],
                f"{row['words']}/{row['words_known']}",
                f"{row['median_ms']:.0f}",
                f"{row['mean_ms']:.0f}",
                f"{row['p90_ms']:.0f}",
                f"{row['bias_ms']:+.0f}",
            ]
            for row in rows
        ],
    )


def settings_for(only: str, katip: Path) -> list[Setting]:
    """Settings that can time words and whose name begins with one of `only`."""
    wanted = tuple(only.split(","))
    able = [
        one
        for one in engines.all_settings(katip.resolve())
        if one.engine != engines.WHISPER_CPP and engines.Workload.LONG in one.shares
    ]
    return [one for one in able if one.name.startswith(wanted)]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n  bench/word_times.py\n"
        "  bench/word_times.py --only 'katip,faster-whisper sequential beam 5'",
    )
    parser.add_argument(
        "--only",
        default="katip,faster-whisper sequential greedy,faster-whisper sequential beam 5",
        help="settings whose name begins with one of these (default: %(default)s)",
    )
    parser.add_argument("--katip", type=Path, default=KATIP)
    parser.add_argument("--words", type=Path, default=DATA / "words" / "words.json")
    parser.add_argument("--no-vad", action="store_true", help="without voice activity detection")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    rows: list[dict[str, Any]] = []
    try:
        entries = json.loads(arguments.words.read_text(encoding="utf-8"))
        known: dict[str, int] = {}
        for entry in entries:
            count = len(timed_units(entry["words"], entry["language"]))
            known[entry["source"]] = known.get(entry["source"], 0) + count
        for setting in settings_for(arguments.only, arguments.katip):
            errors = measure(setting, entries, arguments.words.parent, not arguments.no_vad)
            rows += [summary(setting, source, errors[source], known[source]) for source in errors]
            every = [one for part in errors.values() for one in part]
            rows.append(summary(setting, "all", every, sum(known.values())))
    except (WorkerError, OSError, ValueError) as error:
        print(f"word_times: {error} (bench/word_fixture.py makes the recordings)", file=sys.stderr)
        return 1
    print(table(rows))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
