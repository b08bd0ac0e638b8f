#!/usr/bin/env python3
"""A worker that transcribes with faster-whisper; bench/transcribe describes the protocol."""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from faster_whisper import BatchedInferencePipeline, WhisperModel

from environment import MODELS
from peer_protocol import Options, Result, Samples, serve


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=str(MODELS / "base"))
    parser.add_argument("--precision", default="int8")
    parser.add_argument("--threads", type=int, default=2, help="threads of one transcription")
    parser.add_argument("--workers", type=int, default=1, help="transcriptions at once")
    parser.add_argument("--batch", type=int, default=0, help="windows at once; 0: sequential mode")
    parser.add_argument(
        "--window-times",
        action="store_true",
        help="timestamps in batched mode (its default is one segment a window)",
    )
    parser.add_argument(
        "--no-previous-text",
        action="store_true",
        help="sequential mode without the last window's text as a prompt",
    )
    return parser.parse_args()


class FasterWhisper:
    """One loaded model, and the settings of this process."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._model = WhisperModel(
            arguments.model,
            device="cpu",
            compute_type=arguments.precision,
            cpu_threads=arguments.threads,
            num_workers=arguments.workers,
        )
        self._pipeline = BatchedInferencePipeline(self._model) if arguments.batch else self._model

    def _mode_options(self) -> dict[str, Any]:
        if self._arguments.batch:
            return {
                "batch_size": self._arguments.batch,
                "without_timestamps": not self._arguments.window_times,
            }
        return {"condition_on_previous_text": not self._arguments.no_previous_text}

    def _one(self, samples: Samples, options: Options) -> Result:
        segments, _ = self._pipeline.transcribe(
            samples,
            language=options.language,
            beam_size=options.beam,
            vad_filter=options.vad,
            word_timestamps=options.words,
            **self._mode_options(),
        )
        result = Result()
        for segment in segments:
            words = [(w.start, w.end, w.word) for w in segment.words or []]
            result.add(segment.start, segment.end, segment.text, words)
        return result

    def transcribe(self, batch: list[Samples], options: Options) -> list[Result]:
        """All files at once, a thread each; the model runs `workers` of them at a time."""
        if len(batch) == 1:
            return [self._one(batch[0], options)]
        with ThreadPoolExecutor(len(batch)) as pool:
            return list(pool.map(lambda samples: self._one(samples, options), batch))


if __name__ == "__main__":
    serve(FasterWhisper(parse_arguments()).transcribe)
