"""Two owners on one server: no route gives one of them, or their key, what belongs to the other."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from conftest import Katip, program, write_tone
from server import Answer, Server, serving
from test_access import Client, add_users, client_of, make_key

TRANSCRIPT = {"version": 1, "language": "en", "duration": 2.0, "text": "the secret of ayse",
              "segments": [{"id": 0, "start": 0.0, "end": 2.0, "text": "the secret of ayse"}]}

# A body that would be good, for the routes that need one: what is refused has to be refused for the
# owner and not for its form.
BODIES: dict[tuple[str, str], object] = {
    ("PATCH", "/api/v1/keys/{id}"): {"name": "mine"},
    ("PATCH", "/api/v1/webhooks/{id}"): {"active": False},
    ("PATCH", "/api/v1/jobs/{job_id}"): {"name": "mine", "tags": ["mine"]},
    ("PATCH", "/api/v1/jobs/{job_id}/segments"): {"segments": [{"index": 0, "text": "mine"}]},
    ("POST", "/api/v1/jobs/{job_id}/again"): {},
    ("POST", "/api/v1/jobs/{job_id}/segments/split"): {"index": 0, "at": 3},
    ("POST", "/api/v1/jobs/{job_id}/segments/merge"): {"index": 0},
    ("POST", "/api/v1/jobs/{job_id}/feedback"): {"corrected_text": "mine"},
    ("POST", "/api/v1/jobs/{job_id}/restore"): {"version": 1},
    ("PATCH", "/api/v1/converted-sounds/{id}"): {"acc_id": "mine"},
}
# A stream that says only that something has moved; tests/e2e/test_jobs_api.py listens to it.
ENDLESS = {"/api/v1/changes"}
# What people share, and what belongs to the server: scopes guard it, nobody owns it.
SHARED = re.compile(r"^/v1/models|^/api/v1/(lexicon|admin|tasks|profiles|state)/")


@dataclass
class Things:
    """What Ayse has, by the place of its id in a path."""

    ids: dict[str, str] = field(default_factory=dict)

    def path(self, template: str) -> str:
        group = template.split("/")[3]
        names = {"{job_id}": "jobs", "{id}": group, "{delivery_id}": "deliveries"}
        return re.sub(r"\{.+?\}", lambda place: self.ids[names[place.group()]], template)


def upload_job(client: Client, recording: bytes) -> str:
    body = (b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"ayse.wav\"\r\n\r\n"
            + recording + b"\r\n--b--\r\n")
    answer = client.server.ask("POST", "/api/v1/jobs", body, Authorization=f"Bearer {client.token}",
                               Content_Type="multipart/form-data; boundary=b")
    assert answer.status in (201, 202), answer.body
    data = answer.json()["data"]
    return data.get("job_id") or data["job"]["job_id"]


def complete(server: Server, job_id: str) -> None:
    """As a worker would, without one."""
    with closing(sqlite3.connect(server.data / "katip.db", timeout=10)) as database:
        database.execute(
            "update jobs set status = 'completed', progress = 1, transcript = ?, text = ?, "
            "search_text = ?, started_at = created_at, completed_at = created_at where job_id = ?",
            (json.dumps(TRANSCRIPT), TRANSCRIPT["text"], TRANSCRIPT["text"], job_id))
        database.commit()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    katip = Katip(program(), tmp_path_factory.mktemp("owners"))
    add_users(katip)
    with serving(katip, "--workers", "off") as running:
        yield running


@pytest.fixture(scope="module")
def things(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Things:
    """One of everything that can have an owner."""
    ayse = client_of(server, "ayse")
    recording = write_tone(tmp_path_factory.mktemp("sounds") / "a.wav", 2).read_bytes()
    ids = {"jobs": upload_job(ayse, recording),
           "keys": make_key(ayse, scopes=["jobs:read"])["details"]["id"]}
    complete(server, ids["jobs"])
    upload = ayse("POST", "/api/v1/uploads", Tus_Resumable="1.0.0", Upload_Length="10")
    assert upload.status == 201, upload.body
    ids["uploads"] = upload.headers["Location"].rsplit("/", 1)[1]
    sound = ayse("POST", "/api/v1/converted-sounds", {"talent_id": "t-ayse", "acc_id": "a-ayse"})
    assert sound.status == 201, sound.body
    ids["converted-sounds"] = sound.json()["data"]["uuid"]
    feedback = ayse("POST", f"/api/v1/jobs/{ids['jobs']}/feedback",
                    {"corrected_text": "the secret of Ayse"})
    assert feedback.status in (200, 201), feedback.body
    ids["feedback"] = feedback.json()["data"]["id"]
    hook = ayse("POST", "/api/v1/webhooks", {"url": "https://example.com/hook"})
    assert hook.status == 201, hook.body
    ids["webhooks"] = hook.json()["data"]["id"]
    session = ayse("GET", "/api/v1/auth/sessions").json()["data"]["items"][0]
    ids["auth"] = session["id"]
    ids["deliveries"] = "0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a"
    return Things(ids)


def templates(server: Server) -> list[tuple[str, str]]:
    found = []
    for path, methods in server.ask("GET", "/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            if operation.get("security") != []:
                found.append((method.upper(), path))
    return found


def ask(client: Client, method: str, template: str, path: str) -> Answer:
    headers = {"Tus_Resumable": "1.0.0"} if "/uploads" in path else {}
    if method == "PATCH" and "/uploads" in path:
        return client.server.ask("PATCH", path, b"x", Authorization=f"Bearer {client.token}",
                                 Content_Type="application/offset+octet-stream",
                                 Upload_Offset="0", **headers)
    if template.endswith(("/segments", "/split", "/merge", "/restore")) and method != "GET":
        headers["If_Match"] = '"v1"'
    return client(method, path, BODIES.get((method, template)), **headers)


@pytest.mark.parametrize("who", ["mehmet", "a key of mehmet", "bakan"])
def test_what_belongs_to_somebody_else_is_not_there(
    server: Server, things: Things, who: str
) -> None:
    other = client_of(server, "bakan" if who == "bakan" else "mehmet")
    if who == "a key of mehmet":
        scopes = other("GET", "/api/v1/auth/me").json()["data"]["scopes"]
        other = Client(server, make_key(other, scopes=scopes)["key"])
    told = {}
    for method, template in templates(server):
        if "{" in template and not SHARED.match(template):
            answer = ask(other, method, template, things.path(template))
            told[method, template] = answer.status
            assert b"secret" not in answer.body
    assert len(told) >= 25
    assert {route: status for route, status in told.items() if status not in (403, 404)} == {}


@pytest.mark.parametrize("who", ["mehmet", "bakan"])
def test_no_list_shows_what_belongs_to_somebody_else(
    server: Server, things: Things, who: str
) -> None:
    other = client_of(server, who)
    listed = 0
    for method, template in templates(server):
        if method != "GET" or "{" in template or template in ENDLESS:
            continue
        path = template + "?q=secret" if template.endswith("/search") else template
        answer = other("GET", path)
        listed += answer.status == 200
        for group, name in things.ids.items():
            assert name.encode() not in answer.body, (template, group)
        assert b"secret of" not in answer.body, template
    assert listed >= 6


def test_only_who_operates_asks_for_the_slots_that_are_kept_free(
        server: Server, things: Things) -> None:
    ayse, operator = client_of(server, "ayse"), client_of(server, "op")
    body = {"url": "https://example.com/lecture.mp4", "priority": 10}
    refused = ayse("POST", "/api/v1/jobs", body)
    assert refused.status == 403, refused.body
    error = refused.json()["error"]
    assert "`operate`" in error["message"], error
    assert [each["field"] for each in error["details"]] == ["/priority"], error
    key = Client(server, make_key(operator, scopes=["transcribe"])["key"])
    assert key("POST", "/api/v1/jobs", body).status == 403, "a scope, not the role of its owner"
    assert ayse("POST", "/api/v1/jobs", body | {"priority": 7}).status == 202
    assert operator("POST", "/api/v1/jobs", body).status == 202
    key = ayse("POST", "/api/v1/keys", {"name": "k", "scopes": ["transcribe"],
                                        "priority_default": 10})
    assert key.status == 403, key.body


@pytest.mark.parametrize("who", ["ayse", "op"])
def test_owners_and_operators_see_it(server: Server, things: Things, who: str) -> None:
    """Without this the tests above could pass because nothing is there at all."""
    client = client_of(server, who)
    for path in (f"/api/v1/jobs/{things.ids['jobs']}",
                 f"/api/v1/jobs/{things.ids['jobs']}/transcript",
                 f"/api/v1/jobs/{things.ids['jobs']}/segments",
                 f"/api/v1/jobs/{things.ids['jobs']}/feedback",
                 f"/api/v1/converted-sounds/{things.ids['converted-sounds']}"):
        assert client("GET", path).status == 200, path
    assert things.ids["jobs"].encode() in client("GET", "/api/v1/jobs").body
    if who == "ayse":
        for path in (f"/api/v1/keys/{things.ids['keys']}",
                     f"/api/v1/webhooks/{things.ids['webhooks']}",
                     f"/api/v1/feedback/{things.ids['feedback']}"):
            assert client("GET", path).status == 200, path
