"""Errors as RFC 9457 tells them: each has a type, and each type a page."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from conftest import REPOSITORY, Katip, program
from server import Server, serving

PROBLEM = {"Accept": "application/problem+json"}
FAILURE = re.compile(r'(?:Failure(?: failure)?\(|return \{)\s*\d{3},\s*"([A-Z_]+)"'
                     r'|failure\.code = "([A-Z_]+)"')


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("problems")
    with serving(Katip(program(), home), "--workers", "off") as running:
        yield running


def test_a_problem_leads_to_its_page(server: Server) -> None:
    missing = server.ask("GET", "/api/v1/jobs/job_none", **PROBLEM)
    wrong = server.ask("POST", "/api/v1/webhooks", b"{}", Content_Type="application/json", **PROBLEM)
    for answer, status, code in [(missing, 404, "NOT_FOUND"), (wrong, 422, "VALIDATION_FAILED")]:
        assert answer.headers["Content-Type"] == "application/problem+json"
        body = answer.json()
        assert (answer.status, body["status"], body["code"]) == (status, status, code)
        page = server.ask("GET", body["type"])
        assert page.status == 200
        assert page.headers["Content-Type"].startswith("text/html")
        assert code in page.body.decode()


def test_every_code_of_the_sources_has_a_page(server: Server) -> None:
    codes = set()
    for file in (REPOSITORY / "src/http").rglob("*.cc"):
        if not file.name.endswith("_test.cc"):
            codes |= {one or other for one, other in FAILURE.findall(file.read_text())}
    assert {"MODEL_IN_USE", "QUOTA_EXCEEDED", "PRECONDITION_FAILED"} <= codes
    known = set(re.findall(r"<code>([A-Z_]+)</code>",
                           server.ask("GET", "/docs/problems").body.decode()))
    assert codes <= known, codes - known
    for code in known:
        name = code.lower().replace("_", "-")
        assert server.ask("GET", f"/docs/problems/{name}").status == 200
    assert server.ask("GET", "/docs/problems/nonsense").status == 404
