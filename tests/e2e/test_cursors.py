"""Cursors of lists: sealed by SECRET_KEY, or by a key that the database keeps."""

from __future__ import annotations

import json
import string
from urllib.parse import parse_qs, urlsplit

from conftest import Katip
from server import Answer, Server, serving

KEY = {"SECRET_KEY": "8c1f0d2b7a6e4f3d9b5a1c0e2d4f6a8b"}
WORKERLESS = ("--workers", "off")


def page(server: Server, query: str = "", of: str = "events") -> Answer:
    return server.ask("GET", f"/api/v1/{of}?limit=1{query}")


def write_three(server: Server) -> str:
    """The cursor behind the first of three events."""
    for title in ("a", "b", "c"):
        body = json.dumps({"event_type": "page", "title": title}).encode()
        answer = server.ask("POST", "/api/v1/events", body, Content_Type="application/json")
        assert answer.status in (200, 201), answer.body
    first = page(server)
    cursor = first.json()["data"]["next_cursor"]
    target = first.headers["Link"].removeprefix("<").partition(">")[0]
    assert parse_qs(urlsplit(target).query) == {"limit": ["1"], "cursor": [cursor]}
    assert server.ask("GET", target).json()["data"]["items"][0]["title"] == "b"
    return cursor


def title(answer: Answer) -> str:
    assert answer.status == 200, answer.body
    return answer.json()["data"]["items"][0]["title"]


def assert_refused(answer: Answer) -> None:
    assert answer.status == 422, answer.body
    details = answer.json()["error"]["details"]
    assert [each["field"] for each in details] == ["cursor"]
    assert "next_cursor" in details[0]["message"]


def test_a_cursor_is_a_word_of_one_list_that_nobody_else_can_make(katip: Katip) -> None:
    with serving(katip, *WORKERLESS) as server:
        cursor = write_three(server)
        assert set(cursor) <= set(string.ascii_letters + string.digits + "-_")
        assert title(page(server, f"&cursor={cursor}")) == "b"
        middle = len(cursor) // 2
        other = "A" if cursor[middle] != "A" else "B"
        for wrong in (cursor[:middle] + other + cursor[middle + 1:], cursor[:-1], cursor + "A",
                      "2026-03-01T12:00:00.000Z,019a0000-0000-7000-8000-000000000001"):
            assert_refused(page(server, f"&cursor={wrong}"))
        for of in ("sales", "jobs", "feedback", "state", "profiles", "keys", "admin/users",
                   "admin/audit", "admin/tasks", "lexicon/terms", "admin/logs"):
            assert_refused(page(server, f"&cursor={cursor}", of))
        bulk = json.dumps({"filter": {"state": "available"}, "cursor": cursor}).encode()
        answer = server.ask("POST", "/api/v1/admin/tasks/cancel", bulk,
                            Content_Type="application/json")
        assert answer.status == 422, answer.body


def test_without_a_key_the_database_keeps_one(katip: Katip) -> None:
    with serving(katip, *WORKERLESS) as server:
        cursor = write_three(server)
    with serving(katip, *WORKERLESS) as server:
        assert title(page(server, f"&cursor={cursor}")) == "b"
    with serving(katip, *WORKERLESS, **KEY) as server:
        assert_refused(page(server, f"&cursor={cursor}"))
        mine = page(server).json()["data"]["next_cursor"]
    with serving(katip, *WORKERLESS, **KEY) as server:
        assert title(page(server, f"&cursor={mine}")) == "b"
