"""The completion scripts, tried in the shells themselves."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import Katip


def bash_candidates(katip: Katip, line: str) -> list[str]:
    """What bash would offer after `line`, whose last word is the one being typed."""
    words = line.split(" ")
    script = katip("completion", "bash").stdout + f"""
COMP_WORDS=({' '.join("'" + word + "'" for word in words)})
COMP_CWORD={len(words) - 1}
compopt() {{ :; }}   # Only readline has it.
_katip
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(
        ["bash", "--norc", "-c", script], capture_output=True, text=True, check=True,
        env={**katip.environment(), "PATH": f"{katip.program.parent}:/usr/bin:/bin"},
        cwd=katip.home)
    assert done.stderr == ""
    return [line for line in done.stdout.split("\n") if line]


def test_bash_offers_commands(katip: Katip) -> None:
    assert bash_candidates(katip, "katip ") == [
        "transcribe", "models", "config", "serve", "worker", "queue", "watch", "user", "key",
        "lexicon", "backup", "migrate",
        "load-test", "doctor", "completion"]
    assert bash_candidates(katip, "katip mo") == ["models"]
    assert bash_candidates(katip, "katip models ") == ["list", "pull", "remove", "verify"]


def test_bash_offers_flags_and_their_values(katip: Katip) -> None:
    assert bash_candidates(katip, "katip transcribe --be") == ["--beam", "--best-of"]
    assert bash_candidates(katip, "katip transcribe --precision ") == ["int8", "float32"]
    assert bash_candidates(katip, "katip transcribe --vad o") == ["on", "off"]
    assert bash_candidates(katip, "katip completion ") == ["bash", "zsh", "fish"]
    assert bash_candidates(katip, "katip models pull --source h") == ["huggingface"]
    assert bash_candidates(katip, "katip queue autoscale ") == ["engine", "general"]
    assert bash_candidates(katip, "katip queue autoscale engine --c") == [
        "--configured", "--config"]


def test_bash_offers_files_and_folders(katip: Katip) -> None:
    (katip.home / "talk.mp3").write_bytes(b"")
    (katip.home / "folder").mkdir()
    assert sorted(bash_candidates(katip, "katip transcribe ")) == ["folder", "talk.mp3"]
    assert bash_candidates(katip, "katip transcribe -o ") == ["folder"]
    assert bash_candidates(katip, "katip transcribe --words ta") == ["talk.mp3"]


def test_bash_offers_models(katip: Katip) -> None:
    assert "large-v3" in bash_candidates(katip, "katip models pull large")
    assert "small" in bash_candidates(katip, "katip transcribe --model ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_accept_their_script(katip: Katip, shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "katip.completion"
    script.write_text(katip("completion", shell).stdout)
    done = subprocess.run([shell, "-n", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_fish_offers_commands_flags_and_values(katip: Katip, tmp_path: Path) -> None:
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    script = tmp_path / "katip.fish"
    script.write_text(katip("completion", "fish").stdout)

    def candidates(line: str) -> list[str]:
        done = subprocess.run(
            ["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"],
            capture_output=True, text=True, check=True,
            env={**katip.environment(), "PATH": f"{katip.program.parent}:/usr/bin:/bin"})
        return [entry.split("\t")[0] for entry in done.stdout.splitlines()]

    assert candidates("katip mod") == ["models"]
    assert candidates("katip models p") == ["pull"]
    assert candidates("katip transcribe --bea") == ["--beam"]
    assert candidates("katip transcribe --precision ") == ["float32", "int8"]
    assert candidates("katip completion z") == ["zsh"]


def test_zsh_loads_its_script_and_defines_its_functions(katip: Katip, tmp_path: Path) -> None:
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not installed")
    script = tmp_path / "_katip"
    script.write_text(katip("completion", "zsh").stdout)
    done = subprocess.run(
        ["zsh", "-f", "-c",
         f"autoload -Uz compinit; compinit -D -u; source {script}; "
         "print $_comps[katip]; whence -w _katip_models_pull _katip_transcribe"],
        capture_output=True, text=True, check=True, env=katip.environment())
    assert done.stdout.splitlines() == [
        "_katip", "_katip_models_pull: function", "_katip_transcribe: function"]
