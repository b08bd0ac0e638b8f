#!/usr/bin/env python3
"""faster-whisper behind the usual Python server: FastAPI, one model, requests on its threads.

What most self-hosted servers are, without their extras: the same model and precision as katip, greedy or
with beams, as many transcriptions at once as the machine has cores.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading

import uvicorn
from fastapi import FastAPI, Form, UploadFile
from faster_whisper import WhisperModel

from environment import MODELS


def application(arguments: argparse.Namespace) -> FastAPI:
    model = WhisperModel(
        str(MODELS / "base"), device="cpu", compute_type="int8",
        cpu_threads=arguments.threads, num_workers=arguments.workers)
    places = threading.Semaphore(arguments.workers)
    app = FastAPI()

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    # Not async: FastAPI runs it on a thread of its pool, and the event loop stays free.
    @app.post("/v1/audio/transcriptions")
    def transcribe(file: UploadFile, language: str | None = Form(None)) -> dict[str, str]:
        with tempfile.NamedTemporaryFile(suffix=".audio") as copy:
            while piece := file.file.read(1 << 20):
                copy.write(piece)
            copy.flush()
            with places:
                segments, _ = model.transcribe(
                    copy.name, language=language, beam_size=arguments.beam, vad_filter=True)
                return {"text": " ".join(segment.text.strip() for segment in segments)}

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1, help="of one transcription")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    uvicorn.run(application(chosen), host="127.0.0.1", port=chosen.port, log_level="warning")
