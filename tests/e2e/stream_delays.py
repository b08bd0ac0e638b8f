"""How long the text of a window is under way: from when the engine has finished it, as the worker's
log says at the level DEBUG, to when a client has its last segment. Both clocks are this machine's.

Used by test_stream.py and bench/stream_delay.
"""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

from server import Server

DEBUG = {"KATIP_LOG_LEVEL": "debug"}


def follow(client: Any, recording: Path) -> tuple[str, list[float]]:
    """Streams a recording: the id of the request, and when each of its segments came."""
    stream = client.audio.transcriptions.create(
        file=recording, model="gpt-4o-transcribe-diarize", response_format="diarized_json",
        chunking_strategy="auto", language="en", stream=True)
    arrivals = [time.time() for event in stream if event.type == "transcript.text.segment"]
    return stream.response.headers["x-request-id"], arrivals


def delays_ms(server: Server, request_id: str, arrivals: list[float]) -> list[float]:
    """Of each window that has text. Windows are told in the order of the audio."""
    windows = [line for line in server.log()
               if line["message"] == "window finished" and line.get("request_id") == request_id]
    delays, segment_count = [], 0
    for window in sorted(windows, key=lambda line: line["window"]):
        segment_count += window["segment_count"]
        if window["segment_count"]:
            finished = datetime.fromisoformat(window["ts"]).timestamp()
            delays.append(1e3 * (arrivals[segment_count - 1] - finished))
    assert segment_count == len(arrivals), "a window was told twice, or not at all"
    return delays
