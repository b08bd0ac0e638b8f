"""What katip sends out: webhooks, checked by the libraries of those who receive them, and
recordings that it fetches from an address."""

from __future__ import annotations

import base64
import json
import secrets
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import Katip, write_tone
from test_worker import Server, servers, wait_for  # noqa: F401

LOOPBACK = {"KATIP_OUTGOING_ALLOW": "127.0.0.1"}


class Receiver:
    """A server that keeps what it is sent and answers as it is told."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.files: dict[str, bytes] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append((dict(self.headers.items()), body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
                self.end_headers()

            def do_GET(self) -> None:
                body = receiver.files.get(self.path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()


def add_webhook(katip: Katip, url: str) -> str:
    """Straight into the database; the API for it has tests of its own. Gives the secret."""
    assert katip("migrate", "upgrade", "head").returncode == 0
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    with sqlite3.connect(katip.home / ".local/share/katip/katip.db") as database:
        database.execute(
            "insert into webhooks (id, name, url, secret) values (?, 'test', ?, ?)",
            (str(uuid.uuid4()), url, secret))
    database.close()
    return secret


def tasks(katip: Katip, state: str) -> list[dict]:
    done = katip("queue", "list", "--state", state, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def cancel_a_job(katip: Katip, tmp_path: Path) -> str:
    """Queues a recording and cancels it; gives the id of the job."""
    job = katip("queue", "transcribe", write_tone(tmp_path / "tone.wav", 1)).stdout.strip()
    waiting = [task for task in tasks(katip, "available")
               if task["kind"] == "transcription.process"]
    assert katip("queue", "cancel", waiting[0]["id"]).returncode == 0
    return job


def test_the_receivers_own_libraries_accept_the_signature(
        katip: Katip, servers: list[Server], receiver: Receiver, tmp_path: Path) -> None:  # noqa: F811
    for package in ("standardwebhooks", "openai"):
        pytest.importorskip(package, reason=f"{package} is not in .deps/python: run tools/setup")
    secret = add_webhook(katip, receiver.url + "/hook")
    job = cancel_a_job(katip, tmp_path)
    servers.append(Server(katip, "--kinds", "general", env=LOOPBACK))
    headers, body = wait_for(lambda: receiver.received)[0]

    from standardwebhooks.webhooks import Webhook, WebhookVerificationError
    event = Webhook(secret).verify(body, headers)
    assert event["type"] == "job.cancelled"
    assert event["data"]["job_id"] == job
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body.replace(b"cancelled", b"completed"), headers)

    import openai
    client = openai.OpenAI(api_key="unused", webhook_secret=secret)
    client.webhooks.verify_signature(body, headers)
    unwrapped = client.webhooks.unwrap(body, headers)
    assert unwrapped.type == "job.cancelled"
    assert unwrapped.id == headers["webhook-id"]
    with pytest.raises(openai.InvalidWebhookSignatureError):
        client.webhooks.verify_signature(body + b" ", headers)


def test_a_receiver_that_failed_gets_the_same_message_again(
        katip: Katip, servers: list[Server], receiver: Receiver, tmp_path: Path) -> None:  # noqa: F811
    add_webhook(katip, receiver.url)
    receiver.statuses = [500]
    cancel_a_job(katip, tmp_path)
    servers.append(Server(katip, "--kinds", "general", env=LOOPBACK))
    wait_for(lambda: len(receiver.received) == 2)
    (first, body), (second, body_again) = receiver.received
    assert first["webhook-id"] == second["webhook-id"]
    assert body == body_again
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) in range(4, 12)


def test_nothing_is_sent_into_the_own_network_unless_it_is_allowed(
        katip: Katip, servers: list[Server], receiver: Receiver, tmp_path: Path) -> None:  # noqa: F811
    add_webhook(katip, receiver.url)
    cancel_a_job(katip, tmp_path)
    servers.append(Server(katip, "--kinds", "general"))
    done = wait_for(lambda: tasks(katip, "completed"))
    assert "outgoing.allow" in json.dumps(done)
    assert receiver.received == []
    refused = katip("queue", "transcribe", receiver.url + "/a.wav")
    assert refused.returncode == 1
    assert "outgoing.allow" in refused.stderr


def test_a_recording_is_fetched_from_its_address(
        katip: Katip, servers: list[Server], receiver: Receiver, tmp_path: Path) -> None:  # noqa: F811
    receiver.files["/a/tone.wav"] = write_tone(tmp_path / "tone.wav", 1).read_bytes()
    job = katip("queue", "transcribe", receiver.url + "/a/tone.wav", env=LOOPBACK).stdout.strip()
    gone = katip("queue", "transcribe", receiver.url + "/none.wav", env=LOOPBACK).stdout.strip()
    servers.append(Server(katip, "--kinds", "general", env=LOOPBACK))
    next_task = wait_for(lambda: [task for task in tasks(katip, "available")
                                  if task["kind"] == "transcription.process"])[0]
    source = json.loads(katip("queue", "show", next_task["id"]).stdout)["args"]["source"]
    kept = katip.home / ".local/share/katip" / source
    assert kept.read_bytes() == receiver.files["/a/tone.wav"]
    assert "queued" in katip("queue", "result", job).stderr  # Fetched, it stands in line again.
    wait_for(lambda: "404" in katip("queue", "result", gone).stderr)
