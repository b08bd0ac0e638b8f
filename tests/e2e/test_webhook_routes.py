"""/api/v1/webhooks against a running server, with a receiver that checks what it gets."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from conftest import Katip, program
from server import Answer, Server, serving
from test_outside import LOOPBACK, Receiver
from test_worker import wait_for

UNKNOWN = "0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("webhooks")
    with serving(Katip(program(), home), "--kinds", "general", **LOOPBACK) as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()


def ask(server: Server, method: str, path: str, body: object = None, **headers: str) -> Answer:
    if body is None:
        return server.ask(method, "/api/v1/webhooks" + path, **headers)
    return server.ask(method, "/api/v1/webhooks" + path, json.dumps(body).encode(),
                      Content_Type="application/json", **headers)


def create(server: Server, receiver: Receiver, **more: object) -> dict:
    answer = ask(server, "POST", "", {"url": receiver.url + "/hook", **more})
    assert answer.status == 201, answer.body
    return answer.json()["data"]


def deliveries(server: Server, webhook: dict, query: str = "") -> list[dict]:
    return ask(server, "GET", f"/{webhook['id']}/deliveries{query}").json()["data"]["deliveries"]


def test_a_webhook_is_made_changed_and_deleted(server: Server, receiver: Receiver) -> None:
    made = create(server, receiver, name="çağrı", events=["job.completed"])
    assert made["secret"].startswith("whsec_")
    assert made["active"] is True
    path = "/" + made["id"]
    shown = ask(server, "GET", path).json()["data"]
    assert "secret" not in shown
    assert shown == {key: value for key, value in made.items() if key != "secret"}
    assert made["id"] in [each["id"] for each in ask(server, "GET", "").json()["data"]["webhooks"]]
    changed = ask(server, "PATCH", path, {"active": False, "events": []}).json()["data"]
    assert (changed["active"], changed["events"], changed["name"]) == (False, [], "çağrı")
    assert ask(server, "POST", path + "/test").status == 409
    assert ask(server, "DELETE", path).status == 204
    for method, rest in [("GET", ""), ("DELETE", ""), ("POST", "/test"), ("POST", "/rotate"),
                         ("GET", "/deliveries"), ("GET", f"/deliveries/{UNKNOWN}"),
                         ("POST", f"/deliveries/{UNKNOWN}/replay")]:
        assert ask(server, method, path + rest).status == 404, (method, rest)


def test_a_test_message_arrives_is_shown_and_can_be_sent_again(
        server: Server, receiver: Receiver) -> None:
    standardwebhooks = pytest.importorskip("standardwebhooks")
    made = create(server, receiver)
    sent = ask(server, "POST", f"/{made['id']}/test", X_Request_Id="from-the-test")
    assert sent.status == 202
    headers, body = wait_for(lambda: receiver.received)[0]
    event = standardwebhooks.Webhook(made["secret"]).verify(body, headers)
    assert event["type"] == "webhook.test"
    assert headers["X-Request-Id"] == "from-the-test"
    delivery = wait_for(lambda: deliveries(server, made, "?status=delivered"))[0]
    assert delivery["response_status"] == 204
    assert delivery["attempt_count"] == 1
    assert "payload" not in delivery
    path = f"/{made['id']}/deliveries/{delivery['id']}"
    assert ask(server, "GET", path).json()["data"]["payload"] == event
    assert ask(server, "POST", path + "/replay").status == 202
    wait_for(lambda: len(receiver.received) == 2)
    assert receiver.received[1][0]["webhook-id"] == headers["webhook-id"]


def test_both_secrets_sign_after_a_rotation(server: Server, receiver: Receiver) -> None:
    standardwebhooks = pytest.importorskip("standardwebhooks")
    made = create(server, receiver)
    fresh = ask(server, "POST", f"/{made['id']}/rotate", {"overlap_s": 600}).json()["data"]
    assert fresh["old_secret_until"] is not None
    ask(server, "POST", f"/{made['id']}/test")
    headers, body = wait_for(lambda: receiver.received)[0]
    for secret in (made["secret"], fresh["secret"]):
        standardwebhooks.Webhook(secret).verify(body, headers)
    assert ask(server, "POST", f"/{made['id']}/rotate").status == 200  # Without a body: a day.


def test_pages_of_deliveries(server: Server, receiver: Receiver) -> None:
    made = create(server, receiver)
    for _ in range(5):
        assert ask(server, "POST", f"/{made['id']}/test").status == 202
    seen: list[str] = []
    cursor = ""
    while True:
        page = ask(server, "GET", f"/{made['id']}/deliveries?limit=2{cursor}").json()["data"]
        seen += [each["id"] for each in page["deliveries"]]
        if not page["has_more"]:
            break
        cursor = "&cursor=" + page["next_cursor"]
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize(("body", "status", "hint"), [
    ({}, 422, "url"),
    ({"url": "nonsense"}, 422, "url"),
    ({"url": "ftp://example.com"}, 422, "url"),
    ({"url": "https://example.com", "events": ["job.exploded"]}, 422, "events"),
    ({"url": "https://example.com", "secret": "mine"}, 422, "secret"),
    ({"url": "https://example.com", "name": ""}, 422, "name"),
    ({"url": "http://169.254.169.254/latest"}, 403, "outgoing.allow"),
    ({"url": "http://10.0.0.1/"}, 403, "outgoing.allow"),
    ({"url": "https://user:secret@example.com/"}, 400, "user name"),
])
def test_bad_data_is_refused(server: Server, body: dict, status: int, hint: str) -> None:
    answer = ask(server, "POST", "", body)
    assert answer.status == status, answer.body
    assert hint in answer.body.decode()
    assert answer.json()["success"] is False


def test_a_receiver_that_is_gone_switches_its_webhook_off(
        server: Server, receiver: Receiver) -> None:
    made = create(server, receiver)
    receiver.statuses = [410]
    ask(server, "POST", f"/{made['id']}/test")
    off = wait_for(lambda: (shown := ask(server, "GET", f"/{made['id']}").json()["data"])
                   and shown["disabled_at"] and shown)
    assert off["active"] is False
    assert "410" in off["disabled_reason"]
    assert deliveries(server, made)[0]["status"] == "failed"
    on = ask(server, "PATCH", f"/{made['id']}", {"active": True}).json()["data"]
    assert on["disabled_at"] is None
    assert len(receiver.received) == 1
