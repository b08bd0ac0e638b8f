"""The peers' side of the worker protocol, which bench/transcribe describes."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from audio import read_wav

Samples = np.ndarray  # float32 [n] at 16 kHz.


@dataclass(frozen=True)
class Options:
    """What a request may ask for."""

    language: str
    beam: int = 1
    words: bool = False
    vad: bool = True


@dataclass
class Result:
    """The text of one file."""

    segments: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self, start: float, end: float, text: str, words: Iterable[tuple[float, float, str]]
    ) -> None:
        listed = [{"start": float(a), "end": float(b), "text": word} for a, b, word in words]
        segment: dict[str, Any] = {"start": float(start), "end": float(end), "text": text.strip()}
        self.segments.append(segment | ({"words": listed} if listed else {}))

    def as_json(self, file: str) -> dict[str, Any]:
        text = " ".join(segment["text"] for segment in self.segments)
        return {"file": file, "text": text, "segments": self.segments}


Transcribe = Callable[[list[Samples], Options], list[Result]]


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _answer(request: dict[str, Any], cache: dict[str, Samples], run: Transcribe) -> dict[str, Any]:
    if "load" in request:
        cache.update({file: read_wav(Path(file)) for file in request["load"]})
        return {"loaded": len(request["load"])}
    files: list[str] = request["files"]
    batch = [cache[file] if file in cache else read_wav(Path(file)) for file in files]
    wall, cpu = time.perf_counter(), _cpu_seconds()
    results = run(batch, Options(**request["options"]))
    return {
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": _cpu_seconds() - cpu,
        "results": [result.as_json(file) for result, file in zip(results, files)],
    }


def _private_output() -> TextIO:
    """The answers' stream; whatever a library prints goes to standard error instead."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def serve(run: Transcribe) -> None:
    """Answers one JSON line a request until the input ends."""
    cache: dict[str, Samples] = {}
    answers = _private_output()
    for line in sys.stdin:
        try:
            answer = _answer(json.loads(line), cache, run)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer, ensure_ascii=False) + "\n")
        answers.flush()
