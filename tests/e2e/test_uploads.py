"""Resumable uploads by tus 1.0, byte by byte and with a client of others."""

from __future__ import annotations

import base64
import hashlib
import random
import select
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import Katip, program
from server import Answer, Server, serving

TUS = {"Tus_Resumable": "1.0.0"}
BYTES = {"Content_Type": "application/offset+octet-stream"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("uploads")
    with serving(Katip(program(), home), "--workers", "off") as running:
        yield running


def create(server: Server, size: int | None = None, **headers: str) -> str:
    if size is not None:
        headers["Upload_Length"] = str(size)
    answer = server.ask("POST", "/api/v1/uploads", b"", **TUS, **headers)
    assert answer.status == 201, answer.body
    return answer.headers["Location"]


def patch(server: Server, path: str, offset: int, body: bytes, **headers: str) -> Answer:
    return server.ask("PATCH", path, body, **{**TUS, **BYTES, "Upload_Offset": str(offset),
                                              **headers})


def offset(server: Server, path: str) -> int:
    return int(server.ask("HEAD", path, **TUS).headers["Upload-Offset"])


def stored(server: Server, path: str) -> bytes:
    return (server.data / "uploads" / path.rsplit("/", 1)[1]).read_bytes()


def test_it_says_what_it_speaks(server: Server) -> None:
    answer = server.ask("OPTIONS", "/api/v1/uploads")
    assert answer.status == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert {"creation", "termination", "concatenation", "checksum", "expiration",
            "creation-defer-length", "creation-with-upload"} <= set(
                answer.headers["Tus-Extension"].split(","))


def test_bytes_come_piece_by_piece(server: Server) -> None:
    name = base64.b64encode("toplantı.mp4".encode()).decode()
    path = create(server, 10, Upload_Metadata=f"filename {name}")
    assert offset(server, path) == 0
    answer = patch(server, path, 0, b"01234")
    assert (answer.status, answer.headers["Upload-Offset"]) == (204, "5")
    assert "Upload-Expires" in answer.headers
    assert patch(server, path, 5, b"56789").headers["Upload-Offset"] == "10"
    head = server.ask("HEAD", path, **TUS)
    assert head.headers["Upload-Length"] == "10"
    assert head.headers["Cache-Control"] == "no-store"
    assert head.headers["Upload-Metadata"] == f"filename {name}"
    assert stored(server, path) == b"0123456789"


def test_what_is_said_of_an_upload_is_said_back(server: Server) -> None:
    said = "is_draft,filename dGFsay5tcDQ=, filetype dmlkZW8vbXA0,course aGlzdG9yeQ=="
    path = create(server, 10, Upload_Metadata=said)
    assert server.ask("HEAD", path, **TUS).headers["Upload-Metadata"] == said
    assert "Upload-Metadata" not in server.ask("HEAD", create(server, 1), **TUS).headers
    answer = server.ask("POST", "/api/v1/uploads", b"", **TUS, Upload_Length="1",
                        Upload_Metadata="ad\xc4\xb1 YQ==")
    assert answer.status == 400, answer.body


@pytest.mark.parametrize(("change", "status"), [
    ({"Tus_Resumable": "0.2.2"}, 412),
    ({"Upload_Offset": "3"}, 409),
    ({"Upload_Offset": "-1"}, 400),
    ({"Upload_Offset": "x"}, 400),
    ({"Content_Type": "application/json"}, 415),
    ({"Upload_Checksum": "crc32 AAAA"}, 400),
    ({"Upload_Checksum": "sha1 " + base64.b64encode(bytes(20)).decode()}, 460),
])
def test_what_does_not_fit_changes_nothing(server: Server, change: dict, status: int) -> None:
    path = create(server, 10)
    answer = patch(server, path, 0, b"01234", **change)
    assert answer.status == status, answer.body
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    if status == 412:
        assert answer.headers["Tus-Version"] == "1.0.0"
    assert offset(server, path) == 0


def test_more_than_was_said_is_refused(server: Server) -> None:
    path = create(server, 4)
    assert patch(server, path, 0, b"01234").status == 413
    assert server.ask("POST", "/api/v1/uploads", b"", **TUS, Upload_Length=str(1 << 50)).status == 413


def test_a_sum_is_checked(server: Server) -> None:
    path = create(server, 5)
    sha1 = base64.b64encode(hashlib.sha1(b"01234").digest()).decode()
    assert patch(server, path, 0, b"01234", Upload_Checksum=f"sha1 {sha1}").status == 204


def test_a_creation_may_bring_bytes_along(server: Server) -> None:
    answer = server.ask("POST", "/api/v1/uploads", b"0123", **TUS, **BYTES, Upload_Length="10")
    assert (answer.status, answer.headers["Upload-Offset"]) == (201, "4")
    assert offset(server, answer.headers["Location"]) == 4


@pytest.mark.parametrize(("checksum", "status"), [
    ("sha1 " + base64.b64encode(hashlib.sha1(b"0123").digest()).decode(), 201),
    ("sha1 " + base64.b64encode(hashlib.sha1(b"0124").digest()).decode(), 460),
    ("crc32 AAAA", 400),
])
def test_bytes_of_a_creation_have_to_be_what_their_sum_says(
        server: Server, checksum: str, status: int) -> None:
    def files() -> set[Path]:
        return set((server.data / "uploads").glob("*"))

    before = files()
    said = {**TUS, **BYTES, "Upload_Length": "10", "Upload_Checksum": checksum,
            "Idempotency_Key": f"sum-{status}"}
    answer = server.ask("POST", "/api/v1/uploads", b"0123", **said)
    assert answer.status == status, answer.body
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    if status == 201:
        assert offset(server, answer.headers["Location"]) == 4
    else:
        assert files() == before
    if status == 460:  # What broke on its way may come again.
        assert server.ask("POST", "/api/v1/uploads", b"0124", **said).status == 201


def test_the_size_may_come_later(server: Server) -> None:
    path = create(server, Upload_Defer_Length="1")
    assert server.ask("HEAD", path, **TUS).headers["Upload-Defer-Length"] == "1"
    assert patch(server, path, 0, b"012").status == 204
    assert patch(server, path, 3, b"34", Upload_Length="5").status == 204
    assert server.ask("HEAD", path, **TUS).headers["Upload-Length"] == "5"
    assert server.ask("POST", "/api/v1/uploads", b"", **TUS).status == 400


def test_parts_become_one(server: Server) -> None:
    parts = [create(server, 3, Upload_Concat="partial") for _ in range(3)]
    for number, path in enumerate(parts):
        assert patch(server, path, 0, bytes([number]) * 3).status == 204
    concat = "final;" + server.url + " ".join(parts)
    final = create(server, Upload_Concat=concat, Upload_Metadata="filename cGFydGlhbA==")
    assert stored(server, final) == b"\0\0\0\1\1\1\2\2\2"
    head = server.ask("HEAD", final, **TUS).headers
    assert (head["Upload-Concat"], head["Upload-Metadata"]) == (concat, "filename cGFydGlhbA==")
    assert head["Upload-Offset"] == head["Upload-Length"] == "9"
    assert server.ask("HEAD", parts[0], **TUS).headers["Upload-Concat"] == "partial"
    for change in ({}, {"Upload_Offset": "9"}, {"Upload_Length": "12"}):
        answer = patch(server, final, 0, b"more", **change)
        assert answer.status == 403, answer.body
    assert stored(server, final) == b"\0\0\0\1\1\1\2\2\2"
    unfinished = create(server, 3, Upload_Concat="partial")
    answer = server.ask("POST", "/api/v1/uploads", b"", **TUS, Upload_Concat=f"final;{unfinished}")
    assert answer.status == 409


def test_one_that_is_given_up_is_gone(server: Server) -> None:
    path = create(server, 3)
    answer = server.ask("POST", path, b"", **TUS, X_HTTP_Method_Override="DELETE")
    assert answer.status == 204, answer.body
    assert server.ask("HEAD", path, **TUS).status == 404
    assert server.ask("HEAD", "/api/v1/uploads/nonsense", **TUS).status == 404
    assert patch(server, path, 0, b"x").status == 404


def test_two_at_once_do_not_mix(server: Server) -> None:
    path = create(server, 1_000_000)
    address = urlsplit(server.url)

    def begin_slowly() -> socket.socket:
        slow = socket.create_connection((address.hostname, address.port), timeout=10)
        slow.sendall(f"PATCH {path} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\n"
                     "Content-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\n"
                     "Content-Length: 1000000\r\n\r\nabc".encode())
        return slow

    slow = begin_slowly()
    end = time.monotonic() + 30
    while (status := patch(server, path, 0, b"").status) != 423:
        assert time.monotonic() < end, status
        if select.select([slow], [], [], 0.05)[0]:  # It came second, and was refused itself.
            slow.close()
            slow = begin_slowly()
    slow.close()
    end = time.monotonic() + 10
    while patch(server, path, offset(server, path), b"").status == 423:
        assert time.monotonic() < end


def test_connections_that_break_at_any_byte_lose_nothing(server: Server) -> None:
    chance = random.Random(7)
    content = chance.randbytes(3_000_000)
    path = create(server, len(content))
    address = urlsplit(server.url)
    here, breaks = 0, 0
    while here < len(content):
        with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
            connection.sendall(
                f"PATCH {path} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\n"
                f"Content-Type: application/offset+octet-stream\r\nUpload-Offset: {here}\r\n"
                f"Content-Length: {len(content) - here}\r\n\r\n".encode())
            connection.sendall(content[here:here + chance.randrange(1, 200_000)])
            breaks += 1
        end = time.monotonic() + 10
        while True:  # The server notices the break a moment later.
            probe = patch(server, path, offset(server, path), b"")
            if probe.status == 204:
                break
            assert probe.status in (409, 423) and time.monotonic() < end, probe.body
        now = int(probe.headers["Upload-Offset"])
        assert now >= here
        here = now
    assert breaks > 10
    assert stored(server, path) == content


def test_a_client_of_others_uploads(server: Server, tmp_path: Path) -> None:
    tusclient = pytest.importorskip(
        "tusclient.client", reason="tuspy is not in .deps/python: run tools/setup")
    file = tmp_path / "talk.bin"
    file.write_bytes(random.Random(8).randbytes(1_500_000))
    uploader = tusclient.TusClient(server.url + "/api/v1/uploads").uploader(
        str(file), chunk_size=400_000, metadata={"filename": "talk.bin"}, upload_checksum=True)
    uploader.upload()
    assert stored(server, uploader.url) == file.read_bytes()


def test_an_upload_survives_its_server(katip: Katip) -> None:
    with serving(katip, "--workers", "off") as server:
        path = create(server, 10)
        patch(server, path, 0, b"01234")
        server.process.kill()
        server.process.wait(timeout=10)
    with serving(katip, "--workers", "off") as server:
        assert offset(server, path) == 5
        assert patch(server, path, 5, b"56789").status == 204
        assert stored(server, path) == b"0123456789"


def test_many_upload_at_once(server: Server) -> None:
    errors = []

    def upload(number: int) -> None:
        content = bytes([number]) * 50_000
        path = create(server, len(content))
        for start in range(0, len(content), 10_000):
            if patch(server, path, start, content[start:start + 10_000]).status != 204:
                errors.append(number)
        if stored(server, path) != content:
            errors.append(number)

    threads = [threading.Thread(target=upload, args=(n,)) for n in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not errors


def test_a_form_may_bring_a_file_of_the_size_that_is_allowed(katip: Katip) -> None:
    """Fields and boundaries do not count for it; one byte more of the file does."""
    def ask(size: int) -> Answer:
        part = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
        body = (part.format("name", "") + "n" * 500 + "\r\n"
                + part.format("file", '; filename="talk.wav"')).encode()
        return server.ask("POST", "/api/v1/jobs", body + bytes(size) + b"\r\n--b--\r\n",
                          Content_Type="multipart/form-data; boundary=b")

    with serving(katip, "--workers", "off", KATIP_UPLOAD_MAX_MB="1") as server:
        assert ask(1 << 20).status == 202
        refused = ask((1 << 20) + 1)
        assert refused.status == 413
        assert "limit (1048576) exceeded" in refused.json()["error"]["message"]
        assert not list((server.data / "tmp").glob("form-*"))
        create = {"Upload_Length": str(1 << 20)}
        assert server.ask("POST", "/api/v1/uploads", b"", **TUS, **create).status == 201
        create = {"Upload_Length": str((1 << 20) + 1)}
        assert server.ask("POST", "/api/v1/uploads", b"", **TUS, **create).status == 413
