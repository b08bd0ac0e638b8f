"""Where the benchmarks find things, and the Python they run in."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV_PYTHON = ROOT / ".venv" / "bench" / "bin" / "python"
MODELS = ROOT / ".deps" / "models"
PEER_MODELS = ROOT / ".deps" / "bench"
DATA = ROOT / "build" / "bench"
RECORDINGS = Path(os.environ.get("KATIP_RECORDINGS", ROOT.parent / "shared" / "audio"))
KATIP = ROOT / "build" / "release" / "katip"


def use_bench_python() -> None:
    """Starts the program again in .venv/bench, unless that is where it runs already."""
    if Path(sys.prefix).resolve() == VENV_PYTHON.parent.parent.resolve():
        return
    if not VENV_PYTHON.exists():
        sys.exit(f"{VENV_PYTHON} is missing: run bench/setup first")
    os.execv(VENV_PYTHON, [str(VENV_PYTHON), *sys.argv])
