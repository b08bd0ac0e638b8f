"""Whatever changes something leaves a line in the audit log, or says here why it does not."""

from __future__ import annotations

import csv
import io
import json
import os
import pwd
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from conftest import Katip, program, write_tone
from hugging_face import HuggingFace
from server import Answer, Server, serving
from test_access import PASSWORD, Client, client_of
from test_outside import LOOPBACK, Receiver
from test_ownership import complete, upload_job
from test_worker import wait_for

UNRECORDED = {
    "create_transcription": "a client waits; the job names its owner, api.log the request",
    "create_translation": "the same",
    "create_upload": "bytes on their way: the job that they become has a line",
    "continue_upload": "the same",
    "delete_upload": "the same",
    "write_events": "a record of what happened, never changed afterwards",
    "write_sales": "the same",
    "write_messages": "the same",
    "write_sessions": "the same",
    "set_state": "state of other programs, written many times a second, and it ends by itself",
    "delete_state": "the same",
    "add_to_counter": "the same",
    "start_cooldown": "the same",
}
SECRET_WORDS = "the neighbour sold the green boat"


@dataclass
class Story:
    """Does what can be done, by the names that /openapi.json gives it."""

    katip: Katip
    server: Server
    client: Client
    routes: dict[str, tuple[str, str]]
    done: set[str] = field(default_factory=set)

    def __call__(self, operation: str, body: object = None, **values: str) -> Answer:
        """`values`: variables of the path, and headers, which begin with a capital."""
        method, path = self.routes[operation]
        headers = {name: value for name, value in values.items() if name[0].isupper()}
        path = re.sub(r"\{(.+?)\}", lambda name: values[name.group(1)], path)
        query = f"?{values['query']}" if "query" in values else ""
        headers.setdefault("X_Request_Id", f"audit-{operation}")
        if isinstance(body, bytes):
            headers["Authorization"] = f"Bearer {self.client.token}"
            answer = self.server.ask(method, path + query, body, **headers)
        else:
            answer = self.client(method, path + query, body, **headers)
        assert answer.status < 300, (operation, answer.status, answer.body)
        self.done.add(operation)
        return answer

    def made(self, operation: str, body: object = None, **values: str) -> dict:
        return self(operation, body, **values).json()["data"]

    def find(self, path: str) -> dict:
        return self.client("GET", path).json()["data"]

    def wait_for_task(self, task: str) -> None:
        state = self.find(f"/api/v1/tasks/{task}?wait=60")["state"]
        assert state == "completed", state


def routes_of(server: Server) -> dict[str, tuple[str, str]]:
    paths = server.ask("GET", "/openapi.json").json()["paths"]
    return {operation["operationId"]: (method.upper(), path) for path, methods in paths.items()
            for method, operation in methods.items()
            if method.upper() not in ("GET", "HEAD", "OPTIONS")}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    katip = Katip(program(), tmp_path_factory.mktemp("audit"))
    made = katip("user", "create", "boss", "--role", "admin", "--password-stdin",
                 stdin=PASSWORD.encode())
    assert made.returncode == 0, made.stderr
    with serving(katip, "--kinds", "general", **LOOPBACK) as server:
        yield Story(katip, server, client_of(server, "boss"), routes_of(server))


def is_in_line(server: Server, job_id: str) -> bool:
    with closing(sqlite3.connect(server.data / "katip.db", timeout=10)) as database:
        found = database.execute(
            "select count(*) from tasks where kind = 'transcription.process' and job_id = "
            "(select id from jobs where job_id = ?)", (job_id,))
        return found.fetchone()[0] == 1


def tell_of_jobs(story: Story, recording: bytes) -> None:
    body = (b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
            + recording + b"\r\n--b--\r\n")
    job = story.made("create_job", body, Content_Type="multipart/form-data; boundary=b")["job_id"]
    story("change_job", {"name": "other", "tags": ["a"]}, job_id=job)
    wait_for(lambda: is_in_line(story.server, job))  # Nobody changes it any more.
    story("cancel_job", job_id=job)
    story("retry_job", job_id=job)
    story("delete_job", job_id=job)
    job = upload_job(story.client, recording)
    wait_for(lambda: is_in_line(story.server, job))
    complete(story.server, job)
    story("edit_segments", {"segments": [{"index": 0, "text": SECRET_WORDS}]}, job_id=job,
          If_Match="*")
    story("split_segments", {"index": 0, "at": len("the neighbour")}, job_id=job, If_Match="*")
    story("merge_segments", {"index": 0}, job_id=job, If_Match="*")
    story("restore_transcript", {"version": 1}, job_id=job, If_Match="*")
    again = story.made("transcribe_again", {}, job_id=job)["job_id"]
    assert again != job
    story("submit_feedback", {"corrected_text": SECRET_WORDS}, job_id=job)


def tell_of_records(story: Story) -> None:
    term = story.made("add_term", {"term": "Isparta"})["id"]
    story("change_term", {"weight": 2}, id=term)
    story("import_lexicon", b"term,weight\nKatip,2\n", query="format=csv", Content_Type="text/csv")
    for operation in ("approve_suggestion", "reject_suggestion"):
        with closing(sqlite3.connect(story.server.data / "katip.db", timeout=10)) as database:
            database.execute("update lexicon_terms set status = 'suggested', is_active = 0 "
                             "where id = ?", (term,))
            database.commit()
        story(operation, id=term)
    story("delete_term", id=term)
    sound = story.made("create_converted_sound", {"talent_id": "t", "transcript": SECRET_WORDS})
    story("update_converted_sound", {"acc_id": "a"}, id=sound["uuid"])
    story("delete_converted_sound", id=sound["uuid"])
    story("write_profiles", {"profiles": [{"name": "a", "document": {"said": SECRET_WORDS}}]})
    story("put_profile", {"said": SECRET_WORDS}, name="a")
    story("change_profile", {"set": {"said": SECRET_WORDS}}, name="a")
    story("delete_profile", name="a")


def tell_of_accounts(story: Story) -> None:
    key = story.made("create_key", {"name": "k", "scopes": ["jobs:read"]})["details"]["id"]
    story("change_key", {"name": "other"}, id=key)
    story("delete_key", id=key)
    user = story.made("create_user", {"login": "ayse", "role": "editor", "password": PASSWORD})["id"]
    story("change_user", {"display_name": "Ayşe"}, id=user)
    story("set_user_password", {"password": PASSWORD + "ler"}, id=user)
    story("delete_user", id=user)
    other = story.made("login", {"login": "boss", "password": PASSWORD})["token"]
    sessions = story.find("/api/v1/auth/sessions")["items"]
    story("end_own_session", id=next(each["id"] for each in sessions if not each["is_current"]))
    assert Client(story.server, other)("GET", "/api/v1/auth/sessions").status == 401
    story("change_password", {"old_password": PASSWORD, "new_password": PASSWORD + "de"})
    story("create_realtime_client_secret", {})
    story("create_realtime_transcription_session", {})


def tell_of_webhooks(story: Story, receiver: Receiver) -> None:
    hook = story.made("create_webhook", {"url": receiver.url + "/hook?token=hush"})["id"]
    story("update_webhook", {"name": "other"}, id=hook)
    story("rotate_webhook_secret", id=hook)
    sent = story.made("test_webhook", id=hook)["id"]
    deliveries = f"/api/v1/webhooks/{hook}/deliveries/{sent}"
    wait_for(lambda: story.find(deliveries)["status"] == "delivered")
    story("replay_webhook_delivery", id=hook, delivery_id=sent)
    story("delete_webhook", id=hook)


def tell_of_operations(story: Story) -> None:
    task = story.made("trigger_task", {"name": "cleanup.history",
                                       "run_at": "2999-01-01T00:00:00Z"})["task_id"]
    story("cancel_task", id=task)
    story("retry_task", id=task)
    story("cancel_tasks", {"ids": [task]})
    story("retry_tasks", {"ids": [task]})
    for verb in ("pause", "drain", "resume"):
        story(f"{verb}_queue", name="low")
    backup = story.made("create_backup")["task_id"]
    story.wait_for_task(backup)
    story("verify_backup", id=story.find("/api/v1/admin/backups")["backups"][0]["id"])
    story("run_schedule", name="cleanup.history")
    story("put_schedule", {"task": "cleanup.logs", "cron": "@daily", "args": {"token": "hush"}},
          name="mine")
    story("pause_schedule", name="mine")
    story("resume_schedule", name="mine")
    story("delete_schedule", name="mine")
    story("set_autoscale", {"min": 1, "max": 3}, kind="engine")
    story("reset_autoscale", kind="engine")
    model = story.server.data / "models" / "small-one"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}")
    story("delete_model", model="small-one")
    workers = story.find("/api/v1/admin/workers")["workers"]
    story("stop_worker", id=next(each["id"] for each in workers if each["state"] == "running"))


def lines_of(story: Story) -> list[dict]:
    lines, cursor = [], ""
    while True:
        page = story.find(f"/api/v1/admin/audit?limit=200{cursor}")
        lines += page["items"]
        if not page["has_more"]:
            return lines
        cursor = f"&cursor={page['next_cursor']}"


def test_every_route_that_changes_something_leaves_a_line(
    story: Story, tmp_path_factory: pytest.TempPathFactory
) -> None:
    receiver = Receiver()
    tell_of_jobs(story, write_tone(tmp_path_factory.mktemp("tone") / "a.wav", 1).read_bytes())
    tell_of_records(story)
    tell_of_webhooks(story, receiver)
    tell_of_operations(story)
    tell_of_accounts(story)
    receiver.server.shutdown()

    lines = lines_of(story)
    told = {line["request_id"].removeprefix("audit-"): line for line in lines if line["request_id"]}
    assert story.done - told.keys() == set()
    # Nothing that people said or keep secret is in them.
    everything = json.dumps(lines, ensure_ascii=False)
    for word in (SECRET_WORDS, "neighbour", PASSWORD, "hush", "whsec_", "ek_"):
        assert word not in everything, word
    assert told["create_job"]["action"] == "job.create"
    assert told["create_job"]["target_id"] == told["delete_job"]["target_id"]
    assert told["create_job"]["details"] == {"from": "file"}
    assert told["change_job"]["details"] == {"fields": ["name", "tags"]}
    assert told["edit_segments"]["details"] == {"segment_count": 1}
    assert told["import_lexicon"]["details"] == {"added": 1, "changed": 0}
    assert told["delete_model"]["target_id"] == "small-one"
    assert {told[name]["actor"] for name in ("create_job", "delete_term")} == {"boss"}

    # The last session is given up last.
    story("logout")
    story.client = client_of_boss_again(story)
    assert any(line["request_id"] == "audit-logout" for line in lines_of(story))
    untold = story.routes.keys() - story.done
    assert untold == UNRECORDED.keys(), "a route that changes something: tell of it, or say why not"


def client_of_boss_again(story: Story) -> Client:
    answer = Client(story.server)("POST", "/api/v1/auth/login",
                                  {"login": "boss", "password": PASSWORD + "de"})
    assert answer.status == 200, answer.body
    return Client(story.server, answer.json()["data"]["token"])


def test_the_command_line_leaves_the_same_lines(story: Story, tmp_path: Path) -> None:
    def do(*words: str, status: int = 0) -> str:
        done = story.katip(*words)
        assert done.returncode == status, done.stderr
        return done.stdout.strip()

    actor = "cli:" + pwd.getpwuid(os.getuid()).pw_name
    task = do("queue", "add", "cleanup.history", "--args", '{"days": 400}', "--unique", "told-of")
    story.wait_for_task(task)
    do("queue", "pause", "low", "high")
    late = do("queue", "add", "cleanup.history", "--queue", "low")
    do("queue", "cancel", late)
    do("queue", "retry", late)
    do("queue", "cancel", late)
    do("queue", "retry", "--state", "cancelled", "--kind", "cleanup.history")
    do("queue", "retry", task, status=1)  # It has completed: nothing was done.
    do("queue", "drain", "high")
    do("queue", "resume", "low", "high")
    job = do("queue", "transcribe", str(write_tone(tmp_path / "a.wav", 1)))
    terms = tmp_path / "terms.csv"
    terms.write_text("term\nEğirdir\nKovada\n")
    do("lexicon", "import", str(terms))
    with closing(sqlite3.connect(story.server.data / "katip.db", timeout=10)) as database:
        database.execute("update lexicon_terms set status = 'suggested', is_active = 0 "
                         "where term in ('Eğirdir', 'Kovada')")
        database.commit()
    do("lexicon", "approve", "Eğirdir")
    do("lexicon", "reject", "Kovada")

    lines = story.find(f"/api/v1/admin/audit?limit=200&actor={actor}")["items"]
    assert {line["actor_kind"] for line in lines} == {"command"}
    told = [(line["action"], line["target_id"]) for line in reversed(lines)]
    for line in [("task.trigger", task), ("task.trigger", late), ("queue.pause", "low"),
                 ("queue.pause", "high"), ("queue.drain", "high"), ("queue.resume", "low"),
                 ("task.retry", late), ("job.create", job)]:
        assert told.count(line) == 1, (line, told)
    assert told.count(("task.cancel", late)) == 2 and ("task.retry", task) not in told
    details = {line["action"]: line["details"] for line in lines}
    assert details["task.retry_many"] == {
        "changed": 1, "filter": {"state": "cancelled", "name": "cleanup.history"}}
    assert details["lexicon.import"] == {"added": 2, "changed": 0}
    assert details["job.create"] == {"from": "file"}
    assert {"term.approve", "term.reject"} <= details.keys()
    audit_log = (story.server.data / "logs" / "audit.log").read_text()
    assert audit_log.count(f'"actor":"{actor}"') == len(lines)
    queues = story.find("/api/v1/admin/queues")["queues"]
    assert {each["mode"] for each in queues} == {"open"}


@pytest.fixture
def hub(model: Path) -> Iterator[HuggingFace]:
    """It has a model that is small enough to be pulled a few times: tiny.en, else base."""
    folder = model.parent / "tiny.en"
    files = {path.name: path.read_bytes() for path in (folder if folder.is_dir() else model).iterdir()
             if path.suffix in (".json", ".bin", ".txt") and path.name != "manifest.json"}
    with HuggingFace("Systran/faster-whisper-small", files) as running:
        yield running


def audit_rows(katip: Katip) -> list[tuple[str, str, str]]:
    file = katip.home / ".local/share/katip/katip.db"
    with closing(sqlite3.connect(file, timeout=10)) as database:
        return database.execute("select actor, action, target_id from audit_log "
                                "where target_kind = 'model' order by created_at").fetchall()


def test_models_that_come_and_go_are_told_of_where_there_is_a_database(
        katip: Katip, hub: HuggingFace) -> None:
    env = {"HF_ENDPOINT": hub.url}
    data = katip.home / ".local/share/katip"

    def do(*words: str, **more: str) -> str:
        done = katip("models", *words, env={**env, **more})
        assert done.returncode == 0, done.stderr
        return done.stderr

    assert "audit" not in do("pull", "small") + do("remove", "small")
    assert not (data / "katip.db").exists() and not (data / "logs").exists()

    assert katip("queue", "status").returncode == 0  # It makes the database.
    do("pull", "small")
    assert "is there already" in do("pull", "small")
    do("remove", "small")
    assert katip("models", "remove", "small").returncode == 1
    actor = "cli:" + pwd.getpwuid(os.getuid()).pw_name
    told = [(actor, "model.pull", "small"), (actor, "model.delete", "small")]
    assert audit_rows(katip) == told
    log = (data / "logs/audit.log").read_text()
    assert [log.count(action) for _, action, _ in told] == [1, 1]

    # A database that is away keeps nobody from a model.
    away = do("pull", "small", DATABASE_URL="postgresql://127.0.0.1:1/katip")
    assert "the audit trail does not tell of it" in away
    assert audit_rows(katip) == told


def test_the_log_is_filtered_by_time_and_saved_as_a_file(story: Story) -> None:
    for term in ("=Finike", "Kalkan"):
        assert story.client("POST", "/api/v1/lexicon/terms", {"term": term}).status == 201
    first, second = story.find("/api/v1/admin/audit?action=term.create&limit=2")["items"][::-1]
    path = "/api/v1/admin/audit"
    since = story.find(f"{path}?action=term.create&created_from={second['created_at']}")["items"]
    assert [line["id"] for line in since] == [second["id"]]
    until = story.find(f"{path}?action=term.create&created_before={second['created_at']}")["items"]
    assert until[0]["id"] == first["id"]
    assert story.client("GET", f"{path}?created_from=yesterday").status == 422

    file = story.client("GET", f"{path}/export?format=csv&action=term.create")
    assert file.headers["Content-Type"].startswith("text/csv")
    assert "audit.csv" in file.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(file.body.decode())))
    assert rows[0]["id"] == second["id"] and rows[0]["actor"] == "boss"
    file = story.client("GET", f"{path}/export?format=jsonl&created_from={second['created_at']}")
    lines = [json.loads(line) for line in file.body.decode().splitlines()]
    assert second in lines and first not in lines
    assert "Link" not in file.headers
    assert story.client("GET", f"{path}/export?format=xml").status == 422


def test_what_was_refused_leaves_no_line(story: Story) -> None:
    refused = story.client("DELETE", "/api/v1/jobs/job_nowhere", X_Request_Id="refused-1")
    assert refused.status == 404
    repeated = {"Idempotency_Key": "once", "X_Request_Id": "once-1"}
    for _ in range(2):
        answer = story.client("POST", "/api/v1/lexicon/terms", {"term": "Burdur"}, **repeated)
        assert answer.status == 201
    ids = [line["request_id"] for line in lines_of(story)]
    assert "refused-1" not in ids
    assert ids.count("once-1") == 1
