"""`katip serve` in the background, for the tests that speak with it."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from conftest import Katip

START_MAX_S = 60


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict:
        return json.loads(self.body)


@dataclass
class Server:
    """A server on a port of its own, with its data in the home of `katip`."""

    katip: Katip
    flags: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    port: int = 0
    url: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.katip.home / ".local/share/katip"

    def start(self) -> Server:
        log = (self.katip.home / "serve.log").open("ab")
        self.process = subprocess.Popen(
            [self.katip.program, "serve", "--port", str(self.port), "--grace", "5", *self.flags],
            env=self.katip.environment({"KATIP_LOG_CONSOLE": "json", **self.env}),
            cwd=self.katip.home, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + START_MAX_S
        while time.monotonic() < end:
            for line in self.log():
                if line["message"] == "katip serves" and line["pid"] == self.process.pid:
                    self.url = line["address"]
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"it does not serve:\n{self.output()}")

    def output(self) -> str:
        return (self.katip.home / "serve.log").read_text(errors="replace")

    def log(self) -> list[dict]:
        """The lines of its log, those of its workers among them."""
        lines = []
        for line in self.output().splitlines():
            # What is said to people goes to the same file, and may have come before on the line.
            with contextlib.suppress(json.JSONDecodeError):
                lines.append(json.loads(line[max(line.find("{"), 0):]))
        return lines

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        request = urllib.request.Request(
            self.url + path, data=body, method=method,
            headers={name.replace("_", "-"): value for name, value in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, dict(error.headers), error.read())

    def stop(self) -> int:
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


@contextlib.contextmanager
def serving(katip: Katip, *flags: str, **env: str) -> Iterator[Server]:
    server = Server(katip, flags, env)
    try:
        yield server.start()
    finally:
        server.stop()
