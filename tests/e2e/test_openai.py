"""The official client of OpenAI against `katip serve`: it cannot tell the difference."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import time
import wave
from pathlib import Path

import pytest
from conftest import SPEECH, read_aloud, write_tone
from server import Server

openai = pytest.importorskip(
    "openai", reason="the client openai is not in .deps/python: run tools/setup")

WORDS = ("but", "the", "of")


@pytest.fixture
def client(server: Server) -> openai.OpenAI:
    return openai.OpenAI(base_url=server.url + "/v1", api_key="unused", max_retries=0, timeout=60)


def transcribe(client: openai.OpenAI, **fields):
    with SPEECH.open("rb") as file:
        return client.audio.transcriptions.create(
            file=file, **{"model": "whisper-1", "language": "en", **fields})


def test_a_recording_becomes_text(client: openai.OpenAI) -> None:
    done = transcribe(client)
    assert any(word in done.text.lower() for word in WORDS), done.text
    assert done.usage.type == "duration"
    assert done.usage.seconds == 8  # 7.1 s, rounded up as whisper-1 counts


def test_every_format_is_what_its_name_says(client: openai.OpenAI) -> None:
    text = transcribe(client).text
    assert transcribe(client, response_format="text") == text + "\n"
    assert "-->" in transcribe(client, response_format="srt")
    assert transcribe(client, response_format="vtt").startswith("WEBVTT")
    verbose = transcribe(client, response_format="verbose_json")
    assert verbose.language == "english"
    assert verbose.text == text
    assert verbose.segments and verbose.segments[0].tokens
    assert verbose.words is None
    assert 7 < verbose.duration < 8
    diarized = transcribe(client, model="gpt-4o-transcribe-diarize",
                          response_format="diarized_json", chunking_strategy="auto")
    assert diarized.segments[0].speaker == "A"
    assert diarized.text == text


def test_words_come_when_they_are_asked_for(client: openai.OpenAI) -> None:
    words = transcribe(client, response_format="verbose_json", timestamp_granularities=["word"])
    assert words.segments is None
    assert [w.word for w in words.words] and words.words[0].start < words.words[-1].end
    assert not any(w.word.startswith(" ") or w.word.endswith((",", ".")) for w in words.words)
    both = transcribe(client, response_format="verbose_json",
                      timestamp_granularities=["word", "segment"])
    assert both.segments and both.words


def test_logprobs_are_those_of_the_tokens(client: openai.OpenAI) -> None:
    done = transcribe(client, model="gpt-4o-transcribe", include=["logprobs"])
    assert b"".join(bytes(map(int, p.bytes)) for p in done.logprobs).decode().strip() == done.text
    assert all(p.logprob <= 0 for p in done.logprobs)
    assert len({p.logprob for p in done.logprobs}) > 5
    assert all(bytes(map(int, p.bytes)).decode(errors="replace") == p.token for p in done.logprobs)


def test_a_stream_tells_windows_as_they_finish(
        server: Server, client: openai.OpenAI, tmp_path: Path) -> None:
    # More windows than are decoded at once.
    long = read_aloud(tmp_path / "long.wav", 600)
    arrivals, deltas, done = [], [], None
    with long.open("rb") as file:
        stream = client.audio.transcriptions.create(
            file=file, model="gpt-4o-transcribe", language="en", stream=True)
        for event in stream:
            arrivals.append(time.monotonic())
            if event.type == "transcript.text.delta":
                deltas.append(event.delta)
            else:
                done = event
    assert done is not None and done.type == "transcript.text.done"
    assert len(deltas) > 2, "it came at once, at the end"
    assert "".join(deltas) == done.text
    assert done.usage.seconds >= 600


def test_a_stream_goes_on_when_its_worker_is_killed(
        server: Server, client: openai.OpenAI, tmp_path: Path) -> None:
    long = read_aloud(tmp_path / "long.wav", 600)
    deltas, done, killed = [], None, False
    with long.open("rb") as file:
        stream = client.audio.transcriptions.create(
            file=file, model="gpt-4o-transcribe", language="en", stream=True)
        for event in stream:
            if event.type == "transcript.text.delta":
                deltas.append(event.delta)
                if not killed:
                    engine = [line["process"] for line in server.log()
                              if line["message"] == "worker process started"
                              and line["kind"] == "engine"][-1]
                    os.kill(engine, signal.SIGKILL)
                    killed = True
            else:
                done = event
    assert killed and done is not None
    assert "".join(deltas) == done.text
    assert any(line["message"] == "worker process ended" and "signal 9" in line["how"]
               for line in server.log())


def test_keywords_and_prompts_are_taken(client: openai.OpenAI) -> None:
    done = transcribe(client, model="gpt-4o-transcribe", prompt="A novel by Jane Austen.",
                      temperature=0.2, extra_body={"keywords[]": ["Dashwood", "Norland"]})
    assert done.text


def test_a_translation_is_english(client: openai.OpenAI) -> None:
    with SPEECH.open("rb") as file:
        done = client.audio.translations.create(file=file, model="whisper-1",
                                                response_format="verbose_json")
    assert done.language == "english"
    assert done.text


def test_models_are_listed_and_found(client: openai.OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert {"base", "whisper-1", "gpt-4o-transcribe"} <= set(names)
    assert client.models.retrieve("whisper-1").object == "model"
    with pytest.raises(openai.NotFoundError) as error:
        client.models.retrieve("some/other-model")
    assert error.value.code == "model_not_found"


def test_a_model_that_is_not_in_use_may_be_deleted(
        server: Server, client: openai.OpenAI, model: Path) -> None:
    with pytest.raises(openai.ConflictError):
        client.models.delete("base")
    with pytest.raises(openai.NotFoundError):
        client.models.delete("../../etc")
    shutil.copytree(model, server.data / "models" / "spare", symlinks=True)
    assert client.models.delete("spare").deleted is True
    assert not (server.data / "models" / "spare").exists()


@pytest.mark.parametrize(("fields", "parameter"), [
    ({"language": "english"}, "language"),
    ({"language": "hh"}, "language"),
    ({"response_format": "xml"}, "response_format"),
    ({"temperature": 2}, "temperature"),
    ({"timestamp_granularities": ["word"]}, "timestamp_granularities"),
    ({"include": ["logprobs"], "response_format": "text"}, "include"),
    ({"model": "gpt-4o-transcribe", "stream": True, "response_format": "srt"}, "stream"),
])
def test_what_does_not_fit_is_named(client: openai.OpenAI, fields: dict, parameter: str) -> None:
    with pytest.raises(openai.BadRequestError) as error:
        transcribe(client, **fields)
    assert error.value.param == parameter
    assert error.value.type == "invalid_request_error"
    assert error.value.request_id


def test_a_model_that_is_not_here_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as error:
        transcribe(client, model="whisper-9")
    assert error.value.code == "model_not_found"


def test_files_that_are_no_recordings_are_refused(client: openai.OpenAI, tmp_path: Path) -> None:
    def create(name: str, content: bytes):
        return client.audio.transcriptions.create(file=(name, content), model="whisper-1")

    for content in (b"", b"this is text, whatever it is called"):
        with pytest.raises(openai.BadRequestError) as error:
            create("talk.mp3", content)
        assert error.value.param == "file"
        assert "Invalid file format" in str(error.value)
    short = io.BytesIO()
    with wave.open(short, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(2 * 800))
    with pytest.raises(openai.BadRequestError) as error:
        create("short.wav", short.getvalue())
    assert error.value.code == "audio_too_short"
    tone = write_tone(tmp_path / "tone.wav", 2).read_bytes()
    assert create("upload", tone).text == ""


def test_lists_come_in_every_spelling(server: Server) -> None:
    def ask(*fields: tuple[str, str]) -> dict:
        parts = b"".join(
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in (("model", "base"), ("response_format", "verbose_json"), *fields))
        sound = (b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
                 + SPEECH.read_bytes() + b"\r\n--b--\r\n")
        answer = server.ask("POST", "/v1/audio/transcriptions", parts + sound,
                            Content_Type="multipart/form-data; boundary=b")
        assert answer.status == 200, answer.body
        return answer.json()

    for name, value in (("timestamp_granularities[]", "word"), ("timestamp_granularities", "word"),
                        ("timestamp_granularities", '["word"]')):
        done = ask((name, value))
        assert "words" in done and "segments" not in done


def test_a_client_that_goes_away_cancels_its_work(
        server: Server, client: openai.OpenAI, tmp_path: Path) -> None:
    long = read_aloud(tmp_path / "long.wav", 700)
    hasty = client.with_options(timeout=1.5)
    with pytest.raises(openai.APITimeoutError), long.open("rb") as file:
        hasty.audio.transcriptions.create(file=file, model="whisper-1", language="en")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        counts = json.loads(server.katip("queue", "status", "--json").stdout)
        if "running" not in json.dumps(counts.get("queues", counts)) or not any(
                task.get("state") == "running" for task in running_tasks(server)):
            return
        time.sleep(0.2)
    raise AssertionError("the work goes on although nobody waits for it")


def running_tasks(server: Server) -> list[dict]:
    done = server.katip("queue", "list", "--state", "running", "--json")
    return json.loads(done.stdout or "[]") if done.returncode == 0 else []


def test_a_short_clip_does_not_wait_for_long_files(
        server: Server, client: openai.OpenAI, tmp_path: Path) -> None:
    long = read_aloud(tmp_path / "long.wav", 1000)
    jobs = [server.katip("queue", "transcribe", str(long)).stdout.split() for _ in range(3)]
    assert jobs[0]
    begin = time.monotonic()
    assert transcribe(client).text
    waited = time.monotonic() - begin
    running = running_tasks(server)
    assert running, "the long files are done already: they were no test of anything"
    for task in running:
        server.katip("queue", "cancel", task["id"])
    assert waited < 10, f"{waited:.1f} s for a clip of seven seconds"
