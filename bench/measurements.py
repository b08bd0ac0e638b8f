"""What was measured, added up: one row a setting and workload."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Any

import wer
from engines import FASTER_WHISPER, KATIP, Setting, Workload
from worker import Answer

LATENCY_SECONDS = (3.0, 11.5)  # The clips whose latency counts: short questions and sentences.
DISTURBED_SHARE = 0.05
Row = dict[str, Any]  # The figures of one run.


@dataclass(frozen=True)
class Recording:
    """What is transcribed, with its right words."""

    path: str
    language: str
    seconds: float
    reference: str


@dataclass
class Run:
    """All answers of one setting in one workload."""

    setting: Setting
    workload: Workload
    recordings: list[Recording]
    answers: list[list[Answer]] = field(default_factory=list)  # One list a round.
    peak_bytes: int = 0

    def round_sums(self, what: str) -> list[float]:
        return [sum(getattr(answer, what) for answer in one) for one in self.answers]

    @property
    def audio_seconds(self) -> float:
        return sum(one.seconds for one in self.recordings)

    @property
    def seconds(self) -> float:
        return statistics.median(self.round_sums("seconds"))

    @property
    def cpu_seconds(self) -> float:
        return statistics.median(self.round_sums("cpu_seconds"))

    @property
    def disturbance(self) -> float:
        """CPU seconds of other processes per second of the run, on average."""
        return sum(self.round_sums("other_cpu_seconds")) / sum(self.round_sums("seconds"))

    def texts(self, round_index: int) -> list[str]:
        results = [one for answer in self.answers[round_index] for one in answer.results]
        return [one["text"] for one in results]

    @property
    def stable(self) -> bool:
        """Whether every round gave the same text."""
        return all(self.texts(index) == self.texts(0) for index in range(len(self.answers)))

    def scores(self) -> list[tuple[Recording, str, wer.Score]]:
        """Each recording's text and errors, of the round with the median count of errors.

        Peers that sample when a window fails do not write the same text every time.
        """
        rounds = [self._scores_of(index) for index in range(len(self.answers))]
        rounds.sort(key=lambda scored: sum(score.errors for _, _, score in scored))
        return rounds[(len(rounds) - 1) // 2]

    def _scores_of(self, round_index: int) -> list[tuple[Recording, str, wer.Score]]:
        pairs = zip(self.recordings, self.texts(round_index))
        return [(one, text, wer.score(one.reference, text, one.language)) for one, text in pairs]

    def latencies(self) -> list[float]:
        """Seconds of each short clip: the median of its rounds."""
        low, high = LATENCY_SECONDS
        return [
            statistics.median(one[index].seconds for one in self.answers)
            for index, recording in enumerate(self.recordings)
            if low <= recording.seconds <= high
        ]


def percentile(values: list[float], share: float) -> float:
    """The value at the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def figures(run: Run) -> Row:
    """A run as plain values for tables and JSON."""
    scored = run.scores()
    total = wer.pooled(one for _, _, one in scored)
    languages = wer.by_language((recording.language, one) for recording, _, one in scored)
    values: Row = {
        "engine": run.setting.engine,
        "mode": run.setting.mode,
        "setting": run.setting.name,
        "beam": run.setting.beam,
        "workload": run.workload.value,
        "rounds": len(run.answers),
        "seconds": run.seconds,
        "seconds_all": run.round_sums("seconds"),
        "cpu_seconds": run.cpu_seconds,
        "x_real_time": run.audio_seconds / run.seconds,
        "peak_bytes": run.peak_bytes,
        "other_cpu_share": run.disturbance,
        "same_text_every_round": run.stable,
        "errors": total.errors,
        "units": total.units,
        "word_error_rate": total.rate,
        "languages": {k: {"errors": v.errors, "units": v.units} for k, v in languages.items()},
        "texts": [
            {
                "file": recording.path,
                "language": recording.language,
                "text": text,
                "errors": one.errors,
                "units": one.units,
                "differences": [str(edit) for edit in one.differences],
            }
            for recording, text, one in scored
        ],
    }
    if run.workload is Workload.CLIPS:
        values["latency_median"] = statistics.median(run.latencies())
        values["latency_p95"] = percentile(run.latencies(), 0.95)
        values["latencies"] = run.latencies()
    return values


def cost(row: Row) -> float:
    """What a setting is compared by: the latency of short clips, else the whole time."""
    return float(row["latency_median"] if "latency_median" in row else row["seconds"])


def peers_of(row: Row, rows: list[Row]) -> list[Row]:
    """The rows of other engines with the same workload and beam."""
    return [
        one
        for one in rows
        if one["engine"] != KATIP
        and (one["workload"], one["beam"]) == (row["workload"], row["beam"])
    ]


def fastest_peers(rows: list[Row]) -> list[tuple[Row, Row]]:
    """Each row of katip with the fastest peer."""
    own = [row for row in rows if row["engine"] == KATIP and peers_of(row, rows)]
    return [(row, min(peers_of(row, rows), key=cost)) for row in own]


def sequential_peers(rows: list[Row]) -> list[tuple[Row, Row]]:
    """Each row of katip with faster-whisper's sequential mode, whose accuracy is the measure."""
    return [
        (row, peer)
        for row in rows
        if row["engine"] == KATIP
        for peer in peers_of(row, rows)
        if (peer["engine"], peer["mode"]) == (FASTER_WHISPER, "sequential")
    ]


def most_errors_more(row: Row, peer: Row) -> tuple[str, int]:
    """The language in which the first row does worst against the second, and by how much."""
    differences = {
        code: own["errors"] - peer["languages"][code]["errors"]
        for code, own in row["languages"].items()
    }
    return max(differences.items(), key=lambda item: item[1])
