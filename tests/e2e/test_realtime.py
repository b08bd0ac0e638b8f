"""`/v1/realtime` as the official client and a bare WebSocket use it."""

from __future__ import annotations

import array
import asyncio
import base64
import json
import wave
from collections.abc import AsyncIterator, Iterator

import pytest
from conftest import SPEECH
from server import Server

openai = pytest.importorskip(
    "openai", reason="the client openai is not in .deps/python: run tools/setup")
websockets = pytest.importorskip(
    "websockets", reason="websockets is not in .deps/python: run tools/setup")

PIECE_MS = 100
TIMEOUT_S = 60


def speech_at(rate: int) -> array.array:
    """The recording, which has 16 kHz, at another rate, by straight lines."""
    with wave.open(str(SPEECH)) as file:
        assert file.getframerate() == 16_000
        samples = array.array("h", file.readframes(file.getnframes()))
    result = array.array("h")
    for i in range(int((len(samples) - 1) * rate / 16_000)):
        place = i * 16_000 / rate
        left = int(place)
        share = place - left
        result.append(int(samples[left] * (1 - share) + samples[left + 1] * share))
    return result


def pcm_pieces(silence_ms: int = 0) -> Iterator[str]:
    audio = speech_at(24_000).tobytes() + bytes(48 * silence_ms)
    size = 48 * PIECE_MS
    for begin in range(0, len(audio), size):
        yield base64.b64encode(audio[begin:begin + size]).decode()


def mu_law(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32_635) + 0x84
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | magnitude >> (exponent + 3) & 0x0F) & 0xFF


async def events_until(connection, last: str, count: int = 1) -> list:
    seen = []
    async with asyncio.timeout(TIMEOUT_S):
        while sum(event.type == last for event in seen) < count:
            event = await connection.recv()
            assert event.type != "error", event
            seen.append(event)
    return seen


def client_of(server: Server) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=server.url + "/v1", api_key="unused", max_retries=0)


def of_type(events: list, kind: str) -> list:
    return [event for event in events if event.type == kind]


def test_what_is_committed_becomes_text(server: Server) -> None:
    async def run() -> list:
        async with client_of(server).realtime.connect(
                extra_query={"intent": "transcription"}) as connection:
            first = await connection.recv()
            assert first.type == "session.created"
            assert first.session.type == "transcription"
            await connection.session.update(session={
                "type": "transcription",
                "audio": {"input": {
                    "format": {"type": "audio/pcm", "rate": 24_000},
                    "transcription": {"model": "gpt-4o-transcribe", "language": "en"},
                    "turn_detection": None}},
                "include": ["item.input_audio_transcription.logprobs"]})
            updated = await connection.recv()
            assert updated.type == "session.updated"
            assert updated.session.audio.input.transcription.model == "gpt-4o-transcribe"
            assert updated.session.audio.input.turn_detection is None
            for piece in pcm_pieces():
                await connection.input_audio_buffer.append(audio=piece)
            await connection.input_audio_buffer.commit()
            return await events_until(
                connection, "conversation.item.input_audio_transcription.completed")

    events = asyncio.run(run())
    committed = of_type(events, "input_audio_buffer.committed")[0]
    assert of_type(events, "conversation.item.added")[0].item.id == committed.item_id
    done = events[-1]
    assert done.item_id == committed.item_id
    assert "the" in done.transcript.lower()
    assert 6.5 < done.usage.seconds < 7.5
    assert "".join(token.token for token in done.logprobs).strip() == done.transcript
    deltas = of_type(events, "conversation.item.input_audio_transcription.delta")
    assert "".join(delta.delta for delta in deltas) == done.transcript
    assert len({event.event_id for event in events}) == len(events)


def test_the_server_hears_where_speech_begins_and_ends(server: Server) -> None:
    async def run() -> list:
        async with client_of(server).realtime.connect(
                extra_query={"intent": "transcription"}) as connection:
            await connection.session.update(session={
                "type": "transcription",
                "audio": {"input": {
                    "transcription": {"model": "whisper-1", "language": "en"},
                    "turn_detection": {"type": "server_vad", "silence_duration_ms": 800}}}})
            for _ in range(2):
                for piece in pcm_pieces(silence_ms=2_000):
                    await connection.input_audio_buffer.append(audio=piece)
            return await events_until(
                connection, "conversation.item.input_audio_transcription.completed", 2)

    events = asyncio.run(run())
    started = of_type(events, "input_audio_buffer.speech_started")
    stopped = of_type(events, "input_audio_buffer.speech_stopped")
    committed = of_type(events, "input_audio_buffer.committed")
    assert len(started) >= 2
    assert started[0].audio_start_ms < 1_500 < stopped[0].audio_end_ms
    assert [event.item_id for event in started][:2] == [e.item_id for e in committed][:2]
    assert committed[1].previous_item_id == committed[0].item_id
    texts = [event.transcript for event in of_type(
        events, "conversation.item.input_audio_transcription.completed")]
    assert all(texts), texts


def test_silence_is_told_when_it_was_asked_for(server: Server) -> None:
    async def run() -> list:
        async with client_of(server).realtime.connect(
                extra_query={"intent": "transcription"}) as connection:
            await connection.session.update(session={
                "type": "transcription",
                "audio": {"input": {"turn_detection": {
                    "type": "server_vad", "idle_timeout_ms": 5_000}}}})
            silence = base64.b64encode(bytes(48 * 1_000)).decode()
            for _ in range(11):
                await connection.input_audio_buffer.append(audio=silence)
            return await events_until(
                connection, "conversation.item.input_audio_transcription.completed", 2)

    events = asyncio.run(run())
    told = of_type(events, "input_audio_buffer.timeout_triggered")
    assert [(event.audio_start_ms, event.audio_end_ms) for event in told] == [
        (0, 5_000), (5_000, 10_000)]
    done = of_type(events, "conversation.item.input_audio_transcription.completed")
    assert [event.item_id for event in done] == [event.item_id for event in told]
    assert {event.transcript for event in done} == {""}


async def open_socket(server: Server, **options) -> AsyncIterator:
    url = server.url.replace("http", "ws", 1) + "/v1/realtime?intent=transcription"
    return await websockets.connect(url, max_size=None, **options)


async def receive(socket, wanted: str) -> dict:
    async with asyncio.timeout(TIMEOUT_S):
        while True:
            event = json.loads(await socket.recv())
            if event["type"] == wanted:
                return event


def test_the_beta_and_telephones(server: Server) -> None:
    async def run() -> dict:
        socket = await open_socket(server, additional_headers={"OpenAI-Beta": "realtime=v1"})
        created = await receive(socket, "transcription_session.created")
        assert created["session"]["input_audio_format"] == "pcm16"
        await socket.send(json.dumps({"type": "transcription_session.update", "session": {
            "input_audio_format": "g711_ulaw", "turn_detection": None,
            "input_audio_transcription": {"model": "whisper-1", "language": "en"}}}))
        updated = await receive(socket, "transcription_session.updated")
        assert updated["session"]["input_audio_format"] == "g711_ulaw"
        audio = bytes(mu_law(sample) for sample in speech_at(8_000))
        await socket.send(json.dumps({"type": "input_audio_buffer.append",
                                      "audio": base64.b64encode(audio).decode()}))
        await socket.send(json.dumps({"type": "input_audio_buffer.commit"}))
        await receive(socket, "conversation.item.created")
        done = await receive(socket, "conversation.item.input_audio_transcription.completed")
        await socket.close()
        return done

    assert "the" in asyncio.run(run())["transcript"].lower()


def test_what_is_wrong_is_said_and_the_connection_stays(server: Server) -> None:
    cases = [
        ("this is no JSON", "invalid_json", None),
        ("[]", "invalid_json", None),
        ({"type": "response.create"}, "invalid_value", "type"),
        ({"type": "input_audio_buffer.append", "audio": "%"}, "invalid_value", "audio"),
        ({"type": "input_audio_buffer.append", "audio": "AAAA"}, "invalid_value", "audio"),
        ({"type": "input_audio_buffer.commit"}, "input_audio_buffer_commit_empty", None),
        ({"type": "session.update"}, "missing_required_parameter", "session"),
        ({"type": "session.update", "session": {"audio": {"input": {"transcription": {
            "model": "whisper-9"}}}}}, "model_not_found",
         "session.audio.input.transcription.model"),
        ({"type": "session.update", "session": {"audio": {"input": {"turn_detection": {
            "type": "server_vad", "threshold": 7}}}}}, "invalid_value",
         "session.audio.input.turn_detection.threshold"),
    ]

    async def run() -> None:
        socket = await open_socket(server)
        for number, (event, code, parameter) in enumerate(cases):
            if isinstance(event, dict):
                event = json.dumps({**event, "event_id": f"mine_{number}"})
            await socket.send(event)
            error = (await receive(socket, "error"))["error"]
            assert error["code"] == code, (event, error)
            assert error["param"] == parameter, (event, error)
            if event.startswith("{"):
                assert error["event_id"] == f"mine_{number}"
        await socket.send(b"\x00\x01")
        assert (await receive(socket, "error"))["error"]["code"] == "invalid_event"
        await socket.send(json.dumps({"type": "input_audio_buffer.clear"}))
        await receive(socket, "input_audio_buffer.cleared")
        await socket.ping()
        await socket.close()
        assert socket.close_code == 1000

    asyncio.run(run())


def test_sockets_know_their_limits(server: Server) -> None:
    async def run() -> None:
        socket = await open_socket(server)
        with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
            await socket.send("x" * (16 * 1024 * 1024 + 1))
            while True:
                await asyncio.wait_for(socket.recv(), TIMEOUT_S)
        assert closed.value.rcvd.code == 1009
        with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
            await open_socket(server, origin="https://evil.example")
        assert refused.value.response.status_code == 403
        socket = await open_socket(server, subprotocols=["realtime"])
        assert socket.subprotocol == "realtime"
        await socket.close()

    asyncio.run(run())
    assert server.ask("GET", "/v1/realtime").status == 426


def test_browsers_get_keys_of_their_own(server: Server) -> None:
    client = openai.OpenAI(base_url=server.url + "/v1", api_key="unused", max_retries=0)
    made = client.realtime.client_secrets.create(
        expires_after={"anchor": "created_at", "seconds": 60},
        session={"type": "transcription",
                 "audio": {"input": {"transcription": {"model": "gpt-4o-transcribe",
                                                       "language": "tr"}}}})
    assert made.value.startswith("ek_")
    assert made.session.type == "transcription"

    async def run() -> dict:
        socket = await open_socket(
            server, subprotocols=["realtime", f"openai-insecure-api-key.{made.value}"])
        created = await receive(socket, "session.created")
        await socket.close()
        return created

    session = asyncio.run(run())["session"]
    assert session["audio"]["input"]["transcription"]["language"] == "tr"
    beta = server.ask("POST", "/v1/realtime/transcription_sessions",
                      json.dumps({"input_audio_format": "g711_alaw"}).encode(),
                      Content_Type="application/json").json()
    assert beta["client_secret"]["value"].startswith("ek_")
    assert beta["input_audio_format"] == "g711_alaw"
    with pytest.raises(openai.PermissionDeniedError):
        client.with_options(api_key=made.value).realtime.client_secrets.create()
    with pytest.raises(openai.BadRequestError):
        client.realtime.client_secrets.create(session={
            "type": "transcription", "audio": {"input": {"format": {"type": "audio/mp3"}}}})
