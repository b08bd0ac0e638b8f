"""The engines and settings that are compared, and the command that starts each one's worker."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from environment import MODELS, PEER_MODELS, ROOT, VENV_PYTHON

KATIP = "katip"
FASTER_WHISPER = "faster-whisper"
WHISPER_CPP = "whisper.cpp"


class Workload(Enum):
    LONG = "long"  # One file of ten minutes.
    CLIPS = "clips"  # Short recordings, one after the other.
    EIGHT = "eight"  # Eight short recordings at once.


class Share(Enum):
    """How often a setting runs."""

    EVERY_ROUND = "every round"
    FIRST_ROUND = "first round"  # Slow ones, that no ratio depends on.
    ONLY_FULL = "only with --full"


@dataclass(frozen=True)
class Setting:
    """One engine with one way to use it."""

    engine: str
    mode: str
    beam: int
    command: tuple[str, ...]
    shares: dict[Workload, Share]

    @property
    def name(self) -> str:
        search = "greedy" if self.beam == 1 else f"beam {self.beam}"
        return " ".join(part for part in (self.engine, self.mode, search) if part)


EVERY, FIRST, FULL = Share.EVERY_ROUND, Share.FIRST_ROUND, Share.ONLY_FULL


def _katip(binary: Path) -> list[Setting]:
    command = (str(binary), "bench-worker", "--model", str(MODELS / "base"))
    every = {workload: EVERY for workload in Workload}
    return [Setting(KATIP, "", beam, command, every) for beam in (1, 5)]


def _faster_whisper(
    mode: str, beams: tuple[int, ...], shares: dict[Workload, Share], *flags: str
) -> list[Setting]:
    script = str(ROOT / "bench" / "peer_faster_whisper.py")
    command = (str(VENV_PYTHON), script, *flags)
    return [Setting(FASTER_WHISPER, mode, beam, command, shares) for beam in beams]


def _whisper_cpp(kind: str, beam: int, shares: dict[Workload, Share], *flags: str) -> Setting:
    script = str(ROOT / "bench" / "peer_whisper_cpp.py")
    command = (
        str(VENV_PYTHON),
        script,
        "--beam",
        str(beam),
        "--model",
        str(PEER_MODELS / f"base-{kind}.bin"),
        *flags,
    )
    mode = kind + (" 2 contexts" if "--workers" in flags else "")
    return Setting(WHISPER_CPP, mode, beam, command, shares)


def all_settings(katip: Path) -> list[Setting]:
    """Everything that can be compared; `shares` says where each one takes part."""
    one_by_one = {Workload.LONG: FIRST, Workload.CLIPS: EVERY, Workload.EIGHT: EVERY}
    batched = {Workload.LONG: EVERY, Workload.CLIPS: FULL, Workload.EIGHT: FULL}
    at_once = {Workload.EIGHT: EVERY}
    return [
        *_katip(katip),
        *_faster_whisper("sequential", (1, 5), one_by_one),
        *_faster_whisper(
            "sequential no-prompt", (1, 5), {Workload.LONG: FULL}, "--no-previous-text"
        ),
        *_faster_whisper("batched(8)", (1, 5), batched, "--batch", "8"),
        *_faster_whisper(
            "batched(8) timestamps", (1, 5), batched, "--batch", "8", "--window-times"
        ),
        *_faster_whisper("2 workers", (1, 5), at_once, "--workers", "2", "--threads", "1"),
        *_faster_whisper(
            "8 workers", (1, 5), {Workload.EIGHT: FULL}, "--workers", "8", "--threads", "1"
        ),
        _whisper_cpp("q8_0", 1, one_by_one),
        _whisper_cpp("q8_0", 5, one_by_one | {Workload.LONG: FULL}),
        _whisper_cpp("f16", 1, {Workload.LONG: FULL, Workload.CLIPS: FULL}),
        _whisper_cpp("q8_0", 1, at_once, "--workers", "2", "--threads", "1"),
    ]


def chosen_settings(settings: list[Setting], workload: Workload, full: bool) -> list[Setting]:
    """Those that take part in a workload."""
    return [
        one
        for one in settings
        if workload in one.shares and (full or one.shares[workload] is not FULL)
    ]
