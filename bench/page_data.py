"""Rows of an installation that has worked for months: jobs, tasks, logs, an audit trail.

The same seed gives the same rows, on both databases. Ids rise with time, as katip's do.
"""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

Row = tuple
BATCH = 20_000
OWNERS = ["ayse", "mehmet", "court-3", "newsroom", "archive", "lecture-bot"]
NAMES = ["Duruşma", "Toplantı", "Ders", "Interview", "Podcast", "Oturum", "Lecture", "Röportaj"]
WORDS = ("toplanti mahkeme karar tanik avukat dosya gundem butce proje ders ogrenci hocam yarin "
         "sabah kubernetes server meeting budget review witness lecture question answer").split()
KINDS = [("transcription.process", "engine", "default", 5, 70),
         ("webhook.deliver", "general", "default", 5, 20),
         ("cleanup.expired", "general", "low", 2, 4),
         ("cleanup.history", "general", "low", 2, 1),
         ("transcription.fetch", "general", "high", 7, 5)]
ERRORS = [("UNAVAILABLE", "the address does not answer: connection refused"),
          ("CORRUPT_DATA", "no audio stream in the file"),
          ("TIMEOUT", "the attempt took longer than 3600 s")]


def text_of(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


class Months:
    """`count` jobs over `days`, ending now; the other tables follow from them."""

    def __init__(self, count: int, days: int = 120, seed: int = 1) -> None:
        self.count = count
        self.random = random.Random(seed)
        self.end = datetime.now(UTC).replace(microsecond=0)
        self.begin = self.end - timedelta(days=days)
        self.serial = 0

    def moment(self, index: int, count: int) -> datetime:
        return self.begin + (self.end - self.begin) * (index / max(1, count))

    def uuid(self, moment: datetime) -> str:
        self.serial += 1
        stamp = int(moment.timestamp() * 1000)
        tail = f"{self.serial:020x}"
        return f"{stamp >> 16:08x}-{stamp & 0xffff:04x}-7{tail[1:4]}-8{tail[5:8]}-{tail[8:]}"

    def tables(self) -> Iterator[tuple[str, str, Iterable[Row]]]:
        yield "workers", ("id,name,host,pid,worker_kind,state,lease_ms,slot_count,version,"
                          "started_at,seen_at,ended_at,end_reason"), self.workers()
        yield "jobs", ("search_id,id,job_id,status,kind,priority,progress,created_at,started_at,"
                       "completed_at,updated_at,submitted_by,language,model_name,engine,"
                       "audio_duration_s,file_size,media_type,source_name,processing_s,"
                       "queue_wait_s,realtime_factor,confidence,error_code,error_message,"
                       "transcript,text,search_text"), self.jobs()
        yield "job_tags", "job_id,tag", self.tags()
        yield "task_history", ("id,kind,worker_kind,queue,priority,tenant,state,token,attempt,"
                               "attempt_count_max,crash_count,args,errors,result,job_id,"
                               "request_id,worker_id,run_at,claimed_at,created_at,finished_at"), \
            self.history()
        yield "tasks", ("id,kind,worker_kind,queue,priority,tenant,state,attempt,"
                        "attempt_count_max,args,errors,request_id,run_at,created_at"), self.live()
        yield "event_logs", ("search_id,id,user_identifier,event_type,title,level,request_id,"
                             "created_at,search_text"), self.events()
        yield "audit_log", ("id,actor_kind,actor,action,target_kind,target_id,request_id,ip,"
                            "created_at,details"), self.audit()
        yield "lexicon_terms", ("id,term,normalized_term,category,language,frequency,weight,"
                                "alternatives,source,status,is_active,created_at,updated_at"), \
            self.terms()

    def workers(self) -> Iterator[Row]:
        self.worker_ids = []
        for i in range(40):
            started = self.moment(i, 40)
            self.worker_ids.append(self.uuid(started))
            yield (self.worker_ids[-1], f"engine-{i}", "scribe-1", 4000 + i, "engine", "stopped",
                   30_000, 0, "0.1.0", text_of(started), text_of(started + timedelta(days=3)),
                   text_of(started + timedelta(days=3)), "it was asked to stop")

    def jobs(self) -> Iterator[Row]:
        pick = self.random
        self.job_ids: list[tuple[str, datetime, str, float]] = []
        self.tagged: list[str] = []
        for i in range(self.count):
            at = self.moment(i, self.count)
            identity = self.uuid(at)
            status = pick.choices(["completed", "failed", "cancelled"], [95, 4, 1])[0]
            seconds = pick.lognormvariate(5, 1.2)
            done = at + timedelta(seconds=1 + seconds / 30)
            if done > self.end:
                done = self.end
            is_done = status == "completed"
            said = " ".join(pick.choices(WORDS, k=24)) if is_done else None
            name = f"{pick.choice(NAMES)} {i}.mp4"
            if i % max(1, self.count // 20_000) == 0:
                self.job_ids.append((identity, at, status, seconds))
            if i % 5 == 0:
                self.tagged.append(identity)
            error = pick.choice(ERRORS) if status == "failed" else (None, None)
            transcript = json.dumps({"language": "tr", "segments": [
                {"start": 0, "end": seconds, "text": said}]}) if is_done else None
            yield (i + 1, identity, f"job_{i:012d}", status, "transcription", 5,
                   1 if is_done else 0, text_of(at), text_of(at), text_of(done), text_of(done),
                   OWNERS[i % len(OWNERS)], "tr" if i % 3 else "en", "base", "local",
                   round(seconds, 3), int(seconds * 16_000), "video/mp4", name,
                   round(seconds / 30, 3), 1, 30, 0.9 if is_done else None, *error, transcript,
                   said, f"{name.lower()} {said or ''}")

    def tags(self) -> Iterator[Row]:
        """Every fifth job has one of forty."""
        for number, identity in enumerate(self.tagged):
            yield (identity, f"{NAMES[number % len(NAMES)].lower()}-{number % 40}")

    def history(self) -> Iterator[Row]:
        pick = self.random
        jobs = iter(self.job_ids)
        every = max(1, self.count // len(self.job_ids))
        for i in range(self.count):
            at = self.moment(i, self.count)
            kind, worker_kind, queue, priority, _ = pick.choices(KINDS, [k[4] for k in KINDS])[0]
            state = pick.choices(["completed", "discarded", "cancelled", "quarantined"],
                                 [950, 40, 9, 1])[0]
            wait = pick.expovariate(1 / 2)
            run = pick.lognormvariate(2 if worker_kind == "engine" else -2, 1)
            claimed = at + timedelta(seconds=wait)
            finished = min(claimed + timedelta(seconds=run), self.end)
            errors = []
            if state in ("discarded", "quarantined"):
                code, message = pick.choice(ERRORS)
                errors = [{"attempt": n, "code": code, "message": message, "at": text_of(claimed)}
                          for n in (1, 2, 3)]
            job = next(jobs, (None,))[0] if i % every == 0 else None
            yield (self.uuid(at), kind, worker_kind, queue, priority, OWNERS[i % len(OWNERS)],
                   state, 1, max(1, len(errors)), 3, 0,
                   json.dumps({"source": f"media/{i:012d}.mp4", "language": "tr"}),
                   json.dumps(errors), json.dumps({"segment_count": i % 300}), job,
                   f"req-{i:08d}", pick.choice(self.worker_ids), text_of(at), text_of(claimed),
                   text_of(at), text_of(finished))

    def live(self) -> Iterator[Row]:
        """A hundredth of all waits; of those some by the calendar, some for another attempt."""
        for i in range(max(20, self.count // 100)):
            at = self.end - timedelta(seconds=i)
            state = "scheduled" if i % 7 == 0 else "retryable" if i % 11 == 0 else "available"
            run_at = self.end + timedelta(hours=2, seconds=i) if state != "available" else at
            kind, _, queue, priority, _ = KINDS[i % len(KINDS)]
            # Of a kind of worker that does not run while it is measured: nothing is claimed.
            yield (self.uuid(at), kind, "engine", queue, priority, OWNERS[i % len(OWNERS)], state,
                   0, 3, json.dumps({"source": f"media/w{i}.mp4"}), "[]", f"req-w{i}",
                   text_of(run_at), text_of(at))

    def events(self) -> Iterator[Row]:
        count = self.count // 2
        for i in range(count):
            at = self.moment(i, count)
            yield (i + 1, self.uuid(at), OWNERS[i % len(OWNERS)], ["login", "export", "edit"][i % 3],
                   f"event {i}", ["info", "info", "warning", "error"][i % 4], f"req-{i:08d}",
                   text_of(at), f"event {i}")

    def audit(self) -> Iterator[Row]:
        count = self.count // 10
        actions = [("job.delete", "job"), ("queue.pause", "queue"), ("key.create", "api_key"),
                   ("task.retry", "task"), ("user.change", "user")]
        for i in range(count):
            at = self.moment(i, count)
            action, kind = actions[i % len(actions)]
            yield (self.uuid(at), "user", OWNERS[i % len(OWNERS)], action, kind, f"x-{i % 997}",
                   f"req-{i:08d}", "127.0.0.1", text_of(at), '{"reason": "routine"}')

    def terms(self) -> Iterator[Row]:
        for i in range(min(50_000, max(40, self.count // 20))):
            at = self.moment(i, 50_000)
            status = "suggested" if i % 9 == 0 else "active"
            yield (self.uuid(at), f"Terim {i}", f"terim {i}", ["person", "place", "general"][i % 3],
                   "tr" if i % 2 else "", i % 40, 1, '["terem"]',
                   "learned" if i % 9 == 0 else "manual", status, int(status == "active"),
                   text_of(at), text_of(at))


def batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def fill_sqlite(path: Path, months: Months) -> None:
    sql = sqlite3.connect(path)
    sql.execute("pragma synchronous = off")
    for table, columns, rows in months.tables():
        places = ",".join("?" * (columns.count(",") + 1))
        for batch in batches(rows):
            with sql:
                sql.executemany(f"insert into {table} ({columns}) values ({places})", batch)
    sql.execute("analyze")
    sql.close()


def copy_text(row: Row) -> str:
    def field(value: object) -> str:
        if value is None:
            return "\\N"
        return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    return "\t".join(field(value) for value in row) + "\n"


def fill_postgres(url: str, months: Months) -> None:
    for table, columns, rows in months.tables():
        is_search_id = columns.startswith("search_id,")
        # PostgreSQL numbers such rows by itself, and has booleans.
        names = columns.removeprefix("search_id,")
        with subprocess.Popen(["psql", "-qX", "-v", "ON_ERROR_STOP=1", url, "-c",
                               f"\\copy {table} ({names}) from stdin"],
                              stdin=subprocess.PIPE, text=True) as psql:
            assert psql.stdin
            for batch in batches(rows):
                psql.stdin.writelines(copy_text(row[1:] if is_search_id else row) for row in batch)
            psql.stdin.close()
            if psql.wait() != 0:
                raise RuntimeError(f"psql could not fill {table}")
    subprocess.run(["psql", "-qX", url, "-c", "vacuum analyze"], check=True)
