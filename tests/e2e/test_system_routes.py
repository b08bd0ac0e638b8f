"""The log, the schema and the configuration by HTTP, for operators and administrators."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from conftest import Katip, program
from server import Server, serving

ADMIN = "/api/v1/admin"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("system")
    with serving(Katip(program(), home), "--kinds", "general") as running:
        yield running


def data(server: Server, path: str, **headers: str) -> dict:
    answer = server.ask("GET", ADMIN + path, **headers)
    assert answer.status == 200, answer.body
    return answer.json()["data"]


def test_lines_of_the_log_are_found_newest_first(server: Server) -> None:
    server.ask("GET", "/api/v1/jobs", X_Request_Id="find-me-1")
    lines = data(server, "/logs?channel=api&limit=50")["items"]
    assert lines == sorted(lines, key=lambda line: line["ts"], reverse=True)
    found = data(server, "/logs?channel=api&request_id=find-me-1")["items"]
    assert [line["path"] for line in found] == ["/api/v1/jobs"]
    page = data(server, "/logs?channel=app&limit=1")
    assert page["has_more"]
    second = data(server, f"/logs?channel=app&limit=1&cursor={page['next_cursor']}")
    assert second["items"] and second["items"] != page["items"]
    assert data(server, "/logs?q=KATIP+SERVES")["items"][0]["message"] == "katip serves"
    assert data(server, "/logs?level=CRITICAL")["items"] == []


@pytest.mark.parametrize(("query", "status"), [
    ("channel=passwd", 422), ("limit=0", 422), ("level=loud", 422),
    ("cursor=../katip.db:9", 422), ("cursor=x", 422)])
def test_bad_questions_are_refused(server: Server, query: str, status: int) -> None:
    assert server.ask("GET", f"{ADMIN}/logs?{query}").status == status


def test_the_schema_is_told(server: Server) -> None:
    schema = data(server, "/migrations")
    assert schema["state"] == "current" and schema["pending"] == [] and schema["advice"] == ""
    assert schema["revisions"][0]["is_head"]
    assert [each["id"] for each in schema["revisions"] if each["is_current"]] == schema["applied"]


def test_the_configuration_says_where_it_comes_from_and_no_secrets(server: Server) -> None:
    settings = {each["key"]: each for each in data(server, "/settings")["settings"]}
    assert settings["worker.kinds"] == {**settings["worker.kinds"], "value": "general",
                                        "origin": "--kinds"}
    assert all(each["value"] in ("(not set)", "********")
               for each in settings.values() if each["is_secret"])


def test_operators_see_the_log_and_administrators_the_rest(server: Server) -> None:
    def key(scope: str) -> str:
        answer = server.ask("POST", "/api/v1/keys", json.dumps(
            {"name": scope, "scopes": [scope]}).encode(), Content_Type="application/json",
            **({"Authorization": f"Bearer {admin}"} if admin else {}))
        assert answer.status == 201, answer.body
        return answer.json()["data"]["key"]

    admin = ""
    admin = key("all")
    for scope, statuses in (("operate", (200, 403, 200, 403)), ("jobs:read", (403,) * 4)):
        bearer = {"Authorization": f"Bearer {key(scope)}"}
        paths = ("/logs", "/logs?channel=audit", "/migrations", "/settings")
        assert tuple(server.ask("GET", ADMIN + path, **bearer).status
                     for path in paths) == statuses
