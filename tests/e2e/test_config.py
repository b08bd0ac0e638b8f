"""Where settings come from, and what the check list refuses."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from conftest import REPOSITORY, Katip


def settings(katip: Katip, *arguments: str, env: dict[str, str] | None = None) -> dict[str, dict]:
    done = katip("config", "show", "--json", *arguments, env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["settings"]


def write_config(katip: Katip, text: str) -> Path:
    path = katip.home / "katip.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_source_is_stronger_than_the_one_before(katip: Katip) -> None:
    beam = "transcribe.beam"
    assert settings(katip)[beam] == {"value": "5", "origin": "default"}
    write_config(katip, "[transcribe]\nbeam = 2\n[production.transcribe]\nbeam = 3\n")
    assert settings(katip)[beam] == {"value": "2", "origin": "katip.toml:2"}
    env = {"KATIP_ENV": "production"}
    assert settings(katip, env=env)[beam] == {"value": "3", "origin": "katip.toml:4 [production]"}
    assert settings(katip, env={"ENVIRONMENT": "production"})[beam]["value"] == "3"
    assert settings(katip, "--env", "production")[beam]["value"] == "3"
    env["KATIP_BEAM"] = "4"
    assert settings(katip, env=env)[beam] == {"value": "4", "origin": "KATIP_BEAM"}
    env["KATIP_MODELS"] = "/from/the/environment"
    models = settings(katip, "--models", "/from/a/flag", env=env)["storage.models"]
    assert models == {"value": "/from/a/flag", "origin": "--models"}


def test_the_file_is_found_in_the_home_folder_too(katip: Katip, tmp_path: Path) -> None:
    folder = katip.home / ".config" / "katip"
    folder.mkdir(parents=True)
    (folder / "katip.toml").write_text("[engine]\nthreads = 3\n")
    done = katip("config", "show", cwd=tmp_path)
    assert "engine.threads = 3" in done.stdout


def test_a_slip_in_the_file_stops_with_line_column_and_suggestion(katip: Katip) -> None:
    write_config(katip, "[transcribe]\n  baem = 3\n")
    done = katip("config", "show")
    assert done.returncode == 2
    assert "katip.toml:2:3: unknown key `transcribe.baem`. Did you mean `transcribe.beam`?" in (
        done.stderr)


def test_every_fault_is_reported_at_once(katip: Katip) -> None:
    write_config(katip, "[transcribe]\nbeam = 99\nvad = 3\n[oven]\n")
    done = katip("config", "check", env={"KATIP_THREADS": "many"})
    assert done.returncode == 2
    for part in ("katip.toml:2:8", "katip.toml:3:7", "unknown section `oven`", "KATIP_THREADS"):
        assert part in done.stderr


def test_secrets_are_masked(katip: Katip) -> None:
    env = {"HF_TOKEN": "hf_abcdefghijklmnop"}
    for arguments in (["config", "show"], ["config", "show", "--json"], ["config", "check"]):
        done = katip(*arguments, env=env)
        assert "hf_abc" not in done.stdout + done.stderr
    assert settings(katip, env=env)["remote.hf_token"]["value"] == "********"


def test_production_refuses_defaults(katip: Katip) -> None:
    done = katip("config", "check", "--env", "production",
                 "--env-file", REPOSITORY / ".env.production")
    assert done.returncode == 1
    for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_PASSWORD", "MONITOR_PASSWORD",
                 "CORS_ORIGINS"):
        assert f"REFUSED  {name}" in done.stdout


def test_production_accepts_what_is_filled_in(katip: Katip) -> None:
    for name in ("cert.pem", "key.pem"):
        path = katip.home / name
        path.write_text("x")
        path.chmod(0o600)
    good = {
        "SECRET_KEY": os.urandom(32).hex(),
        "KATIP_TLS_CERT": str(katip.home / "cert.pem"),
        "KATIP_TLS_KEY": str(katip.home / "key.pem"),
        "DATABASE_URL": "postgresql://katip:" + os.urandom(12).hex() +
                        "@db:5432/katip?sslmode=verify-full",
        "REDIS_PASSWORD": os.urandom(12).hex(),
        "FLOWER_PASSWORD": os.urandom(12).hex(),
        "CORS_ORIGINS": "https://katip.school.org",
        "KATIP_BACKUP_DIR": "/mnt/backups",
        "ENVIRONMENT": "production"}
    file = katip.home / "filled.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in good.items()))
    done = katip("config", "check", "--env-file", file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "good for production" in done.stderr


@pytest.mark.parametrize("name", ["example", "development", "staging", "production"])
def test_the_files_of_the_repository_can_be_read(
        katip: Katip, name: str) -> None:
    done = katip("config", "check", "--env", "development",
                 "--env-file", REPOSITORY / f".env.{name}")
    assert done.returncode == 0, done.stderr
    assert "nothing reads" not in done.stderr


def test_a_variable_that_nobody_reads_is_pointed_out(katip: Katip) -> None:
    done = katip("config", "check", env={"KATIP_MODLE": "base"})
    assert "nothing reads the variable KATIP_MODLE. Did you mean `KATIP_MODEL`?" in done.stderr
