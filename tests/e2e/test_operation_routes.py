"""Tasks by name, and the administration of queues, tasks, workers and schedules, by HTTP."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest
import yaml
from conftest import REPOSITORY, Katip, program
from server import Answer, Server, serving
from test_worker import wait_for

UNKNOWN = "0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("operations")
    with serving(Katip(program(), home), "--kinds", "general") as running:
        yield running


def ask(server: Server, method: str, path: str, body: object = None) -> Answer:
    if body is None:
        return server.ask(method, "/api/v1" + path)
    return server.ask(method, "/api/v1" + path, json.dumps(body).encode(),
                      Content_Type="application/json")


def trigger(server: Server, **order: object) -> str:
    answer = ask(server, "POST", "/tasks", {"name": "cleanup.history", **order})
    assert answer.status == 202, answer.body
    return answer.json()["data"]["task_id"]


def test_a_task_is_triggered_by_name_and_its_result_waited_for(server: Server) -> None:
    task = trigger(server, args={"days": 5})
    shown = ask(server, "GET", f"/tasks/{task}?wait=30").json()["data"]
    assert shown["status"] == "ready"
    assert shown["result"] == {"deleted_tasks": 0, "deleted_workers": 0}
    assert shown["args"] == {"days": 5}
    failed = trigger(server, args={"days": "x"})
    shown = ask(server, "GET", f"/tasks/{failed}?wait=30").json()["data"]
    assert shown["status"] == "failed"
    assert shown["errors"][-1]["code"] == "INVALID_ARGUMENT"


def test_waiting_ends_with_its_time(server: Server) -> None:
    task = trigger(server, run_at="2999-01-01T00:00:00Z")
    begin = time.monotonic()
    shown = ask(server, "GET", f"/tasks/{task}?wait=1").json()["data"]
    assert shown["status"] == "processing"
    assert shown["state"] == "scheduled"
    assert 0.9 < time.monotonic() - begin < 10
    assert ask(server, "POST", f"/admin/tasks/{task}/cancel").json()["data"]["status"] == "failed"


def test_a_hundred_wait_at_once(server: Server) -> None:
    ask(server, "POST", "/admin/queues/low/pause")
    tasks = [trigger(server) for _ in range(100)]
    answers: list[str] = []

    def wait(task: str) -> None:
        answers.append(ask(server, "GET", f"/tasks/{task}?wait=50").json()["data"]["status"])

    threads = [threading.Thread(target=wait, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    assert ask(server, "GET", "/admin/queues").status == 200  # Nobody who waits holds it up.
    assert ask(server, "POST", "/admin/queues/low/resume").status == 200
    for thread in threads:
        thread.join(timeout=60)
    assert answers == ["ready"] * 100


def test_a_queue_is_paused_drained_and_resumed(server: Server) -> None:
    paused = ask(server, "POST", "/admin/queues/low/pause").json()["data"]
    assert paused["mode"] == "paused"
    task = trigger(server)
    assert ask(server, "GET", f"/tasks/{task}?wait=1").json()["data"]["state"] == "available"
    assert ask(server, "POST", "/admin/queues/low/drain").json()["data"]["mode"] == "draining"
    refused = ask(server, "POST", "/tasks", {"name": "cleanup.history"})
    assert refused.status == 503
    assert "drained" in refused.json()["error"]["message"]
    assert ask(server, "GET", f"/tasks/{task}?wait=30").json()["data"]["status"] == "ready"
    ask(server, "POST", "/admin/queues/low/resume")
    queues = ask(server, "GET", "/admin/queues").json()["data"]["queues"]
    assert [queue["name"] for queue in queues] == ["critical", "high", "default", "low"]
    assert {queue["mode"] for queue in queues} == {"open"}
    assert ask(server, "POST", "/admin/queues/none/pause").status == 404


def test_tasks_are_listed_retried_and_cancelled(server: Server) -> None:
    task = trigger(server, args={"days": 0}, unique_key="once")
    assert ask(server, "GET", f"/tasks/{task}?wait=30").json()["data"]["state"] == "discarded"
    listed = ask(server, "GET", "/admin/tasks?state=discarded&name=cleanup.history&limit=5")
    assert task in [each["id"] for each in listed.json()["data"]["tasks"]]
    assert ask(server, "POST", f"/admin/tasks/{task}/cancel").status == 409
    again = ask(server, "POST", f"/admin/tasks/{task}/retry")
    assert again.status == 200, again.body
    assert ask(server, "GET", f"/tasks/{task}?wait=30").json()["data"]["state"] == "discarded"
    for path in (f"/tasks/{UNKNOWN}", f"/tasks/{UNKNOWN}?wait=5"):
        assert ask(server, "GET", path).status == 404
    for verb in ("cancel", "retry"):
        assert ask(server, "POST", f"/admin/tasks/{UNKNOWN}/{verb}").status == 404


def test_lists_are_filtered_and_many_are_changed_at_once(server: Server) -> None:
    ask(server, "POST", "/admin/queues/low/pause")
    tasks = {trigger(server, args={"path": f"=many {i}", "password": "hush"}) for i in range(3)}
    listed = ask(server, "GET", "/admin/tasks?state=available&q=MANY&limit=2").json()["data"]
    assert len(listed["tasks"]) == 2 and listed["has_more"]
    assert listed["tasks"][0]["args"]["password"] == "[hidden]"
    rest = ask(server, "GET", "/admin/tasks?state=available&q=many&cursor="
               + listed["next_cursor"]).json()["data"]
    assert {each["id"] for each in listed["tasks"] + rest["tasks"]} == tasks
    file = server.ask("GET", "/api/v1/admin/tasks/export?state=live&q=many&format=csv")
    assert file.body.decode().count("\n") == 4 and "hush" not in file.body.decode()
    as_json = server.ask("GET", "/api/v1/admin/tasks/export?state=live&q=many&format=json")
    assert len(json.loads(as_json.body)) == 3
    done = ask(server, "POST", "/admin/tasks/cancel",
               {"filter": {"state": "available", "q": "many"}}).json()["data"]
    assert done == {"changed": 3, "refused": 0, "next_cursor": None}
    again = ask(server, "POST", "/admin/tasks/retry", {"ids": sorted(tasks)}).json()["data"]
    assert again["changed"] == 3
    ask(server, "POST", "/admin/tasks/cancel", {"ids": sorted(tasks)})
    ask(server, "POST", "/admin/queues/low/resume")
    for body, status in (({}, 422), ({"ids": ["x"]}, 422), ({"filter": {}}, 422),
                         ({"filter": {"state": "completed"}}, 400)):
        assert ask(server, "POST", "/admin/tasks/retry", body).status == status, body
    overview = ask(server, "GET", "/admin/overview?minutes=60").json()["data"]
    assert len(overview["queues"]) == 4
    assert overview["figures"]["ended"]["cancelled"] >= 3


def test_a_worker_is_stopped_and_replaced(server: Server) -> None:
    def running() -> list[dict]:
        workers = ask(server, "GET", "/admin/workers").json()["data"]["workers"]
        return [worker for worker in workers if worker["state"] == "running"]

    first = wait_for(running)[0]
    assert first["kind"] == "general"
    assert ask(server, "POST", f"/admin/workers/{first['id']}/stop").status == 202
    wait_for(lambda: [worker for worker in running() if worker["id"] != first["id"]])
    assert ask(server, "POST", f"/admin/workers/{UNKNOWN}/stop").status == 404


def autoscale(server: Server, kind: str = "general") -> dict:
    kinds = ask(server, "GET", "/admin/autoscale").json()["data"]["kinds"]
    assert [each["kind"] for each in kinds] == ["engine", "general"]
    return next(each for each in kinds if each["kind"] == kind)


def bounds_in_force(server: Server) -> set[tuple[int, int]]:
    workers = [each for each in autoscale(server)["workers"] if each["state"] == "running"]
    return {(each["min"], each["max"]) for each in workers}


def test_slots_of_running_workers_are_changed(server: Server) -> None:
    path = "/admin/autoscale/general"
    assert autoscale(server)["bounds"] is None
    wait_for(lambda: bounds_in_force(server) == {(2, 2)})  # What development is configured with.
    made = ask(server, "PUT", path, {"min": 5, "max": 9})
    assert made.status == 200, made.body
    bounds = made.json()["data"]["bounds"]
    assert (bounds["min"], bounds["max"]) == (5, 9) and bounds["changed_at"]
    wait_for(lambda: bounds_in_force(server) == {(5, 9)}, seconds=10)
    (worker,) = [each for each in autoscale(server)["workers"] if each["state"] == "running"]
    assert worker["slots"] == 5 + worker["critical_slots"]
    # Another process has them too.
    assert ask(server, "POST", f"/admin/workers/{worker['id']}/stop").status == 202
    wait_for(lambda: [each for each in autoscale(server)["workers"]
                      if each["state"] == "running" and each["id"] != worker["id"]])
    assert bounds_in_force(server) == {(5, 9)}
    for wrong in ({}, {"min": 1}, {"min": 0, "max": 2}, {"min": 1, "max": 1001},
                  {"min": 3, "max": 2}, {"min": "1", "max": 2}, {"min": 1, "max": 2, "step": 1}):
        answer = ask(server, "PUT", path, wrong)
        assert answer.status == 422, (wrong, answer.body)
    assert ask(server, "PUT", "/admin/autoscale/other", {"min": 1, "max": 2}).status == 404
    assert ask(server, "DELETE", "/admin/autoscale/other").status == 404
    assert autoscale(server)["bounds"]["max"] == 9
    assert ask(server, "DELETE", path).status == 204
    assert autoscale(server)["bounds"] is None
    wait_for(lambda: bounds_in_force(server) == {(2, 2)}, seconds=10)


def test_schedules_are_shown_and_run(server: Server) -> None:
    schedules = ask(server, "GET", "/admin/schedules").json()["data"]["schedules"]
    names = {schedule["name"]: schedule for schedule in schedules}
    assert names["cleanup.history"]["time_zone"] == "Europe/Istanbul"
    assert names["webhooks.sweep"]["next_at"] is not None
    task = ask(server, "POST", "/admin/schedules/webhooks.sweep/run").json()["data"]["task_id"]
    shown = ask(server, "GET", f"/tasks/{task}?wait=30").json()["data"]
    assert shown["result"] == {"sent_again": 0, "forgotten": 0}
    assert ask(server, "POST", "/admin/schedules/none/run").status == 404


def test_schedules_are_added_changed_and_switched_off(server: Server) -> None:
    path = "/admin/schedules/nightly%20count"
    order = {"task": "cleanup.history", "cron": "0 4 * * *", "time_zone": "Europe/Istanbul",
             "args": {"dry_run": True}, "missed": "skip"}
    made = ask(server, "PUT", path, order).json()["data"]
    assert (made["name"], made["origin"], made["active"]) == ("nightly count", "added", True)
    assert made["args"] == {"dry_run": True} and made["next_at"]
    changed = ask(server, "PUT", path, {"task": "cleanup.history", "cron": "* * * * *"})
    assert changed.json()["data"]["time_zone"] == "UTC"
    task = ask(server, "POST", f"{path}/run").json()["data"]["task_id"]
    assert ask(server, "GET", f"/tasks/{task}?wait=60").json()["data"]["status"] == "ready"
    paused = ask(server, "POST", f"{path}/pause").json()["data"]
    assert paused["paused"] and not paused["active"] and paused["next_at"] is None
    assert ask(server, "POST", f"{path}/resume").json()["data"]["active"]

    for wrong in ({"cron": "* * * *"}, {"cron": "@daily", "time_zone": "Mars"},
                  {"cron": "@daily", "task": "No Task"}):
        assert ask(server, "PUT", path, {"task": "cleanup.history", **wrong}).status == 400, wrong
    assert ask(server, "PUT", path, {"task": "cleanup.history"}).status == 422
    configured = "/admin/schedules/cleanup.history"
    assert ask(server, "PUT", configured, order).status == 409
    assert ask(server, "DELETE", configured).status == 409
    assert ask(server, "POST", f"{configured}/pause").json()["data"]["paused"]
    assert ask(server, "POST", f"{configured}/resume").json()["data"]["active"]
    assert ask(server, "DELETE", path).status == 204
    assert ask(server, "DELETE", path).status == 404
    assert ask(server, "POST", f"{path}/pause").status == 404


@pytest.mark.parametrize(("body", "status"), [
    ({}, 422), ({"name": ""}, 422), ({"name": "x", "priority": 11}, 422),
    ({"name": "x", "queue": "fast"}, 422), ({"name": "x", "args": []}, 422),
    ({"name": "x", "owner": "me"}, 422), ({"name": "x", "run_at": "tomorrow"}, 422),
    ({"name": "Drop Table"}, 400),
])
def test_bad_orders_are_refused(server: Server, body: dict, status: int) -> None:
    answer = ask(server, "POST", "/tasks", body)
    assert answer.status == status, answer.body


def test_bad_questions_are_refused(server: Server) -> None:
    for path in ("/tasks/x", f"/tasks/{UNKNOWN}?wait=61", f"/tasks/{UNKNOWN}?wait=-1",
                 "/admin/tasks?state=gone", "/admin/tasks?limit=0"):
        assert ask(server, "GET", path).status == 422, path


def test_what_was_changed_is_in_the_audit_log(server: Server) -> None:
    ask(server, "POST", "/admin/queues/default/resume")
    audit = (server.data / "logs" / "audit.log").read_text()
    assert "queue.resume" in audit


def test_those_who_wait_get_an_answer_when_the_server_stops(katip: Katip) -> None:
    with serving(katip, "--kinds", "general") as running:
        task = trigger(running, run_at="2999-01-01T00:00:00Z")
        answers: list[Answer] = []
        waiting = threading.Thread(
            target=lambda: answers.append(ask(running, "GET", f"/tasks/{task}?wait=60")))
        waiting.start()
        time.sleep(0.5)
        begin = time.monotonic()
        assert running.stop() == 0
        waiting.join(timeout=30)
        assert answers[0].json()["data"]["status"] == "processing"
        assert time.monotonic() - begin < 15


def test_figures_over_time_are_asked_by_span_and_step(server: Server) -> None:
    data = ask(server, "GET", "/admin/stats").json()["data"]
    assert data["step_s"] == 300
    assert isinstance(data["points"], list)
    span = "from=2026-01-01T00:00:00Z&to=2026-01-01T06:00:00Z"
    data = ask(server, "GET", f"/admin/stats?{span}&step=3600").json()["data"]
    assert (data["from"], data["to"]) == ("2026-01-01T00:00:00.000Z", "2026-01-01T06:00:00.000Z")
    assert data["points"] == []
    assert ask(server, "GET", "/admin/stats?from=yesterday").status == 422
    assert ask(server, "GET", "/admin/stats?step=1").status == 422
    for wrong in ("step=90", "from=2026-01-01T00:00:00Z&to=2025-01-01T00:00:00Z",
                  "from=1970-01-01T00:00:00Z&step=3600"):
        assert ask(server, "GET", f"/admin/stats?{wrong}").status == 400, wrong


def test_dashboard_and_alerts_name_only_figures_that_there_are(server: Server) -> None:
    task = trigger(server)  # A figure with labels is there when something has happened.
    assert ask(server, "GET", f"/tasks/{task}?wait=30").json()["data"]["status"] == "ready"
    time.sleep(1.1)  # Figures are a second old at most.
    text = server.ask("GET", "/metrics").body.decode()
    known = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}
    known |= {line.split("{")[0].split()[0] for line in text.splitlines() if line[:1] != "#"}
    # These have their labels from what happened; each line says which one it is about.
    known |= {"jobs_failed_total", "jobs_retried_total", "jobs_quarantined_total",
              "sandbox_kills_total", "webhook_deliveries_total", "realtime_factor"}
    deploy = REPOSITORY / "deploy"
    dashboard = json.loads((deploy / "grafana/katip.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"]
                   for target in panel.get("targets", [])]
    rules = [rule for group in yaml.safe_load((deploy / "prometheus/alerts.yml").read_text())["groups"]
             for rule in group["rules"]]
    headings = (REPOSITORY / "docs/operations.md").read_text().lower()
    for rule in rules:
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
        assert f"### {rule['alert'].lower()}\n" in headings, rule["alert"]
    if promtool := shutil.which("promtool"):
        subprocess.run([promtool, "check", "rules", deploy / "prometheus/alerts.yml"], check=True)
    words = {"sum", "max", "min", "by", "rate", "increase", "histogram_quantile", "and", "or", "time",
             "up", "le", "queue", "kind", "state", "code", "route", "reason", "result", "job"}
    for expression in expressions + [rule["expr"] for rule in rules]:
        plain = re.sub(r'"[^"]*"|\[[^]]*\]', "", expression)
        for word in re.findall(r"[a-z_]{2,}", plain):
            assert word in words or word in known, f"{word} in {expression}"
