"""Transcription by another server: a second katip, and one that is not well."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import SPEECH, Katip, program, read_aloud
from server import Server, serving


@pytest.fixture(scope="module")
def provider(server: Server) -> Server:
    return server


def remote(url: str, **more: str) -> dict[str, str]:
    return {"KATIP_MODEL": "remote:whisper-1", "KATIP_REMOTE_BASE_URL": url + "/v1",
            "KATIP_REMOTE_API_KEY": "sk-for-the-test", **more}


def test_a_recording_is_transcribed_by_another_katip(katip: Katip, provider: Server) -> None:
    there = katip("transcribe", "--language", "en", SPEECH, env={
        "KATIP_MODELS": str(program().parent / "models")})
    here = katip("transcribe", "--language", "en", SPEECH, env=remote(provider.url))
    assert here.returncode == 0, here.stderr
    assert here.stdout == there.stdout


def test_a_long_one_goes_in_parts_with_its_times(
        katip: Katip, provider: Server, tmp_path: Path) -> None:
    long = read_aloud(tmp_path / "long.wav", 35)
    done = katip("transcribe", "--json", "--words", "--language", "en", long,
                 env=remote(provider.url, KATIP_REMOTE_PART_S_MAX="10"))
    assert done.returncode == 0, done.stderr
    transcript = json.loads(done.stdout.splitlines()[0])["transcript"]
    starts = [segment["start"] for segment in transcript["segments"]]
    assert starts == sorted(starts)
    assert starts[-1] > 25
    words = [word["start"] for word in transcript["words"]]
    assert len(words) > 80
    assert words == sorted(words)


def test_a_server_can_stand_in_front_of_another(
        katip: Katip, provider: Server) -> None:
    with serving(katip, **remote(provider.url)) as front:
        sound = SPEECH.read_bytes()
        boundary = "katip-test"
        form = (f"--{boundary}\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n"
                f"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; "
                f"filename=\"a.wav\"\r\n\r\n").encode() + sound + f"\r\n--{boundary}--\r\n".encode()
        answer = front.ask("POST", "/v1/audio/transcriptions", form,
                           Content_Type=f"multipart/form-data; boundary={boundary}")
        assert answer.status == 200, answer.body
        assert len(answer.json()["text"]) > 20


class Broken(BaseHTTPRequestHandler):
    status = 401

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"error": {"message": f"wrong: {self.headers['Authorization']}",
                                     "type": "x", "param": None, "code": None}}).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_a_wrong_key_is_said_and_not_shown(katip: Katip) -> None:
    if not SPEECH.exists():
        pytest.skip("pocketsphinx-testdata is not installed")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Broken)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    done = katip("transcribe", SPEECH, env=remote(f"http://127.0.0.1:{server.server_port}"))
    server.shutdown()
    assert done.returncode == 1
    assert "remote.api_key" in done.stderr
    assert "sk-for-the-test" not in done.stderr + done.stdout
