"""`katip watch`: recordings that come into a folder."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

from conftest import SPEECH, Katip
from server import serving
from test_jobs_api import days_kept, post_form
from test_worker import wait_for


def test_what_comes_into_a_folder_is_transcribed_once(katip: Katip, model: Path) -> None:
    inbox, out, done = (katip.home / name for name in ("in", "out", "archive"))
    (inbox / "below").mkdir(parents=True)
    (inbox / "notes.txt").write_text("no recording")
    recording = SPEECH.read_bytes()
    (inbox / "first.wav").write_bytes(recording)
    with serving(katip, KATIP_MODEL=str(model), KATIP_JOBS_KEEP_DAYS="3") as server:
        watch = katip.start("watch", inbox, "-o", out, "--move-done", done, "--format", "txt,srt",
                            "--language", "en", "--keep-days", "2")
        # One that grows while it is watched is taken when it is whole.
        with (inbox / "below" / "second.wav").open("wb") as slow:
            for begin in range(0, len(recording), len(recording) // 4 + 1):
                slow.write(recording[begin:begin + len(recording) // 4 + 1])
                slow.flush()
                time.sleep(0.3)
        wait_for(lambda: (out / "below/second.wav.srt").exists()
                 and (out / "first.wav.srt").exists(), 120)
        wait_for(lambda: (done / "below/second.wav").exists() and (done / "first.wav").exists(), 30)
        assert (done / "below/second.wav").read_bytes() == recording
        text = (out / "first.wav.txt").read_text()
        assert len(text) > 20
        assert (out / "below/second.wav.txt").read_text() == text
        watch.send_signal(signal.SIGTERM)
        watch.wait(timeout=30)
        state = json.loads((out / ".katip-watch.json").read_text())["files"]
        assert sorted(state) == ["below/second.wav", "first.wav"]
        assert all(file["has_ended"] for file in state.values())

        # Its jobs stay as long as it says; those that say nothing, as the server says.
        assert post_form(server, recording).status == 202
        jobs = server.ask("GET", "/api/v1/jobs?order=oldest").json()["data"]["items"]
        assert [round(days_kept(job), 3) for job in jobs] == [2, 2, 3]
        lines = server.ask("GET", "/api/v1/admin/audit?action=job.create").json()["data"]["items"]
        told = {line["target_id"]: (line["actor_kind"], line["details"]) for line in lines}
        assert [told[job["job_id"]] for job in jobs[:2]] == [("command", {"from": "folder"})] * 2
        assert len(lines) == 3

        # The same file again is not done again, whoever watches.
        (out / "first.wav.txt").unlink()
        (done / "first.wav").rename(inbox / "first.wav")
        again = katip("watch", inbox, "-o", out, "--once", "--language", "en")
        assert again.returncode == 0, again.stderr
        assert not (out / "first.wav.txt").exists()


def test_what_cannot_be_watched_is_said(katip: Katip) -> None:
    done = katip("watch", "nowhere")
    assert done.returncode == 2
    assert "nowhere is no folder" in done.stderr
    (katip.home / "in").mkdir()
    (katip.home / "in/.katip-watch.json").write_text("{")
    done = katip("watch", katip.home / "in", "--once")
    assert done.returncode == 1
    assert "delete it" in done.stderr
