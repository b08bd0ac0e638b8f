"""What is checked of known speakers, and of recordings for a model that tells speakers apart."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from conftest import SPEECH, read_aloud, write_tone
from server import Server

openai = pytest.importorskip(
    "openai", reason="the client openai is not in .deps/python: run tools/setup")

DIARIZE = {"model": "gpt-4o-transcribe-diarize", "response_format": "diarized_json",
           "language": "en"}


@pytest.fixture
def client(server: Server) -> openai.OpenAI:
    return openai.OpenAI(base_url=server.url + "/v1", api_key="unused", max_retries=0, timeout=60)


def data_url(recording: Path | bytes) -> str:
    content = recording if isinstance(recording, bytes) else recording.read_bytes()
    return "data:audio/wav;base64," + base64.b64encode(content).decode()


def refused(client: openai.OpenAI, file: Path = SPEECH, **fields: object) -> openai.BadRequestError:
    with pytest.raises(openai.BadRequestError) as error:
        client.audio.transcriptions.create(file=file, **{**DIARIZE, **fields})
    return error.value


def test_speakers_with_their_voices_are_taken(client: openai.OpenAI) -> None:
    done = client.audio.transcriptions.create(
        file=SPEECH, known_speaker_names=["reader"], known_speaker_references=[data_url(SPEECH)],
        **DIARIZE)
    assert "Dashwood" in done.text


@pytest.mark.parametrize(("seconds", "is_taken"), [(1.9, False), (2, True), (10, True), (10.3, False)])
def test_a_voice_has_two_to_ten_seconds(
        client: openai.OpenAI, tmp_path: Path, seconds: float, is_taken: bool) -> None:
    speakers = {"known_speaker_names": ["a"], "known_speaker_references": [
        data_url(write_tone(tmp_path / "voice.wav", seconds))]}
    if is_taken:
        assert client.audio.transcriptions.create(file=SPEECH, **DIARIZE, **speakers).text
        return
    error = refused(client, **speakers)
    assert error.param == "known_speaker_references"
    assert "2 to 10 seconds" in error.message


@pytest.mark.parametrize(("names", "references", "parameter"), [
    (["a"], [], "known_speaker_references"),
    (["a", "b"], [data_url(SPEECH)], "known_speaker_references"),
    ([], [data_url(SPEECH)], "known_speaker_references"),
    (["a", "a"], [data_url(SPEECH)] * 2, "known_speaker_names"),
    ([*"abcde"], [data_url(SPEECH)] * 5, "known_speaker_names"),
    (["a"], ["https://example.com/voice.wav"], "known_speaker_references"),
    (["a"], ["data:audio/wav;base64,%"], "known_speaker_references"),
    (["a"], [data_url(b"this is no recording")], "known_speaker_references"),
])
def test_what_does_not_fit_is_named(
        client: openai.OpenAI, names: list[str], references: list[str], parameter: str) -> None:
    error = refused(client, known_speaker_names=names, known_speaker_references=references)
    assert error.param == parameter, error.message


def test_longer_recordings_need_to_say_how_they_are_cut(
        client: openai.OpenAI, tmp_path: Path) -> None:
    long = read_aloud(tmp_path / "long.wav", 35)
    for stream in (False, True):
        error = refused(client, long, stream=stream)
        assert error.param == "chunking_strategy"
    cut = client.audio.transcriptions.create(file=long, chunking_strategy="auto", **DIARIZE)
    assert cut.duration > 30
    whole = client.audio.transcriptions.create(file=SPEECH, **DIARIZE)
    assert whole.duration < 30
    assert client.audio.transcriptions.create(file=long, model="gpt-4o-transcribe", language="en").text


def test_a_recording_that_is_none_is_refused_as_such(client: openai.OpenAI, tmp_path: Path) -> None:
    file = tmp_path / "talk.wav"
    file.write_bytes(b"this is text")
    error = refused(client, file)
    assert error.param == "file"
    assert "Invalid file format" in error.message
