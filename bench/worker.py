"""The driver's side of the worker protocol: one process that transcribes, and what it costs."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
SAMPLE_SECONDS = 0.05
LOG_TAIL = 1500


class WorkerError(Exception):
    """A worker died, did not answer in time, or answered with an error."""


@dataclass(frozen=True)
class Answer:
    """What one request gave and cost, all measured from outside the worker."""

    seconds: float
    cpu_seconds: float
    other_cpu_seconds: float  # What everything else on the machine used meanwhile.
    results: list[dict[str, Any]]


def _stat_fields(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the third on (the name before them may hold spaces)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def process_tree(pid: int) -> list[int]:
    """The process and all beneath it that are alive now."""
    tree = [pid]
    for parent in tree:
        try:
            for task in Path(f"/proc/{parent}/task").iterdir():
                tree += map(int, (task / "children").read_text().split())
        except OSError:
            pass  # It ended while we looked.
    return tree


def tree_cpu_seconds(pid: int) -> float:
    """User and system time of the tree, with the children that have ended."""
    total = 0
    for one in process_tree(pid):
        try:
            fields = _stat_fields(one)
        except OSError:
            continue
        total += sum(map(int, fields[11:15] if one == pid else fields[11:13]))
    return total / TICK


def tree_rss_bytes(pid: int) -> int:
    total = 0
    for one in process_tree(pid):
        try:
            total += int(_stat_fields(one)[21]) * PAGE
        except (OSError, IndexError):
            continue
    return total


def machine_cpu_seconds() -> float:
    """What all processes of the machine have used since it started."""
    fields = list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]))
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) / TICK


class Worker:
    """One process of an engine with one setting. Use it as a context; it ends with it."""

    def __init__(self, name: str, command: list[str], log: Path, timeout_seconds: float) -> None:
        self._name, self._log, self._timeout = name, log, timeout_seconds
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
            )
        self._tree_peak = 0
        self._stopped = threading.Event()
        self._sampler = threading.Thread(target=self._sample_memory, daemon=True)
        self._sampler.start()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _sample_memory(self) -> None:
        while not self._stopped.wait(SAMPLE_SECONDS):
            self._tree_peak = max(self._tree_peak, tree_rss_bytes(self._process.pid))

    def peak_bytes(self) -> int:
        """Most resident memory so far: the process's own high-water mark, or the tree's if more."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        own = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        return max(own * 1024, self._tree_peak)

    def _fail(self, what: str) -> WorkerError:
        tail = self._log.read_bytes()[-LOG_TAIL:].decode(errors="replace").strip()
        return WorkerError(f"{self._name} {what} ({self._log})" + (f":\n{tail}" if tail else ""))

    def _read_line(self) -> bytes:
        assert self._process.stdout is not None
        deadline = time.monotonic() + self._timeout
        data = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not data.endswith(b"\n"):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise self._fail(f"gave no answer in {self._timeout:.0f} s")
                part = os.read(self._process.stdout.fileno(), 1 << 20)
                if not part:
                    raise self._fail("ended without an answer")
                data += part
        return data

    def send(self, request: dict[str, Any]) -> dict[str, Any]:
        """One request, one answer."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise self._fail("does not listen any more") from None
        line = self._read_line()
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError:
            raise self._fail(f"answered what is not JSON: {line[:200]!r}") from None
        if "error" in answer:
            raise self._fail(f"failed: {answer['error']}")
        return answer

    def transcribe(self, files: list[str], options: dict[str, Any]) -> Answer:
        """Transcribes the files at once and measures it."""
        pid = self._process.pid
        cpu, machine, wall = tree_cpu_seconds(pid), machine_cpu_seconds(), time.perf_counter()
        answer = self.send({"files": files, "options": options})
        wall = time.perf_counter() - wall
        cpu, machine = tree_cpu_seconds(pid) - cpu, machine_cpu_seconds() - machine
        results = answer.get("results", [])
        if [one.get("file") for one in results] != files:
            raise self._fail("answered for other files than were asked for")
        return Answer(wall, cpu, max(0.0, machine - cpu), results)

    def stop(self) -> None:
        """Ends the process; twice is safe."""
        self._stopped.set()
        self._sampler.join()
        if self._process.stdin and not self._process.stdin.closed:
            try:
                self._process.stdin.close()
            except OSError:
                pass  # It is gone already.
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
