"""A server with more than one model: requests choose among them by name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import SPEECH, Katip, program
from server import Server, serving

openai = pytest.importorskip(
    "openai", reason="the client openai is not in .deps/python: run tools/setup")


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, model: Path, speech: Path  # noqa: ARG001
) -> Iterator[Server]:
    """It serves `base`; `second` is another model, or the same under another name."""
    models = tmp_path_factory.mktemp("models")
    for name in ("base", "silero-vad"):
        os.symlink(model.parent / name, models / name)
    small = model.parent / "tiny.en"
    os.symlink(small if small.is_dir() else model, models / "second")
    with serving(Katip(program(), tmp_path_factory.mktemp("server")), **{
            "KATIP_MODELS": str(models), "KATIP_OTHER_MODELS": "second",
            "KATIP_OPENAI_ALIASES": "whisper-1=second"}) as running:
        yield running


def transcribe(server: Server, model: str) -> str:
    client = openai.OpenAI(base_url=server.url + "/v1", api_key="unused", max_retries=0, timeout=60)
    with SPEECH.open("rb") as file:
        return client.audio.transcriptions.create(file=file, model=model, language="en").text


def job_count(server: Server, model: str) -> int:
    return len(server.ask("GET", f"/api/v1/jobs?model={model}").json()["data"]["items"])


def test_each_request_gets_the_model_that_it_names(server: Server) -> None:
    listed = [each["id"] for each in server.ask("GET", "/v1/models").json()["data"]]
    assert {"base", "second", "whisper-1", "gpt-4o-transcribe"} <= set(listed)
    for name in ("base", "gpt-4o-transcribe", "second", "whisper-1"):
        assert len(transcribe(server, name)) > 40, name
    assert job_count(server, "base") == 2
    assert job_count(server, "second") == 2
    with pytest.raises(openai.NotFoundError) as refused:
        transcribe(server, "third")
    assert refused.value.code == "model_not_found"


def test_a_job_names_its_model_among_its_options(server: Server) -> None:
    def post(model: str) -> tuple[int, dict]:
        boundary = "----katip"
        body = b"".join([
            f'--{boundary}\r\nContent-Disposition: form-data; name="options"\r\n\r\n'
            f'{{"model": "{model}"}}\r\n'.encode(),
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n'
            "Content-Type: audio/wav\r\n\r\n".encode(), SPEECH.read_bytes(),
            f"\r\n--{boundary}--\r\n".encode()])
        answer = server.ask("POST", "/api/v1/jobs", body,
                            Content_Type=f"multipart/form-data; boundary={boundary}")
        return answer.status, answer.json()

    status, said = post("third")
    assert status == 422
    assert "third" in str(said["error"])
    status, said = post("second")
    assert status == 202, said
    job = said["data"]["links"]["self"]
    events = server.ask("GET", said["data"]["links"]["events"]).body.decode()  # Until its end.
    assert '"status":"completed"' in events
    assert server.ask("GET", job).json()["data"]["model"] == "second"


def test_an_alias_of_a_model_that_is_not_here_is_refused(katip: Katip) -> None:
    done = katip("serve", "--port", "0", env={"KATIP_OPENAI_ALIASES": "whisper-1=second"})
    assert done.returncode != 0
    assert "engine.other_models" in done.stderr
