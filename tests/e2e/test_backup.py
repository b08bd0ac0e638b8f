"""Backups: by HTTP and its tasks, and on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Katip, program
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
        assert backup["row_counts"]["backups"] == 1
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
