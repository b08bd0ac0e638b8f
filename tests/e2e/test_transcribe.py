"""katip transcribe as a person and as a program use it, with the real model."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import time
import wave
import zipfile
from pathlib import Path

import pytest
from conftest import Katip, read_aloud, write_tone

SAID = "leisure to consider"   # Of the recording that the fixture `speech` gives.


@pytest.fixture(autouse=True)
def _needs_model(model: Path) -> None:
    pass


def test_text_goes_to_standard_output_and_messages_to_standard_error(
        katip: Katip, speech: Path) -> None:
    done = katip("transcribe", "--language", "english", speech)
    assert done.returncode == 0, done.stderr
    assert SAID in done.stdout
    assert SAID not in done.stderr
    assert speech.name in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "\r" not in done.stdout + done.stderr


def test_quiet_says_nothing(katip: Katip, speech: Path) -> None:
    done = katip("transcribe", "--quiet", speech)
    assert done.stderr == ""
    assert SAID in done.stdout


def test_standard_input_is_a_recording_too(katip: Katip, speech: Path) -> None:
    done = katip("transcribe", "-", stdin=speech.read_bytes())
    assert done.returncode == 0, done.stderr
    assert SAID in done.stdout


def test_every_format_is_written(katip: Katip, speech: Path) -> None:
    formats = ["txt", "srt", "vtt", "json", "tsv", "lrc", "md", "docx"]
    done = katip("transcribe", "--words", "--format", ",".join(formats), "-o", "out", speech)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    out = katip.home / "out"
    assert {path.name for path in out.iterdir()} == {f"{speech.stem}.{name}" for name in formats}
    for name in formats[:-1]:
        text = (out / f"{speech.stem}.{name}").read_text(encoding="utf-8").replace("\n", " ")
        assert "leisure" in text, name
    assert (out / f"{speech.stem}.srt").read_text().startswith("1\n00:00:0")
    assert (out / f"{speech.stem}.vtt").read_text().startswith("WEBVTT")
    transcript = json.loads((out / f"{speech.stem}.json").read_text())
    assert transcript["words"]
    with zipfile.ZipFile(out / f"{speech.stem}.docx") as archive:
        assert archive.testzip() is None


def test_what_is_done_is_kept_until_overwrite(katip: Katip, speech: Path) -> None:
    assert katip("transcribe", "-o", "out", speech).returncode == 0
    file = katip.home / "out" / f"{speech.stem}.txt"
    file.write_text("corrected by hand")
    done = katip("transcribe", "-o", "out", speech)
    assert done.returncode == 0
    assert "done already" in done.stderr
    assert file.read_text() == "corrected by hand"
    assert katip("transcribe", "--overwrite", "-o", "out", speech).returncode == 0
    assert SAID in file.read_text()


def test_a_folder_is_searched_and_only_the_new_is_done(katip: Katip, speech: Path) -> None:
    folder = katip.home / "talks"
    (folder / "may").mkdir(parents=True)
    shutil.copy(speech, folder / "first.wav")
    shutil.copy(speech, folder / "may" / "second.WAV")
    (folder / "notes.pdf").write_bytes(b"x")
    done = katip("transcribe", "talks")
    assert done.returncode == 0, done.stderr
    assert SAID in (folder / "first.txt").read_text()
    assert SAID in (folder / "may" / "second.txt").read_text()
    assert {path.name for path in folder.iterdir()} == {
        "first.wav", "first.txt", "may", "notes.pdf"}
    shutil.copy(speech, folder / "third.wav")
    done = katip("transcribe", "talks")
    assert "first.wav: done already" in done.stderr
    assert "third.txt" in done.stderr


def test_several_files_are_printed_in_their_order(katip: Katip, speech: Path) -> None:
    write_tone(katip.home / "tone.wav", 2)
    done = katip("transcribe", "tone.wav", speech)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "==> tone.wav <=="
    assert lines.index(f"==> {speech} <==") > 0
    assert SAID in lines[-1]


def test_json_has_a_line_for_each_file_errors_included(katip: Katip, speech: Path) -> None:
    (katip.home / "text.mp3").write_text("This is not a recording. " * 100)
    done = katip("transcribe", "--json", "text.mp3", speech)
    assert done.returncode == 2
    broken, good = map(json.loads, done.stdout.splitlines())
    assert broken["file"] == "text.mp3"
    assert broken["status"] == "failed"
    assert broken["error"]["code"] == "INVALID_ARGUMENT"
    assert good["status"] == "done"
    assert SAID in good["transcript"]["text"]
    assert good["transcript"]["segments"]
    assert good["wall_ms"] > 0


def test_a_file_that_breaks_off_gives_its_text_and_says_so(katip: Katip, speech: Path) -> None:
    content = speech.read_bytes()
    (katip.home / "half.wav").write_bytes(content[:len(content) * 3 // 4])
    done = katip("transcribe", "half.wav")
    assert done.returncode == 0, done.stderr
    assert "dashwood" in done.stdout.lower()
    assert "warning" in done.stderr


def test_silence_and_tones_have_no_words(katip: Katip) -> None:
    write_tone(katip.home / "tone.wav", 6)
    done = katip("transcribe", "tone.wav")
    assert done.returncode == 0
    assert done.stdout == ""
    assert "no speech" in done.stderr


def test_channels_are_kept_apart(katip: Katip, speech: Path) -> None:
    with wave.open(str(speech), "rb") as file:
        rate, frames = file.getframerate(), file.readframes(file.getnframes())
    stereo = b"".join(frames[i:i + 2] + b"\0\0" for i in range(0, len(frames), 2))
    with wave.open(str(katip.home / "call.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(stereo)
    done = katip("transcribe", "--channels", "separate", "--json", "call.wav")
    assert done.returncode == 0, done.stderr
    segments = json.loads(done.stdout)["transcript"]["segments"]
    assert {segment["speaker"] for segment in segments} == {"Channel 1"}


def test_ctrl_c_stops_within_a_second_and_keeps_what_is_done(katip: Katip, speech: Path) -> None:
    seconds = 6
    long = read_aloud(katip.home / "long.wav", 4_000)
    partial = katip.home / "out" / "long.partial.txt"
    while not partial.exists():   # A machine that has other work may have nothing yet.
        process = katip.start("transcribe", "-o", "out", "--json", "--beam", "5", long)
        time.sleep(seconds)
        assert process.poll() is None, "it was done before it could be stopped"
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
        assert time.monotonic() - start < 4   # A second, where nothing else runs.
        assert process.returncode == 130
        assert seconds < 60, "a minute gave no text"
        seconds *= 2
    assert SAID in partial.read_text()
    assert not (katip.home / "out" / "long.txt").exists()
    assert b"incomplete" in errors
    line = json.loads(output)
    assert line["status"] == "partial"
    assert line["error"]["code"] == "CANCELLED"
    assert line["outputs"] == ["out/long.partial.txt"]


def test_ctrl_c_stops_a_pipe_that_says_nothing(katip: Katip, speech: Path) -> None:
    read_end, write_end = os.pipe()
    try:
        process = subprocess.Popen(
            [katip.program, "transcribe", "-"], stdin=read_end, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=katip.environment(), cwd=katip.home)
        os.write(write_end, speech.read_bytes()[:60_000])
        time.sleep(3)
        start = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        assert time.monotonic() - start < 4   # A second, where nothing else runs.
        assert process.returncode == 130
    finally:
        os.close(read_end)
        os.close(write_end)


def test_a_closed_standard_input_is_an_error_and_no_hang(katip: Katip) -> None:
    done = subprocess.run(
        ["sh", "-c", '"$0" transcribe - <&-', katip.program], capture_output=True, timeout=30,
        env=katip.environment(), cwd=katip.home, check=False)
    assert done.returncode == 2
    assert b"standard input" in done.stderr


def test_an_output_folder_that_cannot_be_is_found_before_the_work(
        katip: Katip, speech: Path) -> None:
    (katip.home / "out").write_text("a file")
    done = katip("transcribe", "-o", "out", speech)
    assert done.returncode == 1
    assert "cannot write into the folder out" in done.stderr
    assert SAID not in done.stdout


def test_a_transcript_that_cannot_be_saved_is_printed(katip: Katip, speech: Path) -> None:
    (katip.home / "out" / f"{speech.stem}.txt").mkdir(parents=True)   # No file can take its place.
    done = katip("transcribe", "--overwrite", "-o", "out", speech)
    assert done.returncode == 1
    assert "cannot write" in done.stderr
    assert SAID in done.stdout


def test_a_name_with_a_line_break_is_shown_on_one_line(katip: Katip) -> None:
    write_tone(katip.home / "talks" / "may" / "a\nkatip: error: b.wav", 1)
    done = katip("transcribe", "talks")
    assert done.returncode == 0
    assert done.stderr.startswith("talks/may/a?katip: error: b.wav: ")
    assert done.stderr.count("\n") == 1


def test_a_reader_that_goes_away_ends_the_program(katip: Katip, speech: Path) -> None:
    long = read_aloud(katip.home / "long.wav", 420)
    process = subprocess.Popen(
        [katip.program, "transcribe", "-q", long], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=katip.environment(), cwd=katip.home)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=240) == 1
    assert process.stderr is not None
    assert b"terminate" not in process.stderr.read()


def test_a_terminal_sees_progress_and_text(katip: Katip, speech: Path) -> None:
    main_end, terminal = pty.openpty()
    process = subprocess.Popen(
        [katip.program, "transcribe", speech], stdin=terminal, stdout=terminal, stderr=terminal,
        env=katip.environment({"TERM": "xterm-256color"}), cwd=katip.home)
    os.close(terminal)
    seen = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ready, _, _ = select.select([main_end], [], [], 1)
        if not ready:
            if process.poll() is not None:
                break
            continue
        try:
            part = os.read(main_end, 65536)
        except OSError:   # The other end is closed.
            break
        seen += part
    os.close(main_end)
    assert process.wait(timeout=10) == 0
    text = seen.decode()
    assert "loading base" in text
    assert "%" in text
    assert SAID in text
    assert "\x1b[2K" in text, "the line is taken away when it is over"
