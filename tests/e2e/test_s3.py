"""Recordings in a bucket of S3, against a real server."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from conftest import SPEECH, Katip, program
from s3 import BUCKET, PROGRAM, S3Server, s3_server
from server import Server, serving
from test_web import play
from test_worker import wait_for

pytestmark = pytest.mark.skipif(
    not PROGRAM.exists(), reason="no S3 server here; tools/setup_s3_server builds one")


def submit(server: Server, recording: bytes) -> str:
    body = (b'--x\r\nContent-Disposition: form-data; name="file"; filename="talk.wav"\r\n'
            b"Content-Type: audio/wav\r\n\r\n" + recording + b"\r\n--x--\r\n")
    answer = server.ask("POST", "/api/v1/jobs", body, Content_Type="multipart/form-data; boundary=x")
    assert answer.status in (201, 202), answer.body
    return answer.json()["data"]["job_id"]


def copies(server: Server) -> list[Path]:
    return list((server.data / "media").iterdir())


def wait_until_done(server: Server, job: str) -> dict:
    def done() -> bool:
        shown = server.ask("GET", f"/api/v1/jobs/{job}").json()["data"]
        return shown["status"] in ("completed", "failed")
    wait_for(done, 120)
    return server.ask("GET", f"/api/v1/jobs/{job}").json()["data"]


def sweep_orphans(server: Server, s3: S3Server) -> None:
    """What no job refers to goes when it is old, and only then."""
    folder = s3.folder / BUCKET / "katip/media"
    folder.mkdir(parents=True, exist_ok=True)
    for name, age_s in (("old.wav", 200_000), ("young.wav", 60)):
        (folder / name).write_bytes(b"sound")
        os.utime(folder / name, (time.time() - age_s,) * 2)
    for args in ({"dry_run": True}, {}):
        order = json.dumps({"name": "cleanup.orphans", "args": args}).encode()
        task = server.ask("POST", "/api/v1/tasks", order, Content_Type="application/json")
        ended = server.ask("GET", f"/api/v1/tasks/{task.json()['data']['task_id']}?wait=30").json()
        assert ended["data"]["result"]["names"] == ["media/old.wav"], ended
        assert (folder / "old.wav").exists() == bool(args)
    (folder / "young.wav").unlink()


def run_task(server: Server, name: str, args: dict) -> dict:
    order = json.dumps({"name": name, "args": args}).encode()
    task = server.ask("POST", "/api/v1/tasks", order, Content_Type="application/json").json()
    path = f"/api/v1/tasks/{task['data']['task_id']}?wait=60"
    return server.ask("GET", path).json()["data"]


def test_a_bucket_of_another_katip_is_not_emptied(katip: Katip) -> None:
    """More objects than one answer of the server lists, and one of them is ours."""
    strangers = [f"media/{number:04}.wav" for number in range(1_050)]
    with s3_server() as s3, serving(katip, "--kinds", "general", **s3.environment()) as server:
        submit(server, SPEECH.read_bytes())
        root = s3.folder / BUCKET / "katip"
        [ours] = [key for key in s3.keys() if "media/" in key]
        for stranger in [*strangers, "profiles/old.json"]:
            (root / stranger).parent.mkdir(exist_ok=True)
            (root / stranger).write_bytes(b"sound")
        for path in root.rglob("*"):
            if path.is_file():
                os.utime(path, (time.time() - 200_000,) * 2)
        refused = run_task(server, "cleanup.orphans", {})
        assert refused["state"] == "discarded", refused
        assert "1050 of 1051 recordings" in json.dumps(refused)
        assert len(s3.keys()) == 1_052
        seen = run_task(server, "cleanup.orphans", {"dry_run": True})["result"]
        assert (seen["deleted_files"], seen["freed_bytes"]) == (1_050, 5_250)
        assert seen["names"] == strangers[:20] and len(s3.keys()) == 1_052
        swept = run_task(server, "cleanup.orphans", {"all": True})["result"]
        assert swept["deleted_files"] == 1_050
        assert s3.keys() == [ours, "katip/profiles/old.json"]
        # A bucket that is away is tried again later, and nothing is taken for an orphan.
        s3.stop()
        assert run_task(server, "cleanup.orphans", {})["state"] != "completed"
        assert len(copies(server)) == 1


def test_recordings_live_in_the_bucket(katip: Katip, model: Path) -> None:
    recording = SPEECH.read_bytes()
    with s3_server() as s3:
        env = {**s3.environment(), "KATIP_MODEL": str(model)}
        with serving(katip, "--workers", "off", **env) as server:
            job = submit(server, recording)
            assert [key for key in s3.keys() if "media/" in key], s3.keys()
            # Another machine has no copy: the worker fetches it.
            shutil.rmtree(server.data / "media")
        with serving(katip, **env) as server:
            assert wait_until_done(server, job)["status"] == "completed"
            assert len(copies(server)) == 1
            shutil.rmtree(server.data / "media")
            audio = server.ask("GET", f"/api/v1/jobs/{job}/audio", Range="bytes=8-11")
            assert (audio.status, audio.body) == (206, b"WAVE")
            s3.stop()
            shutil.rmtree(server.data / "media")
            away = server.ask("GET", f"/api/v1/jobs/{job}/audio")
            assert away.status == 503
            assert "127.0.0.1" not in away.body.decode() and "STORAGE" not in away.body.decode()
            s3.start()
            assert server.ask("DELETE", f"/api/v1/jobs/{job}").status == 204
            sweep_orphans(server, s3)
            assert [key for key in s3.keys() if "media/" in key] == []
            assert copies(server) == [] or not (server.data / "media").exists()


def test_a_browser_may_be_sent_to_the_bucket(katip: Katip, model: Path) -> None:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    recording = SPEECH.read_bytes()
    with s3_server() as s3:
        env = {**s3.environment(), "STORAGE_DOWNLOADS": "redirect", "KATIP_MODEL": str(model)}
        with serving(katip, **env) as server:
            job = submit(server, recording)
            with pytest.raises(urllib.error.HTTPError) as redirect:
                urllib.request.build_opener(Stay).open(f"{server.url}/api/v1/jobs/{job}/audio")
            assert redirect.value.code == 307
            address = redirect.value.headers["Location"]
            assert address.startswith(f"http://127.0.0.1:{s3.port}/katip-test/katip/media/")
            with urllib.request.urlopen(address) as answer:
                assert answer.read() == recording
                assert answer.headers["Content-Type"] == "audio/wav"
            forged = address.replace("media/", "media/0")
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(forged)
            assert refused.value.code in (403, 404)
            assert wait_until_done(server, job)["status"] == "completed"
            play("bucket", server, job=job, bucket=f"http://127.0.0.1:{s3.port}")


def command(katip: Katip, env: dict[str, str], *words: str) -> str:
    done = katip(*words, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_machine_that_burnt_down_comes_back_from_the_bucket(tmp_path: Path) -> None:
    lost, fresh = (Katip(program(), tmp_path / name) for name in ("lost", "fresh"))
    lost.home.mkdir()
    fresh.home.mkdir()
    key = tmp_path / "backup.key"
    key.write_text("5a" * 32)
    with s3_server() as s3:
        env = s3.environment()
        del env["STORAGE_URL"]  # Recordings are on the machine.
        env.update(KATIP_BACKUP_REMOTE_URL="s3://katip-test/safe", KATIP_BACKUP_MEDIA="on",
                   KATIP_BACKUP_KEY_FILE=str(key))
        with serving(lost, "--workers", "off") as server:
            job = submit(server, SPEECH.read_bytes())
        made = json.loads(command(lost, env, "backup", "create", "--json"))
        sent = [each for each in s3.keys() if each.startswith("safe/")]
        assert len([each for each in sent if each.startswith("safe/media/")]) == 1
        for each in sent:
            assert b"RIFF" not in (s3.folder / "katip-test" / each).read_bytes()
        # One that is away keeps nobody from a backup.
        s3.stop()
        done = lost("backup", "create", env=env)
        assert done.returncode == 0 and "not in the second place" in done.stderr
        s3.start()
        later = json.loads(command(lost, env, "backup", "create", "--json"))
        shutil.rmtree(lost.home)
        # Another machine, with katip, the key and the address of the bucket.
        names = json.loads(command(fresh, env, "backup", "list", "--remote", "--json"))
        assert {made["name"], later["name"]} <= set(names) and len(names) == 3
        refused = fresh("backup", "fetch", "katip_daily_20200101_000000", env=env)
        assert refused.returncode == 1 and "list --remote" in refused.stderr
        command(fresh, env, "backup", "fetch", made["name"])
        restored = json.loads(command(fresh, env, "backup", "restore", made["name"], "--json"))
        assert restored["media"]["restored_count"] == 1
    with serving(fresh, "--workers", "off") as server:
        assert server.ask("GET", f"/api/v1/jobs/{job}/audio").body == SPEECH.read_bytes()


def test_backups_are_sent_later_and_with_the_key_that_they_need(tmp_path: Path) -> None:
    here, fresh = (Katip(program(), tmp_path / name) for name in ("here", "fresh"))
    here.home.mkdir()
    fresh.home.mkdir()
    keys = [tmp_path / "first.key", tmp_path / "second.key"]
    for key, digits in zip(keys, ("5a", "a5"), strict=True):
        key.write_text(digits * 32)
    with s3_server() as s3:
        alone = {"KATIP_BACKUP_MEDIA": "on", "KATIP_BACKUP_KEY_FILE": str(keys[0])}
        env = {**s3.environment(), "KATIP_BACKUP_REMOTE_URL": "s3://katip-test/safe",
               "KATIP_BACKUP_KEY_FILE": str(keys[1])}
        del env["STORAGE_URL"]
        old_key = {**env, "KATIP_BACKUP_KEY_FILE": str(keys[0])}
        with serving(here, "--workers", "off") as server:
            job = submit(server, SPEECH.read_bytes())
        assert here("backup", "send", env=alone).returncode == 2  # It has no second place.
        sealed = json.loads(command(here, alone, "backup", "create", "--json"))["name"]
        bare = json.loads(command(
            here, {**alone, "KATIP_BACKUP_MEDIA": "off"}, "backup", "create", "--json"))["name"]

        def there() -> set[str]:
            return set(json.loads(command(here, env, "backup", "list", "--remote", "--json")))

        # One that needs another key is named, and keeps the other from nothing.
        sent = here("backup", "send", env=env)
        assert sent.returncode == 0, sent.stderr
        assert f"{sealed} is not in the second place" in sent.stderr and "1 sent to" in sent.stderr
        assert there() == {bare}
        # What a killed one left is sent again, as its manifest is missing.
        [manifest] = [key for key in s3.keys() if key.endswith(f"{bare}.manifest.json")]
        (s3.folder / BUCKET / manifest).unlink()
        assert there() == set()
        assert "1 sent to" in here("backup", "send", env=env).stderr
        assert "1 sent to" in here("backup", "send", env=old_key).stderr
        assert there() == {sealed, bare}
        assert "0 sent to" in here("backup", "send", env=old_key).stderr
        with closing(sqlite3.connect(here.home / ".local/share/katip/katip.db")) as database:
            rows = database.execute("select target_id from audit_log where action = 'backup.send' "
                                    "order by created_at").fetchall()
        assert rows == [(bare,), (bare,), (sealed,)]

        # Without its recordings first, so that the database is there soon; then with them.
        command(fresh, old_key, "backup", "fetch", sealed, "--no-media")
        vault = fresh.home / ".local/share/katip/backups/media"
        assert not vault.exists()
        command(fresh, old_key, "backup", "fetch", sealed)
        [fetched] = [path for path in vault.rglob("*") if path.is_file()]
        wrong = fresh("backup", "restore", sealed, env=env)
        assert wrong.returncode == 1 and "KATIP_BACKUP_KEY_FILE" in wrong.stderr
        # A bucket that gives other bytes: found before anything is restored, and mended.
        whole = fetched.read_bytes()
        fetched.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        assert fresh("backup", "verify", sealed, env=old_key).returncode == 1
        fetched.unlink()
        command(fresh, old_key, "backup", "fetch", sealed)
        assert fetched.read_bytes() == whole
        restored = json.loads(command(fresh, old_key, "backup", "restore", sealed, "--json"))
        assert restored["media"]["restored_count"] == 1
    with serving(fresh, "--workers", "off") as server:
        assert server.ask("GET", f"/api/v1/jobs/{job}/audio").body == SPEECH.read_bytes()


def test_what_retention_lets_go_goes_there_too(tmp_path: Path) -> None:
    katip = Katip(program(), tmp_path)
    with s3_server() as s3:
        env = {**s3.environment(), "KATIP_BACKUP_REMOTE_URL": "s3://katip-test/safe",
               "KATIP_BACKUP_MEDIA": "on", "KATIP_BACKUP_KEEP_MANUAL": "1"}
        del env["STORAGE_URL"]
        with serving(katip, "--kinds", "general", **env) as server:
            lost = submit(server, SPEECH.read_bytes())

            def backed_up() -> str:
                made = run_task(server, "backup.create", {"kind": "manual"})
                assert made["state"] == "completed", made
                return made["result"]["name"]

            def there(part: str) -> list[str]:
                return [key for key in s3.keys() if key.startswith("safe/") and part in key]

            first = backed_up()
            wait_for(lambda: there(f"{first}.manifest.json"), 30)
            assert len(there("/media/")) == 1
            assert server.ask("DELETE", f"/api/v1/jobs/{lost}").status == 204
            second = backed_up()
            wait_for(lambda: there(f"{second}.manifest.json") and not there(first), 30)
            wait_for(lambda: not there("/media/"), 30)


def test_settings_that_cannot_be_right_are_said_before_it_serves(katip: Katip) -> None:
    done = katip("serve", "--port", "0", env={"STORAGE_URL": "s3://katip-test"})
    assert done.returncode == 2
    assert "STORAGE_ACCESS_KEY" in done.stderr
    done = katip("config", "show", "--json", env={"STORAGE_SECRET_KEY": "geheimgeheim"})
    assert "geheim" not in done.stdout + json.dumps(done.stderr)
