"""The dashboard on a port of its own, with the password of the port."""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from conftest import Katip
from loopback import free_port
from server import serving

PASSWORD = "long enough to be one"


def status(url: str, password: str | None = None, method: str = "GET", **headers: str) -> int:
    request = urllib.request.Request(url, method=method, headers={
        name.replace("_", "-"): value for name, value in headers.items()})
    if password is not None:
        token = base64.b64encode(f"any:{password}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("variable", ["MONITOR_PASSWORD", "FLOWER_PASSWORD"])
def test_its_password_opens_what_operators_may_do(katip: Katip, variable: str) -> None:
    port = free_port()
    settings = {"KATIP_MONITOR_PORT": str(port), variable: PASSWORD}
    with serving(katip, "--workers", "off", **settings) as server:
        dashboard = f"http://127.0.0.1:{port}"
        assert {"address": dashboard}.items() <= next(
            line for line in server.log() if line["message"] == "the dashboard has a port").items()
        assert status(dashboard + "/queue") == 200, "the page itself holds nothing of anybody"
        for path in ("/api/v1/auth/me", "/api/v1/admin/queues", "/api/v1/admin/workers"):
            assert status(dashboard + path) == 401, path
            assert status(dashboard + path, "wrong") == 401, path
            assert status(dashboard + path, PASSWORD) == 200, path
        for path in ("/api/v1/jobs", "/api/v1/keys", "/api/v1/admin/users"):
            assert status(dashboard + path, PASSWORD) == 403, path
        pause = f"{dashboard}/api/v1/admin/queues/low/pause"
        assert status(pause, PASSWORD, "POST", Sec_Fetch_Site="cross-site") == 403
        assert status(pause, PASSWORD, "POST", Sec_Fetch_Site="same-origin") == 200
        assert PASSWORD not in server.output()


def test_without_a_password_it_is_as_open_as_the_server(katip: Katip, tmp_path: Path) -> None:
    port = free_port()
    with serving(katip, "--workers", "off", KATIP_MONITOR_PORT=str(port)):
        assert status(f"http://127.0.0.1:{port}/api/v1/admin/queues") == 200
        made = katip("user", "create", "root", "--role", "admin", "--password-stdin",
                     stdin=PASSWORD.encode())
        assert made.returncode == 0, made.stderr
    with serving(katip, "--workers", "off", KATIP_MONITOR_PORT=str(port)):
        assert status(f"http://127.0.0.1:{port}/api/v1/admin/queues") == 401
