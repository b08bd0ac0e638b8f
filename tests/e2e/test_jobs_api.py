"""Jobs by katip's own API: from a form, an upload or an address, followed while they run."""

from __future__ import annotations

import json
import time
import urllib.request
from datetime import datetime
from pathlib import Path

import pytest
from conftest import SPEECH, read_aloud
from server import Answer, Server
from test_worker import wait_for


def post_form(server: Server, file: bytes, **fields: str) -> Answer:
    parts = b"".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
                     for name, value in fields.items())
    body = (parts + b'--b\r\nContent-Disposition: form-data; name="file"; filename="talk.wav"\r\n'
            b"Content-Type: audio/wav\r\n\r\n" + file + b"\r\n--b--\r\n")
    return server.ask("POST", "/api/v1/jobs", body, Content_Type="multipart/form-data; boundary=b")


def post_json(server: Server, **body: object) -> Answer:
    return server.ask("POST", "/api/v1/jobs", json.dumps(body).encode(),
                      Content_Type="application/json")


def uploaded(server: Server, file: bytes) -> str:
    made = server.ask("POST", "/api/v1/uploads", file, Tus_Resumable="1.0.0",
                      Upload_Length=str(len(file)), Content_Type="application/offset+octet-stream")
    return made.headers["Location"].rsplit("/", 1)[1]


def days_kept(job: dict) -> float | None:
    """How long a job stays after it came; None: for ever."""
    if job["expires_at"] is None:
        return None
    end, begin = (datetime.fromisoformat(job[key]) for key in ("expires_at", "created_at"))
    return (end - begin).total_seconds() / 86_400


def events(server: Server, job_id: str) -> list[tuple[str, dict]]:
    """Everything that is told of a job, until the stream ends."""
    told, name = [], ""
    url = f"{server.url}/api/v1/jobs/{job_id}/events"
    end = time.monotonic() + 300  # Signs of life keep the connection for ever.
    with urllib.request.urlopen(url, timeout=120) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        for line in stream:
            assert time.monotonic() < end, told
            text = line.decode().rstrip("\n")
            if text.startswith("event: "):
                name = text.removeprefix("event: ")
            elif text.startswith("data: "):
                told.append((name, json.loads(text.removeprefix("data: "))))
    return told


def test_a_form_becomes_a_job_that_is_followed_to_its_end(server: Server, tmp_path: Path) -> None:
    long = read_aloud(tmp_path / "long.wav", 180)
    answer = post_form(server, long.read_bytes(), name="Okuma", priority="8",
                       options='{"language": "en"}')
    assert answer.status == 202, answer.body
    data = answer.json()["data"]
    assert answer.headers["Location"] == f"/api/v1/jobs/{data['job_id']}"
    told = events(server, data["job_id"])
    assert told[-1] == ("end", {"job_id": data["job_id"], "status": "completed", "progress": 1})
    assert any(name == "segment" for name, _ in told), told
    assert told[0][0] == "progress"
    job = server.ask("GET", data["links"]["self"]).json()["data"]
    assert job["options"]["language"] == "en"
    assert 0.3 < job["confidence"] <= 1
    # Who comes when all is over is told so.
    assert events(server, data["job_id"])[-1][1]["status"] == "completed"


def test_who_follows_is_told_that_something_has_moved(server: Server) -> None:
    with urllib.request.urlopen(f"{server.url}/api/v1/changes", timeout=60) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        time.sleep(1)  # The first look is what later ones are compared with.
        made = post_form(server, SPEECH.read_bytes(), options='{"language": "en"}')
        told: set[str] = set()
        end = time.monotonic() + 120
        for line in stream:
            assert time.monotonic() < end, told
            told.add(line.decode().strip().removeprefix("event: "))
            if told >= {"jobs", "queue"}:
                break
    assert events(server, made.json()["data"]["job_id"])[-1][1]["status"] == "completed"


def test_an_upload_becomes_a_job_once(server: Server) -> None:
    upload = uploaded(server, SPEECH.read_bytes())
    answer = post_json(server, upload_id=upload, options={"language": "en", "beam_size": 1})
    assert answer.status == 202, answer.body
    assert events(server, answer.json()["data"]["job_id"])[-1][1]["status"] == "completed"
    assert post_json(server, upload_id=upload).status == 409


def test_a_recording_is_transcribed_again_with_other_options(server: Server) -> None:
    made = post_form(server, SPEECH.read_bytes(), name="Reading", tags="first",
                     options='{"language": "en", "word_times": true, "lexicon": ["Dashwood"]}')
    first = made.json()["data"]["job_id"]

    def again(job_id: str, **body: object) -> Answer:
        return server.ask("POST", f"/api/v1/jobs/{job_id}/again", json.dumps(body).encode(),
                          Content_Type="application/json")

    assert again(first).status in (202, 409)  # It may have ended by now.
    assert events(server, first)[-1][1]["status"] == "completed"
    answer = again(first, options={"beam_size": 1, "lexicon": None}, name="Reading, quickly")
    assert answer.status == 202, answer.body
    second = answer.json()["data"]["job_id"]
    assert answer.headers["Location"] == f"/api/v1/jobs/{second}"
    assert events(server, second)[-1][1]["status"] == "completed"
    job = server.ask("GET", f"/api/v1/jobs/{second}").json()["data"]
    assert (job["name"], job["tags"]) == ("Reading, quickly", ["first"])
    options = job["options"]
    assert (options["language"], options["word_times"], options["beam_size"]) == ("en", True, 1)
    assert not options.get("lexicon")
    assert job["file_size"] == len(SPEECH.read_bytes())

    for wrong in ({"options": {"beam_sise": 1}}, {"options": {"model": "none-such"}}, {"job": 1}):
        assert again(first, **wrong).status == 422, wrong
    assert again("job_none").status == 404
    # The sound goes with the last of them.
    assert server.ask("DELETE", f"/api/v1/jobs/{first}").status == 204
    assert server.ask("GET", f"/api/v1/jobs/{second}/audio").body == SPEECH.read_bytes()
    third = again(second).json()["data"]["job_id"]
    assert events(server, third)[-1][1]["status"] == "completed"
    media = list((server.data / "media").iterdir())
    for job_id in (second, third):
        assert server.ask("DELETE", f"/api/v1/jobs/{job_id}").status == 204
    assert len(list((server.data / "media").iterdir())) == len(media) - 1
    assert again(second).status == 404


def test_an_address_inside_the_network_is_refused(server: Server) -> None:
    for url in (server.url + "/livez", "http://127.0.0.1/x", "http://[::1]/x", "http://0x7f.1/x"):
        answer = post_json(server, url=url)
        assert answer.status in (400, 403), (url, answer.body)


@pytest.mark.parametrize(("body", "field"), [
    ({}, "/upload_id"),
    ({"upload_id": "x"}, "/upload_id"),
    ({"url": "file:///etc/passwd"}, "/url"),
    ({"url": "https://example.org/a", "options": {"langage": "tr"}}, "/options"),
    ({"url": "https://example.org/a", "options": {"beam_size": 99}}, "/options"),
    ({"url": "https://example.org/a", "priority": 11}, "/priority"),
    ({"url": "https://example.org/a", "keep_days": -1}, "/keep_days"),
    ({"url": "https://example.org/a", "keep_days": 36_501}, "/keep_days"),
    ({"url": "https://example.org/a", "keep_days": "7"}, "/keep_days"),
    ({"url": "https://example.org/a", "submitted_by": "root"}, "/submitted_by"),
])
def test_what_does_not_fit_is_named(server: Server, body: dict, field: str) -> None:
    answer = post_json(server, **body)
    assert answer.status == 422, answer.body
    error = answer.json()["error"]
    assert error["code"] == "VALIDATION_FAILED"
    assert error["details"][0]["field"] == field


def test_a_job_stays_as_long_as_it_says(server: Server) -> None:
    def job_of(answer: Answer) -> dict:
        assert answer.status == 202, answer.body
        return server.ask("GET", answer.headers["Location"]).json()["data"]

    sound = SPEECH.read_bytes()
    assert days_kept(job_of(post_form(server, sound))) is None
    assert days_kept(job_of(post_form(server, sound, keep_days="0.5"))) == 0.5
    assert days_kept(job_of(post_form(server, sound, keep_days="0"))) is None
    for nonsense in ("", "soon", "-1", "1e9", "nan", "7 days"):
        answer = post_form(server, sound, keep_days=nonsense)
        assert answer.status == 422, (nonsense, answer.body)
        assert answer.json()["error"]["details"][0]["field"] == "keep_days"
    assert days_kept(job_of(post_json(server, upload_id=uploaded(server, sound), keep_days=30))) == 30

    where = f"/api/v1/jobs/{job_of(post_form(server, sound, keep_days='7'))['job_id']}"
    kept = {"Content_Type": "application/json"}
    for days, expected in ((90, 90), (0.25, 0.25), (0, None), (3, 3), (None, None)):
        answer = server.ask("PATCH", where, json.dumps({"keep_days": days}).encode(), **kept)
        assert days_kept(answer.json()["data"]) == expected, answer.body
    for nonsense in (-1, 36_501, "7", [7]):
        answer = server.ask("PATCH", where, json.dumps({"keep_days": nonsense}).encode(), **kept)
        assert answer.status == 422, (nonsense, answer.body)

    # One whose time is over goes when it has ended, and its recording with it.
    short = job_of(post_form(server, sound, keep_days="0.00002"))["job_id"]
    assert events(server, short)[-1][1]["status"] == "completed"
    recording = server.data / "media" / (short.removeprefix("job_") + ".wav")
    assert recording.exists()

    def is_gone() -> bool:
        order = json.dumps({"name": "cleanup.expired"}).encode()
        task = server.ask("POST", "/api/v1/tasks", order, Content_Type="application/json")
        ended = server.ask("GET", f"/api/v1/tasks/{task.json()['data']['task_id']}?wait=30")
        assert ended.json()["data"]["state"] == "completed", ended.body
        return server.ask("GET", f"/api/v1/jobs/{short}").status == 404

    wait_for(is_gone, 60)
    assert not recording.exists()


def test_jobs_that_are_not_there_are_not_found(server: Server) -> None:
    assert server.ask("GET", "/api/v1/jobs/job_nowhere/events").status == 404
    nowhere = "01900000-0000-7000-8000-000000000000"
    assert post_json(server, upload_id=nowhere).status == 404


def test_a_file_that_is_no_recording_fails_before_its_turn(server: Server) -> None:
    for method in ("pause", "resume"):  # Of the queue that transcriptions stand in.
        assert server.ask("POST", f"/api/v1/admin/queues/high/{method}").status == 200
        answer = post_form(server, b"these are words")
        assert answer.status == 202
        name, last = events(server, answer.json()["data"]["job_id"])[-1]
        assert (name, last["status"]) == ("end", "failed")
        assert last["error"]["code"] == "INVALID_ARGUMENT"
        # It is called what its owner calls it, and not after the file that katip keeps.
        assert last["error"]["message"].startswith("talk.wav: "), last
    assert post_form(server, b"").status == 400
