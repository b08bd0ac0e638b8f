"""Streams as a client sees them: how late text comes, and how a stream ends whose worker dies."""

from __future__ import annotations

import os
import signal
import statistics
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import Katip, program, read_aloud
from server import Server, serving
from stream_delays import DEBUG, delays_ms, follow
from test_openai import running_tasks

openai = pytest.importorskip(
    "openai", reason="the client openai is not in .deps/python: run tools/setup")

DELAY_MS_MAX = 300


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, model: Path, speech: Path  # noqa: ARG001
) -> Iterator[Server]:
    with serving(Katip(program(), tmp_path_factory.mktemp("server")), **DEBUG) as running:
        yield running


@pytest.fixture
def client(server: Server) -> openai.OpenAI:
    return openai.OpenAI(base_url=server.url + "/v1", api_key="unused", max_retries=0, timeout=300)


def test_text_comes_soon_after_its_window(
        server: Server, client: openai.OpenAI, tmp_path: Path) -> None:
    request_id, arrivals = follow(client, read_aloud(tmp_path / "long.wav", 70))
    delays = delays_ms(server, request_id, arrivals)
    assert len(delays) >= 2
    # The median: on a busy machine any one of them may be late.
    assert 0 < statistics.median(delays) <= DELAY_MS_MAX, delays


def test_deltas_bring_their_tokens(client: openai.OpenAI, tmp_path: Path) -> None:
    long = read_aloud(tmp_path / "long.wav", 35)
    of_deltas, done = [], None
    for event in client.audio.transcriptions.create(
            file=long, model="gpt-4o-transcribe", language="en", stream=True, include=["logprobs"]):
        if event.type == "transcript.text.done":
            done = event
            continue
        # A first token begins with the space that the running text may have before it.
        text = b"".join(bytes(map(int, token.bytes)) for token in event.logprobs).decode()
        assert text.strip() == event.delta.strip()
        of_deltas += event.logprobs
    assert [token.bytes for token in of_deltas] == [token.bytes for token in done.logprobs]


class Killer:
    """Ends every engine worker that runs a task, until it is told to stop."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.killed: set[int] = set()
        self.is_done = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        while not self.is_done.wait(0.1):
            alive = {line["process"] for line in self.server.log()
                     if line["message"] == "worker process started" and line["kind"] == "engine"}
            if alive - self.killed and running_tasks(self.server):
                for process in alive - self.killed:
                    with suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
                self.killed |= alive

    def stop(self) -> None:
        self.is_done.set()
        self.thread.join()


def test_a_stream_whose_workers_all_die_ends_with_an_error(
        server: Server, client: openai.OpenAI, tmp_path: Path) -> None:
    long = read_aloud(tmp_path / "long.wav", 420)
    stream = client.audio.transcriptions.create(
        file=long, model="gpt-4o-transcribe", language="en", stream=True)
    killer = Killer(server)
    types = []
    try:
        with pytest.raises(openai.APIError) as error:
            for event in stream:
                types.append(event.type)
    finally:
        killer.stop()
    assert not isinstance(error.value, openai.APIConnectionError), "it was cut, and not told"
    assert error.value.body["type"] == "server_error", error.value.body
    assert "transcript.text.done" not in types
    assert len(killer.killed) >= 3, "one worker that dies is no reason to give up"
