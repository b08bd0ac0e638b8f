"""What people do with their records over HTTP: logs, profiles, state, lexicon, jobs, transcripts."""

from __future__ import annotations

import concurrent.futures
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from conftest import SPEECH, Katip, program
from server import Answer, Server, serving


class Api:
    """Speaks JSON with a server."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        kind = {"Content_Type": "application/json"} if body is not None else {}
        return self.server.ask(method, "/api/v1" + path, data, **kind, **headers)

    def data(self, method: str, path: str, body: object = None, **headers: str) -> dict:
        answer = self(method, path, body, **headers)
        assert answer.status in (200, 201), (method, path, answer.status, answer.body)
        envelope = answer.json()
        assert envelope["success"] is True
        assert envelope["timestamp"].endswith("Z")
        return envelope["data"]

    def items(self, path: str, **query: str) -> list[dict]:
        return self.data("GET", f"{path}?{urlencode(query)}" if query else path)["items"]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with serving(Katip(program(), tmp_path_factory.mktemp("records")), "--kinds", "general") as server:
        yield Api(server)


# The five integration tests of the mission, on the embedded defaults.

def test_logs_are_written_and_listed(api: Api) -> None:
    bodies = {
        "events": {"event_type": "login", "title": "Giriş", "details": {"ip": "::1"}},
        "sales": {"product": "paket", "quantity": 2.5, "amount": 10, "currency": "TRY"},
        "messages": {"conversation_id": "c-list", "direction": "inbound", "content": "merhaba"},
        "sessions": {"session_id": "s-list", "ip": "::1"},
    }
    for group, body in bodies.items():
        written = api.data("POST", f"/{group}", body)
        assert uuid.UUID(written["id"])
        listed = api.items(f"/{group}")[0]
        assert listed == written
        for field, value in body.items():
            assert listed[field] == value, field
    for i in range(5):
        api.data("POST", "/events", {"event_type": "page", "title": str(i)})
    seen, path = [], "/events?event_type=page&limit=2"
    while path:
        answer = api("GET", path)
        page = answer.json()["data"]
        seen += [item["title"] for item in page["items"]]
        path = page["has_more"] and (
            f"/events?event_type=page&limit=2&cursor={quote(page['next_cursor'])}")
        assert ('rel="next"' in answer.headers.get("Link", "")) == page["has_more"]
    assert seen == ["4", "3", "2", "1", "0"]


def test_profiles_are_files(api: Api) -> None:
    answer = api("PUT", "/profiles/ayse", {"theme": "dark", "prompts": {"summary": "kısa"}})
    assert answer.status == 200
    file = api.server.data / "profiles" / "ayse.json"
    assert json.loads(file.read_text())["theme"] == "dark"
    tag = answer.headers["ETag"]
    changed = api("PATCH", "/profiles/ayse",
                  {"set": {"prompts.title": "uzun", "n.a": [1]}, "remove": ["theme"]}, If_Match=tag)
    assert changed.json()["data"]["document"] == {
        "prompts": {"summary": "kısa", "title": "uzun"}, "n": {"a": [1]}}
    assert api("PATCH", "/profiles/ayse", {"set": {"a": 1}}, If_Match=tag).status == 412
    assert api("PUT", "/profiles/ayse", {}, If_None_Match="*").status == 412
    many = [{"name": f"p{i}", "document": {"n": i}} for i in range(20)]
    assert api.data("POST", "/profiles", {"profiles": many})["written"] == 20
    assert [item["name"] for item in api.items("/profiles", prefix="p1")] == [
        "p1", "p10", "p11", "p12", "p13", "p14", "p15", "p16", "p17", "p18", "p19"]
    assert api("DELETE", "/profiles/p1").status == 204
    assert api("GET", "/profiles/p1").status == 404
    for name in ("..", "%2e%2e%2fx", "a%2fb", ".hidden", "a%00b", "x" * 129):
        assert api("GET", f"/profiles/{name}").status in (400, 404, 422), name
    assert not list(api.server.data.glob("*.json.json"))


def test_state_ends_cools_down_and_counts(api: Api) -> None:
    api.data("PUT", "/state/values/greeting", {"value": "merhaba", "ttl_s": 0.3})
    assert api.data("GET", "/state/values/greeting")["value"] == "merhaba"
    end = time.monotonic() + 5
    while api("GET", "/state/values/greeting").status != 404:
        assert time.monotonic() < end
        time.sleep(0.05)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        started = list(pool.map(
            lambda _: api.data("POST", "/state/cooldowns/hello", {"seconds": 60})["is_started"],
            range(64)))
        assert started.count(True) == 1
        list(pool.map(lambda _: api.data("POST", "/state/counters/n", {"by": 2}), range(64)))
    assert api.data("POST", "/state/counters/n", {"by": 0})["value"] == 128
    assert {item["key"] for item in api.items("/state")} >= {"hello", "n"}
    assert api("POST", "/state/cooldowns/n", {"seconds": 1}).status == 409
    assert api("PUT", "/state/values/x", {"value": 5}).status == 422
    assert api("DELETE", "/state/values/n").status == 204


def test_logs_are_searched_in_every_spelling(api: Api) -> None:
    api.data("POST", "/events", {"event_type": "call", "title": "ISPARTA'dan aradı"})
    api.data("POST", "/events", {"event_type": "call", "details": {"note": "İzmir şubesi"}})
    api.data("POST", "/sales", {"product": "Gül yağı"})
    for typed in ("ısparta", "ISPARTA", "isparta"):
        assert [item["title"] for item in api.items("/events", q=typed)] == ["ISPARTA'dan aradı"]
    assert len(api.items("/events", q="izmir subesi")) == 1
    assert len(api.items("/sales", q='"gul yagi"')) == 1
    assert api.items("/events", q="yok böyle bir şey") == []
    assert api("GET", "/events?q=%2A").status == 400


def test_a_conversation_has_its_messages_in_order(api: Api) -> None:
    conversation = f"c-{uuid.uuid4()}"
    for i, (direction, content) in enumerate(
            [("inbound", "Kim konuşuyor?"), ("outbound", "Ayşe."), ("inbound", "Ne dedi?")]):
        api.data("POST", "/messages", {
            "conversation_id": conversation, "direction": direction, "content": content,
            "channel": "ask", "metadata": {"turn": i}})
        time.sleep(0.002)
    turns = api.items("/messages", conversation_id=conversation)
    assert [turn["metadata"]["turn"] for turn in turns] == [2, 1, 0]
    assert [turn["content"] for turn in
            api.items("/messages", conversation_id=conversation, direction="outbound")] == ["Ayşe."]
    session = {"session_id": conversation, "metadata": {"state": "waiting"}}
    api.data("POST", "/sessions", session)
    api.data("POST", "/sessions", {**session, "ended_at": "2030-01-01T00:00:00Z",
                                   "metadata": {"state": "handed over"}})
    [kept] = api.items("/sessions", session_id=conversation)
    assert kept["metadata"] == {"state": "handed over"}
    assert kept["ended_at"] == "2030-01-01T00:00:00.000Z"


# The rest.

def test_state_outlives_the_server(tmp_path: Path) -> None:
    katip = Katip(program(), tmp_path)
    with serving(katip, "--workers", "off") as server:
        Api(server).data("PUT", "/state/values/a", {"value": "kalır"})
        Api(server).data("POST", "/state/cooldowns/c", {"seconds": 600})
    with serving(katip, "--workers", "off") as server:
        assert Api(server).data("GET", "/state/values/a")["value"] == "kalır"
        assert Api(server).data("POST", "/state/cooldowns/c", {"seconds": 1})["is_started"] is False
        (server.data / "state.json").unlink()
    (server.data / "state.json").write_text("damaged")
    with serving(katip, "--workers", "off") as server:
        assert Api(server).items("/state") == []
        assert (server.data / "state.json.damaged").read_text() == "damaged"


@pytest.mark.parametrize(("group", "body", "field"), [
    ("events", {}, "event_type"),
    ("events", {"event_type": "a", "typo": 1}, "typo"),
    ("events", {"event_type": "a", "level": "loud"}, "level"),
    ("events", {"event_type": "x" * 101}, "event_type"),
    ("messages", {"conversation_id": "c", "direction": "up", "content": "x"}, "direction"),
    ("sales", {"product": "a", "quantity": "many"}, "quantity"),
])
def test_wrong_fields_are_named(api: Api, group: str, body: dict, field: str) -> None:
    answer = api("POST", f"/{group}", body)
    assert answer.status == 422
    error = answer.json()["error"]
    assert error["code"] == "VALIDATION_ERROR" or error["code"].isupper()
    assert field in json.dumps(error["details"])


def test_the_lexicon_is_kept_imported_and_exported(api: Api) -> None:
    made = api("POST", "/lexicon/terms", {"term": "ISPARTA", "language": "tr", "weight": 2})
    assert made.status == 201
    term = made.json()["data"]
    assert term["normalized_term"] == "ısparta"
    assert made.headers["Location"].endswith(term["id"])
    again = api("POST", "/lexicon/terms", {"term": "Isparta", "language": "tr"})
    assert again.status == 409
    one = f"/lexicon/terms/{term['id']}"
    assert api.data("PATCH", one, {"is_active": False})["is_active"] is False
    csv = "term,weight,alternatives\n\"Yılmaz, Ayşe\",2.5,A. Yılmaz|Ayşe Y.\nIsparta,1,\n"
    answer = api.server.ask("POST", "/api/v1/lexicon/import?format=csv&language=tr", csv.encode(),
                            Content_Type="text/csv")
    assert answer.json()["data"] == {"added": 1, "changed": 1}
    assert api.data("GET", one)["is_active"] is True
    for kind in ("csv", "json", "txt"):
        file = api("GET", f"/lexicon/export?format={kind}")
        assert "Yılmaz" in file.body.decode()
        back = api.server.ask("POST", f"/api/v1/lexicon/import?format={kind}&language=tr", file.body,
                              Content_Type="text/plain")
        assert back.json()["data"] == {"added": 0, "changed": 2}, kind
    wrong = api.server.ask("POST", "/api/v1/lexicon/import?format=csv", b"term,weight\na,heavy\n",
                           Content_Type="text/csv")
    assert wrong.status == 400
    assert "row 2" in wrong.json()["error"]["message"]
    assert api.items("/lexicon/suggestions") == []
    assert api("POST", f"/lexicon/suggestions/{term['id']}/approve").status == 409
    assert api("DELETE", one).status == 204
    assert api("GET", one).status == 404


def test_converted_sounds_have_the_numbers_of_the_other_system(api: Api) -> None:
    made = api.data("POST", "/converted-sounds",
                    {"talent_id": "t-1", "acc_id": "a-1", "file_name": "ses.wav"})
    one = f"/converted-sounds/{made['uuid']}"
    assert [item["uuid"] for item in api.items("/converted-sounds", talent_id="t-1")] == [
        made["uuid"]]
    assert api.items("/converted-sounds", acc_id="a-2") == []
    assert api("PATCH", one, {"status": "completed"}).status == 400
    assert api.data("PATCH", one, {"status": "completed", "transcript": "merhaba"})["status"] == (
        "completed")
    assert api("POST", "/converted-sounds", {"talent_id": "x" * 65}).status == 422
    assert api("DELETE", one).status == 204
    assert api("GET", one).status == 404


def test_what_is_not_there_is_not_found(api: Api) -> None:
    for path in ("/jobs/job_none", "/jobs/job_none/transcript", "/jobs/job_none/audio",
                 "/jobs/job_none/history", "/jobs/job_none/segments", "/jobs/job_none/feedback",
                 "/feedback/none", "/lexicon/terms/none", "/converted-sounds/none",
                 "/profiles/none", "/state/values/none"):
        answer = api("GET", path)
        assert answer.status == 404, path
        assert answer.json()["error"]["code"] == "NOT_FOUND"
    for path in ("/jobs?cursor=nonsense", "/events?cursor=x", "/feedback?cursor=x", "/jobs?limit=0", "/jobs?limit=201", "/jobs?status=lost", "/search"):
        assert api("GET", path).status == 422, path


# With a transcription by the real engine.

def transcribe(server: Server) -> str:
    """The text of the recording, by a synchronous request, whose job stays in the library."""
    boundary = "katip-test"
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
             for name, value in (("model", "whisper-1"), ("response_format", "verbose_json"),
                                 ("timestamp_granularities[]", "word"))]
    body = ("".join(parts) + f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
            'filename="Austen.wav"\r\nContent-Type: audio/wav\r\n\r\n').encode()
    body += SPEECH.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    answer = server.ask("POST", "/v1/audio/transcriptions", body,
                        Content_Type=f"multipart/form-data; boundary={boundary}")
    assert answer.status == 200, answer.body
    return answer.json()["text"]


def skip_without_model() -> None:
    if not (program().parent / "models/base").is_dir() or not SPEECH.exists():
        pytest.skip("the model or the recording is missing: run tools/setup")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, str]]:
    skip_without_model()
    with serving(Katip(program(), tmp_path_factory.mktemp("library"))) as server:
        api = Api(server)
        transcribe(server)
        [job] = api.items("/jobs")
        yield api, job["job_id"]


def test_a_job_is_listed_read_and_searched(library: tuple[Api, str]) -> None:
    api, job_id = library
    job = api.data("GET", f"/jobs/{job_id}")
    assert job["status"] == "completed"
    assert job["name"] == "Austen.wav"
    assert job["audio_duration_s"] > 5
    assert [item["job_id"] for item in api.items("/jobs", status="completed")] == [job_id]
    assert api.items("/jobs", status="failed") == []
    text = api("GET", f"/jobs/{job_id}/transcript?format=txt").body.decode()
    word = max(text.split(), key=len).strip(".,")
    [hit] = api.items("/search", q=word.upper())
    assert hit["job"]["job_id"] == job_id
    snippet = hit["snippet"]
    first = snippet["matches"][0]
    found = snippet["text"].encode()[first["begin"]:first["end"]].decode()
    assert found.lower() == word.lower()
    assert api.data("GET", "/jobs/statistics")["by_status"]["completed"]["job_count"] == 1
    sales = api.items("/sales")
    assert {sale["product"] for sale in sales} == {"transcription.audio", "transcription.tokens"}
    minutes = next(sale for sale in sales if sale["unit"] == "minute")
    assert minutes["quantity"] == pytest.approx(job["audio_duration_s"] / 60, rel=0.01)


def test_a_transcript_comes_in_every_format_with_its_tag(library: tuple[Api, str]) -> None:
    api, job_id = library
    starts = {"json": b"{", "srt": b"1\n", "vtt": b"WEBVTT", "tsv": b"start\t", "docx": b"PK"}
    for kind in ("json", "txt", "srt", "vtt", "tsv", "lrc", "md", "docx"):
        answer = api("GET", f"/jobs/{job_id}/transcript?format={kind}&download=true")
        assert answer.status == 200, kind
        assert answer.body.startswith(starts.get(kind, b""))
        assert f"transcript.{kind}" in answer.headers["Content-Disposition"]
        assert "Austen" in bytes.fromhex(
            answer.headers["Content-Disposition"].split("''")[1].replace("%", "")).decode()
        unchanged = api("GET", f"/jobs/{job_id}/transcript?format={kind}",
                        If_None_Match=answer.headers["ETag"])
        assert unchanged.status == 304
    assert api("GET", f"/jobs/{job_id}/transcript?format=pdf").status == 422


def test_the_recording_is_given_in_ranges(library: tuple[Api, str]) -> None:
    api, job_id = library
    bytes_ = SPEECH.read_bytes()
    assert api("GET", f"/jobs/{job_id}/audio").body == bytes_
    part = api("GET", f"/jobs/{job_id}/audio", Range="bytes=100-199")
    assert part.status == 206
    assert part.body == bytes_[100:200]
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(bytes_)}"
    assert api("GET", f"/jobs/{job_id}/audio", Range="bytes=999999999-").status == 416


def test_an_edit_needs_the_version_and_can_be_taken_back(library: tuple[Api, str]) -> None:
    api, job_id = library
    read = api("GET", f"/jobs/{job_id}/segments")
    tag, before = read.headers["ETag"], read.json()["data"]
    text = before["segments"][0]["text"]
    edit = {"segments": [{"index": 0, "text": text + " Katip was here.", "speaker": "Jane"}]}
    path = f"/jobs/{job_id}/segments"
    assert api("PATCH", path, edit).status == 428
    assert api("PATCH", path, edit, If_Match='"v9"').status == 412
    changed = api("PATCH", path, edit, If_Match=tag)
    assert changed.status == 200, changed.body
    after = changed.json()["data"]
    assert after["version"] == before["version"] + 1
    assert after["segments"][0]["speaker"] == "Jane"
    old_words = before["segments"][0]["words"]
    new_words = after["segments"][0]["words"]
    assert [word["start"] for word in new_words[:len(old_words)]] == [
        word["start"] for word in old_words]
    assert len(new_words) == len(old_words) + 3
    stale = api("PATCH", path, edit, If_Match=tag)
    assert stale.status == 412
    assert stale.headers["ETag"] == changed.headers["ETag"]
    assert len(api.items("/search", q='"katip was here"')) == 1
    [entry] = api.items(f"/jobs/{job_id}/history")
    assert entry["changes"][0]["before"][0]["text"] == text
    restored = api("POST", f"/jobs/{job_id}/restore", {"version": before["version"]},
                   If_Match=changed.headers["ETag"])
    assert restored.json()["data"]["segments"] == before["segments"]
    assert api.items("/search", q='"katip was here"') == []
    assert [entry["kind"] for entry in api.items(f"/jobs/{job_id}/history")] == ["undo", "edit"]


def test_jobs_are_counted_as_they_are_listed(library: tuple[Api, str]) -> None:
    api, _ = library
    for query in ({}, {"status": "completed"}, {"status": "failed"}, {"q": "dashwood"}, {"tag": "no"}):
        counted = api.data("GET", f"/jobs/count?{urlencode(query)}")
        listed = len(api.items("/jobs", **query))
        assert counted == {"count": listed, "is_more": False}, query
    assert api("GET", "/jobs/count?limit=1").status == 422
    assert api("GET", "/jobs/count?q=-").status == 400


def test_segments_are_split_joined_and_moved_and_all_of_it_can_be_taken_back(
        library: tuple[Api, str]) -> None:
    api, job_id = library
    path = f"/jobs/{job_id}/segments"
    read = api("GET", path)
    before = read.json()["data"]
    first = before["segments"][0]
    cut = len(first["words"]) // 2
    left = "".join(word["text"] for word in first["words"][:cut]).strip()
    place = {"index": 0, "at": len(left.encode())}
    assert api("POST", f"{path}/split", place).status == 428
    assert api("POST", f"{path}/split", place, If_Match='"v999"').status == 412
    split = api("POST", f"{path}/split", place, If_Match=read.headers["ETag"])
    assert split.status == 200, split.body
    one, two = split.json()["data"]["segments"][:2]
    assert (one["text"], one["start"]) == (left, first["start"])
    assert one["end"] == first["words"][cut - 1]["end"]
    assert two["start"] == first["words"][cut]["start"]
    assert two["words"] == first["words"][cut:]
    assert api("GET", path).json()["data"]["segments"] == split.json()["data"]["segments"]

    begin = round(two["start"] + 0.05, 3)
    moved = api("PATCH", path, {"segments": [{"index": 1, "start": begin}]},
                If_Match=split.headers["ETag"])
    assert moved.json()["data"]["segments"][1]["start"] == begin
    for wrong in ({"index": 1, "start": two["end"]}, {"index": 1, "end": before["duration"] + 60},
                  {"index": 1, "start": 0, "end": 0}):
        assert api("PATCH", path, {"segments": [wrong]}, If_Match="*").status == 400, wrong

    joined = api("POST", f"{path}/merge", {"index": 0}, If_Match=moved.headers["ETag"])
    assert joined.json()["data"]["segments"][0]["text"] == first["text"]
    assert len(joined.json()["data"]["segments"]) == len(before["segments"])
    last = len(before["segments"]) - 1
    for verb, wrong in (("merge", {"index": last}), ("split", {"index": 0, "at": 20_000}),
                        ("split", {"index": 99_999, "at": 1})):
        assert api("POST", f"{path}/{verb}", wrong, If_Match="*").status == 400, (verb, wrong)
    assert api("POST", f"{path}/split", {"index": 0}, If_Match="*").status == 422
    back = api.data("POST", f"/jobs/{job_id}/restore", {"version": before["version"]},
                    If_Match="*")
    assert back["segments"] == before["segments"]


def test_of_many_who_edit_one_version_one_wins(library: tuple[Api, str]) -> None:
    api, job_id = library
    path = f"/jobs/{job_id}/segments"
    read = api("GET", path)
    before = read.json()["data"]

    def edit(number: int) -> int:
        body = {"segments": [{"index": 0, "text": f"Editor {number} was first."}]}
        return api("PATCH", path, body, If_Match=read.headers["ETag"]).status

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(edit, range(32)))
    assert sorted(set(statuses)) == [200, 412]
    assert statuses.count(200) == 1
    after = api.data("GET", path)
    assert after["version"] == before["version"] + 1
    assert after["segments"][0]["text"] == f"Editor {statuses.index(200)} was first."
    api.data("POST", f"/jobs/{job_id}/restore", {"version": before["version"]}, If_Match="*")


def test_feedback_gives_accuracy_and_is_listed(library: tuple[Api, str]) -> None:
    api, job_id = library
    text = api("GET", f"/jobs/{job_id}/transcript?format=txt").body.decode()
    perfect = api.data("POST", f"/jobs/{job_id}/feedback",
                       {"corrected_text": text, "reviewer": "ayşe"})
    assert perfect["accuracy_score"] == 1
    words = text.split()
    wrong = " ".join(["hmm", *words[1:]])
    result = api.data("POST", f"/jobs/{job_id}/feedback",
                      {"corrected_text": wrong, "comment": "ilk kelime", "reviewer": "ayşe"})
    assert result["accuracy_score"] == pytest.approx(1 - 1 / len(words), abs=0.02)
    assert result["difference"]["substitution_count"] == 1
    assert [item["id"] for item in api.items(f"/jobs/{job_id}/feedback")] == [
        result["id"], perfect["id"]]
    assert api.data("GET", f"/feedback/{result['id']}")["comment"] == "ilk kelime"
    [figures] = api.items("/feedback/reviewers")
    assert figures["feedback_count"] == 2
    assert figures["accuracy_score_max"] == 1
    as_it_is = api.data("POST", f"/jobs/{job_id}/feedback", {})  # It was edited, and is right now.
    assert as_it_is["accuracy_score"] == 1
    assert api("POST", f"/jobs/{job_id}/feedback", {"corrected_text": "a", "typo": 1}).status == 422


def test_a_completed_job_is_neither_cancelled_nor_tried_again_but_deleted(
        library: tuple[Api, str]) -> None:
    api, job_id = library
    assert api("POST", f"/jobs/{job_id}/cancel").status == 409
    assert api("POST", f"/jobs/{job_id}/retry").status == 409
    media = list((api.server.data / "media").iterdir())
    assert len(media) == 1
    assert api("DELETE", f"/jobs/{job_id}").status == 204
    assert list((api.server.data / "media").iterdir()) == []
    assert api("GET", f"/jobs/{job_id}").status == 404
    assert api.items("/feedback") == []
    assert len(api.items("/sales")) == 2, "the books are kept"


def test_what_reviewers_correct_is_learned_approved_and_used(tmp_path: Path) -> None:
    skip_without_model()
    with serving(Katip(program(), tmp_path)) as server:
        api = Api(server)
        for _ in range(2):
            assert "Mr. John Dashwood" in transcribe(server)
        for job in api.items("/jobs"):
            text = api("GET", f"/jobs/{job['job_id']}/transcript?format=txt").body.decode()
            review = api.data("POST", f"/jobs/{job['job_id']}/feedback",
                              {"corrected_text": text.replace("John", "Jon")})
            assert review["terms"] == [{"term": "Jon", "heard": "John", "count": 1}]
        end = time.monotonic() + 30
        while not api.items("/lexicon/suggestions"):
            assert time.monotonic() < end, "lexicon.learn has not run"
            time.sleep(0.1)
        [suggestion] = api.items("/lexicon/suggestions")
        assert (suggestion["term"], suggestion["is_active"]) == ("Jon", False)
        evidence = api.items(f"/lexicon/terms/{suggestion['id']}/evidence")
        assert {each["heard"] for each in evidence} == {"John"}
        assert "Mr. John Dashwood" in transcribe(server), "nothing is used before somebody approves"
        api.data("POST", f"/lexicon/suggestions/{suggestion['id']}/approve")
        api.data("PATCH", f"/lexicon/terms/{suggestion['id']}", {"weight": 5})
        assert "Mr. Jon Dashwood" in transcribe(server)


def test_owners_neither_see_nor_touch_each_others_records(tmp_path: Path) -> None:
    katip = Katip(program(), tmp_path)
    made = katip("user", "create", "boss", "--role", "admin", "--password-stdin",
                 stdin=b"kedi pencerede\n")
    assert made.returncode == 0, made.stderr
    scopes = "transcribe,jobs:read,jobs:write,logs:read,logs:write,lexicon:read"
    keys = [katip("key", "create", "--name", name, "--scopes", scopes).stdout.strip()
            for name in ("first", "second")]
    with serving(katip, "--workers", "off") as server:
        api = Api(server)
        mine, other = ({"Authorization": f"Bearer {key}"} for key in keys)
        assert api("GET", "/jobs").status == 401
        body = (b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
                b"sound\r\n--x--\r\n")
        made_job = server.ask("POST", "/api/v1/jobs", body, **mine,
                              Content_Type="multipart/form-data; boundary=x")
        assert made_job.status == 202, made_job.body
        job_id = made_job.json()["data"]["job_id"]
        sound = api.data("POST", "/converted-sounds", {"talent_id": "t"}, **mine)["uuid"]
        api.data("POST", "/events", {"event_type": "a"}, **mine)
        api.data("POST", "/sessions", {"session_id": "s"}, **mine)
        api.data("PUT", "/state/values/k", {"value": "v"}, **mine)
        for method, path, change in [
                ("GET", f"/jobs/{job_id}", None), ("DELETE", f"/jobs/{job_id}", None),
                ("POST", f"/jobs/{job_id}/cancel", None), ("POST", f"/jobs/{job_id}/retry", None),
                ("GET", f"/jobs/{job_id}/transcript", None), ("GET", f"/jobs/{job_id}/audio", None),
                ("GET", f"/jobs/{job_id}/segments", None), ("GET", f"/jobs/{job_id}/history", None),
                ("GET", f"/jobs/{job_id}/feedback", None),
                ("POST", f"/jobs/{job_id}/feedback", {"comment": "x"}),
                ("PATCH", f"/jobs/{job_id}/segments", {"segments": [{"index": 0, "text": "x"}]}),
                ("POST", f"/jobs/{job_id}/restore", {"version": 1}),
                ("GET", f"/converted-sounds/{sound}", None),
                ("PATCH", f"/converted-sounds/{sound}", {"acc_id": "x"}),
                ("DELETE", f"/converted-sounds/{sound}", None),
                ("GET", "/state/values/k", None), ("DELETE", "/state/values/k", None)]:
            answer = api(method, path, change, **other, If_Match="*")
            assert answer.status == 404, (method, path, answer.body)
        for path in ("/jobs", "/feedback", "/converted-sounds", "/events", "/sessions", "/state"):
            assert api.data("GET", path, **other)["items"] == [], path
        assert len(api.data("GET", "/jobs", **mine)["items"]) == 1
        assert api("GET", f"/converted-sounds/{sound}", **mine).status == 200
        assert api("POST", "/sessions", {"session_id": "s"}, **other).status == 409
        foreign = {"event_type": "a", "user_identifier": "boss"}
        assert api("POST", "/events", foreign, **other).status == 403
        for method, path, change in [("PUT", "/profiles/p", {}), ("DELETE", "/profiles/p", None),
                                     ("POST", "/lexicon/terms", {"term": "a"})]:
            assert api(method, path, change, **other).status == 403, path
