"""`katip worker` and `katip queue`: recordings through the queue, and workers that are killed."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import SPEECH, Katip, read_aloud

ROUND_MAX_S = 90


def wait_for(what, seconds: float = ROUND_MAX_S):
    """What `what` gives once it gives something true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


class Server:
    """`katip worker` in the background."""

    def __init__(self, katip: Katip, *flags: str, env: dict[str, str] | None = None) -> None:
        self.katip = katip
        self.process = katip.start("worker", "--grace", "5", "--lease", "3", *flags, env=env)

    def workers(self) -> list[dict]:
        done = self.katip("queue", "status", "--json")
        assert done.returncode == 0, done.stderr
        return [w for w in json.loads(done.stdout)["workers"] if w["state"] == "running"]

    def stop(self) -> str:
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=60)
        return errors.decode(errors="replace")


@pytest.fixture
def servers(katip: Katip) -> Iterator[list[Server]]:
    running: list[Server] = []
    yield running
    for server in running:
        if server.process.poll() is None:
            server.stop()


def result(katip: Katip, job: str) -> str | None:
    done = katip("queue", "result", job)
    return done.stdout if done.returncode == 0 else None


@pytest.fixture
def speech() -> Path:
    if not SPEECH.exists():
        pytest.skip("pocketsphinx-testdata is not installed")
    return SPEECH


def test_a_task_is_added_run_and_shown(katip: Katip, servers: list[Server]) -> None:
    added = katip("queue", "add", "cleanup.history", "--args", '{"days": 7}')
    assert added.returncode == 0, added.stderr
    task = added.stdout.strip()
    servers.append(Server(katip, "--kinds", "general"))

    def completed() -> dict | None:
        shown = json.loads(katip("queue", "show", task).stdout)
        return shown if shown["state"] == "completed" else None

    shown = wait_for(completed)
    assert shown["queue"] == "low"
    assert shown["result"] == {"deleted_tasks": 0, "deleted_workers": 0}

    (schedule,) = [each for each in json.loads(katip("queue", "schedules", "--json").stdout)
                   if each["name"] == "cleanup.history"]
    assert schedule["active"] and schedule["next_at"], schedule
    assert schedule["next_at"] in katip("queue", "schedules").stdout
    again = katip("queue", "run-schedule", "cleanup.history")
    assert again.returncode == 0, again.stderr
    assert json.loads(katip("queue", "show", again.stdout.strip()).stdout)["kind"] \
        == "cleanup.history"
    changed = katip("queue", "autoscale", "general", "--slots", "6,3")
    assert changed.returncode == 0, changed.stderr
    assert "general: 3 to 6 slots, set by cli:" in changed.stdout
    wait_for(lambda: "3 to 6 by load" in katip("queue", "autoscale").stdout, seconds=10)
    (kind,) = [each for each in json.loads(katip("queue", "autoscale", "--json").stdout)
               if each["kind"] == "general"]
    assert (kind["bounds"]["min"], kind["workers"][0]["max"]) == (3, 6)
    assert katip("queue", "autoscale", "general", "--configured").returncode == 0
    wait_for(lambda: "2 to 2 by load" in katip("queue", "autoscale").stdout, seconds=10)
    first = servers[0].workers()[0]["id"]
    assert katip("queue", "stop-worker", first).returncode == 0
    wait_for(lambda: first not in [worker["id"] for worker in servers[0].workers()])

    messages = servers[0].stop()
    lines = [json.loads(line) for line in messages.splitlines() if line.startswith("{")]
    assert any(line["message"] == "schedule" and line["name"] == "cleanup.history"
               for line in lines)
    assert any(line["message"] == "task completed" and line["task_id"] == task for line in lines)
    logged = (katip.home / ".local/share/katip/logs/app.log").read_text()
    assert task in logged


def test_what_was_asked_wrongly_is_explained(katip: Katip) -> None:
    for arguments, hint in [
        (["queue", "show", "x"], "is no id of a task"),
        (["queue", "add", "Drop Table"], "is no kind of task"),
        (["queue", "add", "a", "--args", "["], "no JSON object"),
        (["queue", "cancel", "0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a"], "may have ended"),
        (["queue", "result", "job_1"], "there is no job"),
        (["queue", "retry"], "--state"),
        (["queue", "run-schedule", "x"], "katip queue schedules"),
        (["queue", "stop-worker", "x"], "is no id of a worker"),
        (["queue", "stop-worker", "0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a"], "no worker of this id"),
        (["worker", "--autoscale", "2,6"], "autoscale"),
        (["queue", "autoscale", "general", "--slots", "2,6"], "1 <= min <= max"),
        (["queue", "autoscale", "general"], "--slots MAX,MIN"),
        (["queue", "autoscale", "--slots", "2,1"], "name a kind"),
        (["queue", "autoscale", "other", "--slots", "2,1"], "none of engine, general"),
    ]:
        done = katip(*arguments)
        assert done.returncode != 0, arguments
        assert hint in done.stderr, done.stderr


def test_a_paused_queue_waits_until_it_is_resumed(katip: Katip, servers: list[Server]) -> None:
    assert katip("queue", "pause", "low").returncode == 0
    katip("queue", "add", "cleanup.history")
    servers.append(Server(katip, "--kinds", "general"))
    wait_for(servers[0].workers)
    status = json.loads(katip("queue", "status", "--json").stdout)
    assert status["queues"]["low"] == {"mode": "paused", "tasks": {"available": 1}}
    katip("queue", "resume", "low")
    wait_for(lambda: json.loads(katip("queue", "status", "--json").stdout)
             ["ended_in_24_hours"].get("completed"))


def test_a_recording_goes_through_the_queue(
    katip: Katip, servers: list[Server], model: Path, speech: Path
) -> None:
    submitted = katip("queue", "transcribe", "--language", "en", speech)
    assert submitted.returncode == 0, submitted.stderr
    job = submitted.stdout.strip()
    assert "queued" in katip("queue", "result", job).stderr
    servers.append(Server(katip))
    text = wait_for(lambda: result(katip, job))
    assert "John Dashwood" in text
    assert text == katip("transcribe", "--language", "en", speech).stdout


def test_a_file_that_is_no_recording_fails_for_good(
    katip: Katip, servers: list[Server], model: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.mp4").write_text("no sound in here")
    job = katip("queue", "transcribe", tmp_path / "notes.mp4").stdout.strip()
    servers.append(Server(katip))
    wait_for(lambda: "failed" in katip("queue", "result", job).stderr)
    listed = katip("queue", "list", "--state", "discarded")
    assert "transcription.process" in listed.stdout


def test_a_killed_engine_worker_loses_nothing_and_goes_on_where_it_was(
    katip: Katip, servers: list[Server], model: Path, speech: Path, tmp_path: Path
) -> None:
    long_recording = read_aloud(tmp_path / "long.wav", 400)  # Long enough to be in its midst.
    expected = katip("transcribe", "--language", "en", long_recording).stdout
    job = katip("queue", "transcribe", "--language", "en", long_recording).stdout.strip()
    servers.append(Server(katip, "--kinds", "engine"))

    def under_way() -> bool:
        shown = katip("queue", "result", job).stderr
        return "processing" in shown and ", 0 % done" not in shown

    wait_for(under_way)
    victim = servers[0].workers()[0]["pid"]
    os.kill(victim, signal.SIGKILL)
    text = wait_for(lambda: result(katip, job))
    assert text.split() == expected.split()
    done = json.loads(katip("queue", "list", "--state", "completed", "--json").stdout)[0]
    assert done["result"]["resumed_window_count"] > 0
    assert done["errors"][0]["code"] == "INTERNAL"
    assert done["attempt"] == 1, "a death is no failed attempt"
    messages = servers[0].stop()
    ended = [json.loads(line) for line in messages.splitlines() if "signal 9" in line]
    assert ended[0]["tasks_requeued"] == 1


def test_everything_in_one_process(katip: Katip, servers: list[Server]) -> None:
    servers.append(Server(katip, "--pool", "solo", "--kinds", "general"))
    katip("queue", "add", "cleanup.history")
    wait_for(lambda: json.loads(katip("queue", "status", "--json").stdout)
             ["ended_in_24_hours"].get("completed"))
    assert servers[0].process.poll() is None
    servers[0].stop()
    assert servers[0].process.returncode == 0


def test_a_schema_that_is_too_old_is_refused_with_what_to_run(katip: Katip) -> None:
    done = katip("queue", "status", env={"AUTO_MIGRATE": "No"})
    assert done.returncode == 1
    assert "katip migrate upgrade" in done.stderr
    done = katip("queue", "status", env={"AUTO_MIGRATE": "maybe"})
    assert done.returncode == 2
    assert "AUTO_MIGRATE" in done.stderr and "true, yes, on or 1" in done.stderr
