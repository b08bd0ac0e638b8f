"""`katip user` and `katip key`: people, keys, passwords that are typed unseen."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import sqlite3
import time
from contextlib import closing

import pytest
from conftest import Katip

PASSWORD = b"kedi pencerede\n"
KEY = re.compile(r"^kp_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}$")


def create(katip: Katip, login: str, role: str, password: bytes = PASSWORD) -> None:
    done = katip("user", "create", login, "--role", role, "--password-stdin", stdin=password)
    assert done.returncode == 0, done.stderr


def rows(katip: Katip, query: str) -> list[tuple]:
    with closing(sqlite3.connect(katip.home / ".local/share/katip/katip.db")) as database:
        return database.execute(query).fetchall()


def test_users_are_made_listed_changed_and_deleted(katip: Katip) -> None:
    create(katip, "Boss", "admin")
    create(katip, "ayse", "editor")
    listed = katip("user", "list").stdout.splitlines()
    assert listed[0].split() == ["LOGIN", "ROLE", "STATE", "LAST", "LOGIN", "CREATED", "NAME"]
    assert [line.split()[:3] for line in listed[1:]] == [
        ["ayse", "editor", "active"], ["boss", "admin", "active"]]
    for arguments in [("role", "ayse", "operator"), ("disable", "ayse"), ("enable", "ayse")]:
        done = katip("user", *arguments)
        assert done.returncode == 0, done.stderr
    ayse = next(u for u in json.loads(katip("user", "list", "--json").stdout) if u["login"] == "ayse")
    assert (ayse["role"], ayse["is_active"]) == ("operator", True)
    assert katip("user", "passwd", "ayse", "--password-stdin", stdin=b"bisiklet ve deniz").returncode == 0
    assert katip("user", "delete", "ayse").returncode == 0
    assert katip("user", "delete", "ayse").returncode == 1
    actions = [row[0] for row in rows(katip, "select action from audit_log order by id")]
    assert actions == ["user.create", "user.create", "user.role", "user.disable", "user.enable",
                       "user.password", "user.delete"]
    audit = (katip.home / ".local/share/katip/logs/audit.log").read_text()
    assert "user.delete" in audit
    assert "kedi" not in audit


def test_what_would_lock_everybody_out_is_refused(katip: Katip) -> None:
    first = katip("user", "create", "ayse", "--role", "editor", "--password-stdin", stdin=PASSWORD)
    assert first.returncode == 1
    assert "administrator" in first.stderr
    create(katip, "boss", "admin")
    for arguments in [("role", "boss", "viewer"), ("disable", "boss"), ("delete", "boss")]:
        done = katip("user", *arguments)
        assert done.returncode == 1
        assert "last administrator" in done.stderr


@pytest.mark.parametrize(("arguments", "password", "hint"), [
    (["user", "create", "a b", "--role", "admin"], PASSWORD, "a login has"),
    (["user", "create", "boss", "--role", "root"], PASSWORD, "admin"),
    (["user", "create", "boss", "--role", "admin"], b"short\n", "at least 8"),
    (["user", "create", "boss", "--role", "admin"], b"galatasaray1905\n", "tried first"),
    (["user", "create", "boss", "--role", "admin"], b"", "no password"),
    (["user", "create", "boss", "--role", "admin"], b"x" * 100_000, "1,024"),
])
def test_what_was_asked_wrongly_is_explained(
    katip: Katip, arguments: list[str], password: bytes, hint: str
) -> None:
    done = katip(*arguments, "--password-stdin", stdin=password)
    assert done.returncode == 2, done.stderr
    assert hint in done.stderr
    assert not rows_or_none(katip)


def rows_or_none(katip: Katip) -> list[tuple]:
    if not (katip.home / ".local/share/katip/katip.db").exists():
        return []
    return rows(katip, "select login from users")


def test_without_a_terminal_nobody_is_asked(katip: Katip) -> None:
    done = katip.start("user", "create", "boss", "--role", "admin", start_new_session=True)
    _, errors = done.communicate(timeout=30)
    assert done.returncode == 2
    assert b"--password-stdin" in errors


def on_terminal(katip: Katip, arguments: list[str], answers: list[bytes]) -> tuple[int, str]:
    """Runs a command on a terminal of its own and types the answers; gives what was to be seen."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(katip.home)
        os.execve(katip.program, [str(katip.program), *arguments], katip.environment())
    seen = b""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                piece = os.read(terminal, 4096)
            except OSError:
                break
            if not piece:
                break
            seen += piece
            if answers and seen.endswith(b": "):
                os.write(terminal, answers.pop(0))
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), seen.decode()


def test_a_password_is_typed_twice_and_not_shown(katip: Katip) -> None:
    assert katip("migrate", "upgrade", "head").returncode == 0
    create_boss = ["user", "create", "boss", "--role", "admin"]
    code, seen = on_terminal(katip, create_boss, [PASSWORD, b"kedi bahcede\n"])
    assert code == 2
    assert "differ" in seen
    code, seen = on_terminal(katip, create_boss, [PASSWORD, PASSWORD])
    assert code == 0, seen
    assert "new password of boss: " in seen
    assert "kedi" not in seen
    assert [user["login"] for user in json.loads(katip("user", "list", "--json").stdout)] == ["boss"]


def test_ctrl_c_at_the_password_changes_nothing(katip: Katip) -> None:
    assert katip("migrate", "upgrade", "head").returncode == 0
    code, _ = on_terminal(katip, ["user", "create", "boss", "--role", "admin"], [b"\x03"])
    assert code == 130
    assert rows(katip, "select login from users") == []


def test_a_key_is_shown_once_and_kept_as_a_checksum(katip: Katip) -> None:
    made = katip("key", "create", "--name", "web app", "--scopes", "transcribe,jobs:read",
                 "--expires", "90d", "--rate-limit", "60", "--daily-seconds", "3600",
                 "--priority", "7")
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    assert KEY.match(key), "standard output holds the key and nothing else"
    assert "only time" in made.stderr
    folder = katip.home / ".local/share/katip"
    for file in [folder / "katip.db", folder / "katip.db-wal", *(folder / "logs").iterdir()]:
        if file.exists():
            assert key.rsplit("_", 1)[1].encode() not in file.read_bytes(), file
    listed = json.loads(katip("key", "list", "--json").stdout)
    assert len(listed) == 1
    assert listed[0]["prefix"] == key[:15]
    assert listed[0]["scopes"] == ["transcribe", "jobs:read"]
    assert listed[0]["rate_limit_per_minute"] == 60
    assert listed[0]["daily_audio_seconds_limit"] == 3600
    assert listed[0]["priority_default"] == 7
    assert "key" not in listed[0]


def test_keys_are_revoked_and_deleted_by_their_public_half(katip: Katip) -> None:
    made = json.loads(katip("key", "create", "--name", "a", "--scopes", "all", "--json").stdout)
    assert KEY.match(made["key"])
    assert katip("key", "revoke", made["prefix"]).returncode == 0
    line = katip("key", "list").stdout.splitlines()[1].split()
    assert line[:4] == [made["prefix"], "a", made["prefix"], "revoked"]
    assert katip("key", "delete", made["id"]).returncode == 0
    assert katip("key", "delete", made["id"]).returncode == 1
    assert "there are no keys" in katip("key", "list").stderr


@pytest.mark.parametrize(("arguments", "hint"), [
    (["--scopes", "all"], "--name is missing"),
    (["--name", "a"], "--scopes is missing"),
    (["--name", "a", "--scopes", "transcibe"], "Did you mean `transcribe`?"),
    (["--name", "a", "--scopes", "all", "--expires", "yesterday"], "no time"),
    (["--name", "a", "--scopes", "all", "--expires", "2020-01-01"], "over already"),
    (["--name", "a", "--scopes", "all", "--rate-limit", "many"], "whole number"),
    (["--name", "a", "--scopes", "all", "--rate-limit", "0"], "1 to"),
    (["--name", "a", "--scopes", "all", "--priority", "11"], "0 to 10"),
    (["--name", "", "--scopes", "all"], "the name of a key"),
])
def test_keys_that_are_asked_for_wrongly_are_explained(
    katip: Katip, arguments: list[str], hint: str
) -> None:
    done = katip("key", "create", *arguments)
    assert done.returncode == 2, done.stderr
    assert hint in done.stderr
    assert done.stdout == ""


def test_a_key_of_a_user_may_no_more_than_the_user(katip: Katip) -> None:
    create(katip, "boss", "admin")
    create(katip, "ayse", "viewer")
    done = katip("key", "create", "--name", "a", "--scopes", "all", "--owner", "ayse")
    assert done.returncode == 2
    assert "has the role viewer" in done.stderr
    assert katip("key", "create", "--name", "a", "--scopes", "jobs:read", "--owner",
                 "ayse").returncode == 0
