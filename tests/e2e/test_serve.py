"""`katip serve` itself: status, documents, limits, start and stop."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from conftest import Katip, program
from server import Server, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("serve")
    with serving(Katip(program(), home), "--kinds", "general") as running:
        yield running


def test_it_says_how_it_is(server: Server) -> None:
    assert server.ask("GET", "/livez").body == b"ok\n"
    health = server.ask("GET", "/health").json()
    assert health["status"] in ("healthy", "degraded")
    assert health["success_rate"] == 100
    assert set(health["queues"]) == {"critical", "high", "default", "low"}
    metrics = server.ask("GET", "/api/v1/metrics").json()
    assert metrics["success"] is True
    assert metrics["data"]["tasks_completed"] == 0
    assert metrics["data"]["success_rate"] == 100


def test_the_figures_of_prometheus_are_there_as_json_too(server: Server) -> None:
    server.ask("GET", "/health")
    figures = server.ask("GET", "/api/v1/metrics").json()["data"]["figures"]
    text = server.ask("GET", "/metrics").body.decode()
    types = dict(line.split()[2:4] for line in text.splitlines() if line.startswith("# TYPE "))
    assert {name: figure["type"] for name, figure in figures.items()} == types
    depth = {(value["labels"]["queue"], value["labels"]["state"]): value["value"]
             for value in figures["queue_depth"]["values"]}
    assert depth["high", "available"] == 0
    health = {"code": "200", "method": "GET", "route": "/health"}
    counted = [value["value"] for value in figures["http_requests_total"]["values"]
               if value["labels"] == health]
    assert counted and counted[0] >= 1 and isinstance(counted[0], int)
    took = figures["http_request_duration_seconds"]["values"][0]
    assert took["count"] >= took["buckets"][-1]["count"] > 0 and took["buckets"][0]["le"] == 0.005


def test_it_is_ready_when_workers_are(server: Server) -> None:
    end = time.monotonic() + 20
    while server.ask("GET", "/readyz").status != 200:
        assert time.monotonic() < end, server.ask("GET", "/readyz").body
        time.sleep(0.1)
    assert server.ask("GET", "/readyz").json()["checks"]["workers"] == "ok"


def test_finished_tasks_are_counted(server: Server) -> None:
    assert server.katip("queue", "add", "cleanup.history").returncode == 0
    end = time.monotonic() + 20
    line = 'jobs_completed_total{kind="cleanup.history",queue="low"} 1'
    while line not in server.ask("GET", "/metrics").body.decode():
        assert time.monotonic() < end, server.ask("GET", "/metrics").body.decode()
        time.sleep(0.2)
    text = server.ask("GET", "/metrics").body.decode()
    assert 'http_requests_total{code="200",method="GET",route="/metrics"}' in text
    assert 'queue_depth{queue="high",state="available"} 0' in text


def test_it_describes_itself(server: Server) -> None:
    document = server.ask("GET", "/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert {} in document["security"], "nobody has an account yet"
    create = document["paths"]["/v1/audio/transcriptions"]["post"]
    assert "file" in create["requestBody"]["content"]["multipart/form-data"]["schema"]["required"]
    operations = [route["operationId"] for path in document["paths"].values()
                  for route in path.values()]
    assert len(operations) == len(set(operations))
    page = server.ask("GET", "/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    for path in document["paths"]:
        assert path.split("{")[0].encode() in page.body


def test_every_request_has_a_line_in_the_log(server: Server) -> None:
    answer = server.ask("GET", "/nowhere", X_Request_Id="find-me-1")
    assert answer.status == 404
    assert answer.headers["X-Request-Id"] == "find-me-1"
    assert answer.json()["error"]["code"] == "NOT_FOUND"
    path = server.data / "logs" / "api.log"
    end = time.monotonic() + 10
    while '"find-me-1"' not in path.read_text():
        assert time.monotonic() < end
        time.sleep(0.05)
    line = next(json.loads(entry) for entry in path.read_text().splitlines() if "find-me-1" in entry)
    assert (line["status"], line["method"], line["path"]) == (404, "GET", "/nowhere")


def test_a_body_is_not_read_when_it_is_too_large(server: Server) -> None:
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(
            b"POST /v1/audio/transcriptions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_many_idle_connections_do_not_keep_others_out(server: Server) -> None:
    address = urlsplit(server.url)
    idle = [socket.create_connection((address.hostname, address.port)) for _ in range(500)]
    try:
        assert server.ask("GET", "/livez").status == 200
    finally:
        for connection in idle:
            connection.close()


def test_requests_in_hand_are_answered_when_it_stops(katip: Katip) -> None:
    with serving(katip, "--kinds", "general") as server:
        address = urlsplit(server.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
        connection.request("GET", "/livez")
        assert connection.getresponse().read() == b"ok\n"
        begin = time.monotonic()
        stopped = threading.Thread(target=server.stop)
        stopped.start()
        stopped.join(timeout=30)
        assert not stopped.is_alive()
        assert time.monotonic() - begin < 15
        with pytest.raises(OSError):
            socket.create_connection((address.hostname, address.port), timeout=2)


def test_only_what_dead_servers_left_is_cleared_away(katip: Katip) -> None:
    with serving(katip, "--workers", "off") as first:
        folders = first.data / "tmp"
        (mine,) = folders.iterdir()
        (mine / "form-inhand").write_bytes(b"coming")
        (folders / "server-dead").mkdir()
        with serving(katip, "--workers", "off"):
            assert (mine / "form-inhand").exists()
            assert not (folders / "server-dead").exists()


def test_a_port_that_is_taken_is_explained(server: Server, katip: Katip) -> None:
    port = urlsplit(server.url).port
    done = katip("serve", "--port", str(port), "--workers", "off", timeout=60)
    assert done.returncode == 1
    assert "--port" in done.stderr


def test_it_goes_on_where_a_killed_one_ended(katip: Katip) -> None:
    with serving(katip, "--kinds", "general") as server:
        katip("queue", "pause", "low")
        task = katip("queue", "add", "cleanup.history").stdout.strip()
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(timeout=10)
    katip("queue", "resume", "low")
    with serving(katip, "--kinds", "general"):
        end = time.monotonic() + 30
        while json.loads(katip("queue", "show", task).stdout)["state"] != "completed":
            assert time.monotonic() < end
            time.sleep(0.2)
