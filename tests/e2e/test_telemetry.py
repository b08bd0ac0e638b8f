"""Traces and error reports, sent to collectors of the test's own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from conftest import Katip
from server import serving
from test_worker import wait_for

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Collector(ThreadingHTTPServer):
    """Takes everything and remembers it."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, str], bytes]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.server.taken.append((self.path, headers, body))  # type: ignore[attr-defined]
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    def spans(self) -> list[dict]:
        return [span for path, _, body in list(self.taken) if path == "/v1/traces"
                for resource in json.loads(body)["resourceSpans"]
                for scope in resource["scopeSpans"] for span in scope["spans"]]

    def reports(self) -> list[dict]:
        return [json.loads(body.splitlines()[2]) for path, _, body in list(self.taken)
                if path.endswith("/envelope/")]


@contextmanager
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_a_request_and_its_task_are_one_trace_and_errors_are_reported(katip: Katip) -> None:
    with collector() as there:
        address = f"127.0.0.1:{there.server_port}"
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{address}", "NO_PROXY": "127.0.0.1",
               "OTEL_EXPORTER_OTLP_HEADERS": "x-key=anahtar",
               "SENTRY_DSN": f"http://public@{address}/7"}
        with serving(katip, "--kinds", "general", **env) as server:
            for args in ({"days": 5}, {"days": "x"}):
                answer = server.ask(
                    "POST", "/api/v1/tasks",
                    json.dumps({"name": "cleanup.history", "args": args}).encode(),
                    Content_Type="application/json",
                    traceparent=f"00-{TRACE}-00f067aa0ba902b7-01")
                assert answer.status == 202
                assert answer.headers["X-Request-Id"] == TRACE
            wait_for(lambda: len([span for span in there.spans() if span["traceId"] == TRACE]) >= 4,
                     60)
            spans = [span for span in there.spans() if span["traceId"] == TRACE]
            request = next(span for span in spans if span["name"] == "POST /api/v1/tasks")
            tasks = [span for span in spans if span["name"] == "cleanup.history"]
            assert request["parentSpanId"] == "00f067aa0ba902b7"
            assert request["kind"] == 2
            assert {task["parentSpanId"] for task in tasks} == {request["spanId"]}
            assert sorted(task["status"].get("code", 0) for task in tasks) == [0, 2]
            assert all(int(span["endTimeUnixNano"]) >= int(span["startTimeUnixNano"])
                       for span in spans)
            assert there.taken[0][1].get("x-key") == "anahtar" or there.taken[0][0] != "/v1/traces"

            # A worker that is killed is a crash that somebody has to look at.
            workers = server.ask("GET", "/api/v1/admin/workers").json()["data"]["workers"]
            katip_kill(next(worker["pid"] for worker in workers))
            wait_for(lambda: bool(there.reports()), 60)
            report = there.reports()[0]
            assert report["message"] == {"formatted": "worker process ended"}
            assert report["level"] == "warning"
            assert report["environment"] == "development"
            assert report["release"].startswith("katip@")
            path, headers, _ = next(each for each in there.taken if "envelope" in each[0])
            assert path == "/api/7/envelope/"
            assert "sentry_key=public" in headers["x-sentry-auth"]
            assert not any(b"error_message" in body or b"anahtar" in body
                           for _, _, body in there.taken)


def katip_kill(pid: int) -> None:
    import os
    import signal

    os.kill(pid, signal.SIGKILL)


def test_a_collector_that_is_away_holds_nobody_up(katip: Katip) -> None:
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "SENTRY_DSN": "http://k@127.0.0.1:9/1",
           "NO_PROXY": "127.0.0.1"}
    with serving(katip, "--workers", "off", **env) as server:
        assert server.ask("GET", "/livez").status == 200
    for wrong in ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}, {"SENTRY_DSN": "nonsense"}):
        done = katip("serve", "--port", "0", env=wrong)
        assert done.returncode == 2, done.stderr
