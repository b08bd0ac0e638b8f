"""Backups: by HTTP and its tasks, and on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import SPEECH, Katip, program
from server import Server, serving

UNKNOWN = "0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a"


def ask(server: Server, method: str, path: str, status: int = 200) -> dict:
    answer = server.ask(method, "/api/v1" + path)
    assert answer.status == status, answer.body
    return answer.json().get("data", {})


def test_backups_are_made_verified_and_shown_by_http(tmp_path: Path) -> None:
    with serving(Katip(program(), tmp_path), "--kinds", "general") as server:
        stats = ask(server, "GET", "/admin/backups/stats")
        assert stats["is_overdue"] and stats["count"] == 0
        assert stats["retention"]["daily"] == 30
        task = ask(server, "POST", "/admin/backups", 202)["task_id"]
        done = ask(server, "GET", f"/tasks/{task}?wait=60")
        assert done["status"] == "ready", done
        assert done["result"]["name"].startswith("katip_manual_")
        [backup] = ask(server, "GET", "/admin/backups")["backups"]
        assert backup["status"] == "verified" and not backup["encrypted"]
        assert backup["row_counts"]["backups"] == 1 and backup["media"] is None
        assert ask(server, "GET", f"/admin/backups/{backup['id']}") == backup
        task = ask(server, "POST", f"/admin/backups/{backup['id']}/verify", 202)["task_id"]
        assert ask(server, "GET", f"/tasks/{task}?wait=60")["status"] == "ready"
        assert ask(server, "GET", "/admin/backups?kind=daily")["backups"] == []
        ask(server, "GET", "/admin/backups?kind=hourly", 422)
        ask(server, "POST", f"/admin/backups/{UNKNOWN}/verify", 404)
        stats = ask(server, "GET", "/admin/backups/stats")
        assert not stats["is_overdue"]
        assert stats["next_at"].endswith("T00:00:00.000Z"), "03:00 in Istanbul"
        actions = {event["action"] for event in ask(server, "GET", "/admin/audit")["items"]}
        assert {"backup.create", "backup.verify"} <= actions
        assert b"backup_last_success_timestamp" in server.ask("GET", "/metrics").body
        maintenance_is_tried_dry(server)


def maintenance_is_tried_dry(server: Server) -> None:
    scheduled = {each["name"] for each in ask(server, "GET", "/admin/schedules")["schedules"]}
    assert {"backup.create", "backup.drill"} <= scheduled
    for name in ("expired", "history", "orphans", "temp_files", "logs", "audit", "database"):
        assert f"cleanup.{name}" in scheduled
        order = json.dumps({"name": f"cleanup.{name}", "args": {"dry_run": True}}).encode()
        answer = server.ask("POST", "/api/v1/tasks", order, Content_Type="application/json")
        done = ask(server, "GET", f"/tasks/{answer.json()['data']['task_id']}?wait=30")
        assert done["status"] == "ready" and done["result"]["dry_run"], done


def backup(katip: Katip, *words: str, **env: str) -> dict | list:
    done = katip("backup", *words, "--json", env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def users(katip: Katip) -> list[str]:
    done = katip("user", "list", "--json")
    return [user["login"] for user in json.loads(done.stdout)]


def add_user(katip: Katip, login: str) -> None:
    done = katip("user", "create", login, "--role", "admin", "--password-stdin",
                 stdin=b"correct horse battery staple\n")
    assert done.returncode == 0, done.stderr


def test_the_command_line_backs_up_verifies_and_restores(katip: Katip, tmp_path: Path) -> None:
    key = tmp_path / "backup.key"
    key.write_text("5a" * 32 + "\n")
    env = {"KATIP_BACKUP_KEY_FILE": str(key)}
    add_user(katip, "ada")
    made = backup(katip, "create", **env)
    assert made["state"] == "verified" and len(made["key_id"]) == 16
    assert backup(katip, "list")[0]["name"] == made["name"], "without the key too"
    add_user(katip, "eve")
    assert backup(katip, "verify", made["name"], **env)["row_count"] == made["row_count"]
    refused = katip("backup", "restore", made["name"])
    assert refused.returncode == 1 and made["key_id"] in refused.stderr
    assert backup(katip, "restore", made["name"], "--dry-run", **env)["dry_run"]
    assert users(katip) == ["ada", "eve"]
    restored = backup(katip, "restore", made["id"], **env)
    assert users(katip) == ["ada"]
    names = {each["name"] for each in backup(katip, "list")}
    assert names == {made["name"], restored["safety_backup"]}
    # A byte that flipped is found before anything is touched.
    database = next(Path(made["folder"]).glob(made["name"] + ".sqlite*"))
    bytes_ = bytearray(database.read_bytes())
    bytes_[len(bytes_) // 2] ^= 1
    database.write_bytes(bytes_)
    refused = katip("backup", "restore", made["name"], env=env)
    assert refused.returncode == 1 and "seal does not fit" in refused.stderr
    assert users(katip) == ["ada"]
    assert backup(katip, "stats", **env)["count"] == 2
    plan = backup(katip, "prune", "--dry-run", **env)
    assert all(each["keep"] and each["reasons"] for each in plan)


def test_recordings_come_along_and_come_back(tmp_path: Path) -> None:
    recording = SPEECH.read_bytes()
    katip = Katip(program(), tmp_path)
    with serving(katip, "--workers", "off") as server:
        body = (b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n'
                b"Content-Type: audio/wav\r\n\r\n" + recording + b"\r\n--x--\r\n")
        answer = server.ask("POST", "/api/v1/jobs", body,
                            Content_Type="multipart/form-data; boundary=x")
        assert answer.status in (201, 202), answer.body
        [live] = (server.data / "media").iterdir()
        assert backup(katip, "create", "--no-media")["media"] is None
        made = backup(katip, "create", KATIP_BACKUP_MEDIA="on")
        shown = {each["name"]: each["media"]
                 for each in ask(server, "GET", "/admin/backups")["backups"]}
        assert shown.pop(made["name"]) == {"count": 1, "size": len(recording)}
        assert set(shown.values()) == {None}
    assert made["media"] == {"count": 1, "size": len(recording), "missing_count": 0, "problem": ""}
    again = backup(katip, "create", "--media")
    kept = Path(made["folder"]).parents[1] / "media/plain" / live.name
    assert kept.read_bytes() == recording
    live.unlink()
    restored = backup(katip, "restore", made["name"], "--no-media")
    assert restored["media"] is None and not live.exists()
    restored = backup(katip, "restore", again["name"])
    assert restored["media"]["restored_count"] == 1
    assert live.read_bytes() == recording
    live.unlink()  # It is one file with that of the backups.
    live.write_bytes(b"another one")
    done = katip("backup", "restore", made["name"], "--only-media")
    assert done.returncode == 0 and "left alone" in done.stderr
    assert live.read_bytes() == b"another one"
    kept.write_bytes(recording[:-1] + b"x")
    refused = katip("backup", "verify", made["name"])
    assert refused.returncode == 1 and "1 of its 1 recordings" in refused.stderr


def test_nothing_is_restored_under_a_server(tmp_path: Path) -> None:
    katip = Katip(program(), tmp_path)
    made = backup(katip, "create")
    with serving(katip, "--kinds", "general"):
        refused = katip("backup", "restore", made["name"])
        assert refused.returncode == 1 and "katip serve" in refused.stderr
        assert backup(katip, "verify", made["name"])["row_count"] > 0
    assert backup(katip, "restore", made["name"])["name"] == made["name"]
