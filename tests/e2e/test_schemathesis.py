"""Schemathesis asks for everything that /openapi.json says is possible, and for much that is not."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import REPOSITORY, Katip
from server import Server, serving

CLIENTS = REPOSITORY / ".deps" / "python"
# What a schema cannot say (a file that is no recording, either of two fields) is refused although it
# fits, so that "positive_data_acceptance" has no place here.
CHECKS = ",".join((
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance", "unsupported_method",
    "negative_data_rejection", "missing_required_header", "use_after_free"))


def run(katip: Katip, server: Server, *arguments: str) -> None:
    if not (CLIENTS / "schemathesis").is_dir():
        pytest.skip("schemathesis is not in .deps/python: run tools/setup")
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "--config-file",
         str(REPOSITORY / "tests/e2e/schemathesis.toml"), "run", server.url + "/openapi.json",
         "--seed", "7", "--no-color", "--request-timeout", "30", *arguments],
        env={"PYTHONPATH": str(CLIENTS), "PATH": "/usr/bin:/bin", "HOME": str(katip.home)},
        cwd=katip.home, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


@pytest.mark.parametrize("examples", [5, pytest.param(100, marks=pytest.mark.slow)])
def test_every_answer_is_one_that_was_promised(katip: Katip, examples: int) -> None:
    with serving(katip, "--kinds", "general") as server:
        run(katip, server, "--checks", CHECKS, "--max-examples", str(examples))


def test_wrong_keys_and_none_are_refused(katip: Katip) -> None:
    """Some reading routes: more than 60 wrong keys a minute would be too many requests."""
    key = katip("key", "create", "--name", "k", "--scopes", "all").stdout.strip()
    with serving(katip, "--workers", "off") as server:
        run(katip, server, "--header", f"Authorization: Bearer {key}", "--checks", "ignored_auth",
            "--phases", "coverage", "--include-name-regex",
            "^GET /(v1/models|api/v1/(jobs|keys|tags))$")
