"""What the end-to-end tests share: the shipped program, in an environment of its own.

KATIP_BIN names the program (ctest sets it); without it that of build/release is taken. Recordings
are made by the tests, or are those of Debian's pocketsphinx-testdata. Tests that need a model are skipped, and say so,
where `models` beside the program does not have it.
"""

from __future__ import annotations

import itertools
import math
import os
import struct
import subprocess
import sys
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from server import Server

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / ".deps" / "python"))  # Put there by tools/setup.
SPEECH = Path("/usr/share/pocketsphinx/test/data/librivox"
              "/sense_and_sensibility_01_austen_64kb-0870.wav")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes more than some seconds")


@dataclass
class Katip:
    """Runs the program as a shell would, with nothing of the developer's own configuration."""

    program: Path
    home: Path

    def environment(self, extra: dict[str, str] | None = None) -> dict[str, str]:
        keep = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        return {**keep, "HOME": str(self.home), **(extra or {})}

    def __call__(
        self,
        *arguments: str | Path,
        env: dict[str, str] | None = None,
        stdin: bytes = b"",
        cwd: Path | None = None,
        timeout: float = 120,
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [self.program, *arguments], input=stdin, capture_output=True, timeout=timeout,
            env=self.environment(env), cwd=cwd or self.home, check=False)
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(errors="replace"),
            done.stderr.decode(errors="replace"))

    def start(
        self, *arguments: str | Path, env: dict[str, str] | None = None, **options: object
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [self.program, *arguments], env=self.environment(env), cwd=self.home,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            **options)  # type: ignore[call-overload]


def program() -> Path:
    return Path(os.environ.get("KATIP_BIN", REPOSITORY / "build" / "release" / "katip")).resolve()


@pytest.fixture
def katip(tmp_path: Path) -> Katip:
    assert program().exists(), f"{program()} is not built"
    home = tmp_path / "home"
    home.mkdir()
    return Katip(program(), home)


@pytest.fixture(scope="session")
def model() -> Path:
    """The folder of the base model, which tools/setup fetches."""
    folder = program().parent / "models"
    for name in ("base", "silero-vad"):
        if not (folder / name).is_dir():
            pytest.skip(f"the model {name} is not in {folder}: run tools/setup")
    return folder / "base"


def write_tone(path: Path, seconds: float) -> Path:
    """A quiet tone with pauses, as 16-bit mono at 16 kHz: sound, but no speech."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rate = 16_000
    samples = (
        int(3000 * math.sin(2 * math.pi * 440 * i / rate)) if i // rate % 2 == 0 else 0
        for i in range(int(seconds * rate)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return path


def read_aloud(target: Path, seconds: float) -> Path:
    """The sentences of that reader in turn, SPEECH first, until there are `seconds` of them. One
    sentence again and again would look like a model that repeats itself, and is decoded anew at
    every temperature for it."""
    sentences = []
    for path in sorted(SPEECH.parent.glob("*.wav")):
        with wave.open(str(path), "rb") as file:
            parameters, frames = file.getparams(), file.readframes(file.getnframes())
            sentences.append(frames)
    bytes_left = seconds * parameters.framerate * parameters.sampwidth
    in_turn = itertools.cycle(sentences)
    with wave.open(str(target), "wb") as file:
        file.setparams(parameters)
        while bytes_left > 0:
            sentence = next(in_turn)
            file.writeframes(sentence)
            bytes_left -= len(sentence)
    return target


@pytest.fixture(scope="session")
def speech() -> Path:
    """Seven seconds of a reader of Jane Austen, from the package that `make demo` uses."""
    if not SPEECH.exists():
        pytest.skip(f"{SPEECH} is missing: install pocketsphinx-testdata")
    return SPEECH


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, model: Path, speech: Path  # noqa: ARG001
) -> Iterator[Server]:
    """One that transcribes, for all tests of a file: to start one takes longer than most tests.
    Files that need another kind make a fixture of this name."""
    from server import serving  # It needs what is above.

    with serving(Katip(program(), tmp_path_factory.mktemp("server"))) as running:
        yield running

