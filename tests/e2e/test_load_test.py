"""`katip load-test` against a server with accounts: every user has a login of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Katip, program, write_tone
from server import Server, serving
from test_access import PASSWORD, add_users, client_of

PHASES = ["create", "login", "upload", "complete", "fetch", "remove"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[Server]:
    katip = Katip(program(), tmp_path_factory.mktemp("load"))
    add_users(katip)
    write_tone(katip.home / "clip.wav", 1)
    with serving(katip) as running:
        yield running


def load(server: Server, *flags: str, key: str = "", users: int = 6):
    return server.katip("load-test", server.url, "--file", "clip.wav", "--users", str(users),
                        "--concurrency", "3", "--json", "figures.json", *flags,
                        env={"KATIP_API_KEY": key})


def figures(server: Server) -> dict:
    return json.loads((server.katip.home / "figures.json").read_text())


def test_users_are_made_and_removed_again(server: Server) -> None:
    key = server.katip("key", "create", "--name", "load", "--scopes", "all").stdout.strip()
    done = load(server, "--prepare", key=key)
    assert done.returncode == 0, done.stderr
    found = figures(server)
    assert list(found) == PHASES
    for phase in PHASES:
        assert (found[phase]["count"], found[phase]["errors"]) == (6, {}), (phase, found[phase])
    boss = client_of(server, "boss")
    users = boss("GET", "/api/v1/admin/users?limit=200").json()["data"]["items"]
    assert not [user for user in users if user["login"].startswith("loadtest-")]


def test_users_of_a_file_log_in_and_nobody_else_does(server: Server) -> None:
    file = server.katip.home / "logins.txt"
    file.write_text(f"# two of them\nayse:{PASSWORD}\nmehmet:{PASSWORD}\n")
    done = load(server, "--users-file", str(file), users=2)
    assert done.returncode == 0, done.stderr
    assert {phase: figures(server)[phase]["count"] for phase in PHASES[1:-1]} == {
        phase: 2 for phase in PHASES[1:-1]}
    few = load(server, "--users-file", str(file), users=3)
    assert few.returncode == 2
    assert "the file has 2" in few.stderr


def test_who_may_not_make_users_is_told(server: Server) -> None:
    key = server.katip("key", "create", "--name", "weak", "--scopes", "transcribe").stdout.strip()
    refused = load(server, "--prepare", key=key)
    assert refused.returncode != 0
    assert "status 403 PERMISSION_DENIED" in refused.stderr
    assert load(server, "--prepare").returncode == 2
