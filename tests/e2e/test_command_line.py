"""Flags, help, exit codes: what the program says before it does anything."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from conftest import Katip, write_tone

COMMANDS = [
    [], ["transcribe"], ["models"], ["models", "list"], ["models", "pull"], ["models", "remove"],
    ["models", "verify"], ["config"], ["config", "show"], ["config", "check"], ["doctor"],
    ["completion"]]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_examples(katip: Katip, command: list[str]) -> None:
    done = katip(*command, "--help")
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.startswith(f"usage: {' '.join(['katip', *command])}")
    assert "\nexamples:\n" in done.stdout


def test_version_is_one_line_on_standard_output(katip: Katip) -> None:
    done = katip("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("katip 0.")
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize(("arguments", "message"), [
    (["transcirbe"], "there is no command `transcirbe`. Did you mean `transcribe`?"),
    (["transcribe", "--baem", "3", "x.wav"], "there is no flag --baem. Did you mean `--beam`?"),
    (["transcribe"], "an argument is missing: FILE"),
    (["transcribe", "--vad", "x.wav"], "--vad: `x.wav` is none of on, off"),
    (["transcribe", ""], "the name of a recording is empty"),
    (["transcribe", "--beam", "99", "x.wav"], "--beam: `99` is not a whole number from 1 to 10"),
    (["transcribe", "--beam"], "--beam"),
    (["transcribe", "--language", "turkis", "x.wav"], "Did you mean `turkish`?"),
    (["transcribe", "--format", "stt", "x.wav"], "Did you mean `srt`?"),
    (["transcribe", "--precision", "int4", "x.wav"], "Did you mean `int8`?"),
    (["transcribe", "--temperature", "2", "x.wav"], "--temperature"),
    (["models", "pull", "../x"], "is not the name of a model"),
    (["completion", "tcsh"], "none of bash, zsh, fish"),
    ([], "a command is missing"),
])
def test_a_wrong_command_line_says_what_is_meant_and_leaves_with_2(
        katip: Katip, arguments: list[str], message: str) -> None:
    (katip.home / "x.wav").write_bytes(b"")
    done = katip(*arguments)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert done.stdout == ""


def test_a_model_that_nobody_knows_leaves_with_1_and_a_suggestion(katip: Katip) -> None:
    done = katip("models", "pull", "smal")
    assert done.returncode == 1
    assert "there is no model `smal`" in done.stderr
    assert "Did you mean `small`?" in done.stderr


def test_help_and_version_are_words_too(katip: Katip) -> None:
    assert katip("help", "models", "pull").stdout == katip("models", "pull", "--help").stdout
    assert katip("version").stdout == katip("--version").stdout


def test_a_full_standard_output_is_an_error(katip: Katip) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([katip.program, "config", "show"], stdout=full,
                              stderr=subprocess.PIPE, env=katip.environment(), check=False)
    assert done.returncode == 1
    assert b"cannot write to standard output: No space left on device" in done.stderr


def test_a_file_that_is_not_there_leaves_with_1_and_a_suggestion(katip: Katip) -> None:
    write_tone(katip.home / "interview.wav", 0.1)
    done = katip("transcribe", "intervew.wav")
    assert done.returncode == 1
    assert "Did you mean `interview.wav`?" in done.stderr


def test_a_model_that_is_not_installed_says_what_to_run(katip: Katip) -> None:
    write_tone(katip.home / "a.wav", 0.1)
    done = katip("transcribe", "--model", "large-v3", "a.wav")
    assert done.returncode == 1
    assert "katip models pull large-v3" in done.stderr


def test_errors_are_json_when_json_is_wanted(katip: Katip) -> None:
    write_tone(katip.home / "a.wav", 0.1)
    done = katip("transcribe", "--json", "--model", "large-v3", "a.wav")
    assert done.returncode == 1
    line = json.loads(done.stdout)
    assert line["status"] == "failed"
    assert line["error"]["code"] == "NOT_FOUND"


def test_control_characters_of_a_name_do_not_reach_the_terminal(katip: Katip) -> None:
    done = katip("transcribe", "evil\x1b[2Jname.wav")
    assert "\x1b" not in done.stderr


def test_several_formats_need_a_folder(katip: Katip) -> None:
    write_tone(katip.home / "a.wav", 0.1)
    done = katip("transcribe", "--format", "srt,txt", "a.wav")
    assert done.returncode == 2
    assert "-o" in done.stderr


def test_a_lexicon_with_a_fault_names_its_line(katip: Katip) -> None:
    write_tone(katip.home / "a.wav", 0.1)
    Path(katip.home / "names.txt").write_text("Ankara\nAyşe\tmuch\n", encoding="utf-8")
    done = katip("transcribe", "--lexicon", "names.txt", "a.wav")
    assert done.returncode == 2
    assert "names.txt:2: `much` is not a weight" in done.stderr
