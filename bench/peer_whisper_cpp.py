#!/usr/bin/env python3
"""A worker that transcribes with whisper.cpp; bench/transcribe describes the protocol."""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

from pywhispercpp.model import Model

from environment import PEER_MODELS
from peer_protocol import Options, Result, Samples, serve


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=str(PEER_MODELS / "base-q8_0.bin"))
    parser.add_argument("--vad-model", default=str(PEER_MODELS / "silero-vad.bin"))
    parser.add_argument("--beam", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2, help="threads of one transcription")
    parser.add_argument("--workers", type=int, default=1, help="transcriptions at once")
    parser.add_argument("--no-flash", action="store_true", help="attention in separate steps")
    return parser.parse_args()


class WhisperCpp:
    """As many loaded contexts as there may be transcriptions at once."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._beam = arguments.beam
        self._free: SimpleQueue[Model] = SimpleQueue()
        self._pool = ThreadPoolExecutor(arguments.workers)
        for _ in range(arguments.workers):
            self._free.put(self._load(arguments))

    @staticmethod
    def _load(arguments: argparse.Namespace) -> Model:
        search: dict[str, Any] = {"greedy": {"best_of": 5}}
        if arguments.beam > 1:
            search = {"beam_search": {"beam_size": arguments.beam, "patience": -1.0}}
        return Model(
            arguments.model,
            params_sampling_strategy=int(arguments.beam > 1),
            redirect_whispercpp_logs_to=None,
            context_params={"flash_attn": not arguments.no_flash},
            n_threads=arguments.threads,
            print_progress=False,
            vad_model_path=arguments.vad_model,
            **search,
        )

    def _one(self, samples: Samples, options: Options) -> Result:
        if options.beam != self._beam or options.words:
            raise ValueError("whisper.cpp: the beam is fixed at the start, and words are not there")
        model = self._free.get()
        try:
            segments = model.transcribe(samples, language=options.language, vad=options.vad)
        finally:
            self._free.put(model)
        result = Result()
        for segment in segments:
            result.add(segment.t0 / 100.0, segment.t1 / 100.0, segment.text, [])
        return result

    def transcribe(self, batch: list[Samples], options: Options) -> list[Result]:
        return list(self._pool.map(lambda samples: self._one(samples, options), batch))


if __name__ == "__main__":
    serve(WhisperCpp(parse_arguments()).transcribe)
