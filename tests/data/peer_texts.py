#!/usr/bin/env python3
"""Writes what faster-whisper hears in the recordings: peer_texts.py RECORDINGS MODEL > peer_texts.tsv

RECORDINGS is the folder with manifest.json, MODEL the folder of Whisper base in CTranslate2's
format. Needs `pip install faster-whisper==1.2.1` and Debian's package pocketsphinx-testdata.
"""

import json
import sys
from pathlib import Path

import faster_whisper

LIBRIVOX = Path("/usr/share/pocketsphinx/test/data/librivox")


def clips(recordings: Path) -> list[tuple[Path, str]]:
    manifest = json.loads((recordings / "manifest.json").read_text(encoding="utf-8"))
    scored = [
        (recordings / clip["file"], clip["language"])
        for clip in manifest["clips"]
        if clip["scored"] and not clip.get("variant_of")
    ]
    return scored + [(path, "en") for path in sorted(LIBRIVOX.glob("*.wav"))]


def main() -> None:
    recordings, model_dir = Path(sys.argv[1]), sys.argv[2]
    model = faster_whisper.WhisperModel(model_dir, device="cpu", compute_type="int8")
    print(f"# faster-whisper {faster_whisper.__version__}, Whisper base int8, one recording at a time")
    print("# beam size, language, file, text")
    for beam_size in (1, 5):
        for how in ("given", "detected"):
            for path, language in clips(recordings):
                segments, _ = model.transcribe(
                    str(path),
                    beam_size=beam_size,
                    language=language if how == "given" else None,
                    condition_on_previous_text=False,
                )
                text = " ".join(segment.text.strip() for segment in segments)
                print(beam_size, how, path.name, text, sep="\t", flush=True)


main()
