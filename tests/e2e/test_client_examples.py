"""What the official clients say of themselves: the examples of their own pages run unchanged against
`katip serve` on an empty folder, and the ways to give a file and to take an answer that they describe.

Only OPENAI_BASE_URL and OPENAI_API_KEY name the server. Examples are taken out of the installed
packages when the tests run.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import io
import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import REPOSITORY, SPEECH, Katip, program
from cutting_proxy import CuttingProxy
from loopback import free_port
from server import Server, serving
from test_node_clients import MODULES, NODE, run
from test_outside import LOOPBACK, Receiver

openai = pytest.importorskip(
    "openai", reason="the client openai is not in .deps/python: run tools/setup")
httpx = pytest.importorskip("httpx2", reason="httpx2 is not in .deps/python: run tools/setup")

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LANGUAGE = {"model": "gpt-4o-transcribe", "language": "en"}


@pytest.fixture
def client(server: Server, monkeypatch: pytest.MonkeyPatch) -> openai.OpenAI:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "any")
    return openai.OpenAI()


def blocks(text: str, languages: tuple[str, ...], wanted: str) -> list[str]:
    found = [code for language, code in BLOCK.findall(text)
             if language in languages and wanted in code]
    assert found, f"the client's page has no example with {wanted} any more: look for another"
    return found


def python_page() -> str:
    return importlib.metadata.metadata("openai").get_payload()


def run_with_address(server: Server, folder: Path, *command: str | Path) -> str:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(folder),
             "PYTHONPATH": str(REPOSITORY / ".deps/python"),
             "OPENAI_BASE_URL": server.url + "/v1", "OPENAI_API_KEY": "any"})
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_python(server: Server, folder: Path, code: str) -> str:
    (folder / "example.py").write_text(code)
    return run_with_address(server, folder, sys.executable, "example.py")


def test_the_audio_examples_of_the_python_client_run_unchanged(
        server: Server, tmp_path: Path) -> None:
    for example in blocks(python_page(), ("python", "py"), "client.audio.transcriptions"):
        before = textwrap.dedent(f"""
            from openai import OpenAI
            client = OpenAI()
            audio_bytes = open({str(SPEECH)!r}, "rb").read()
            """)
        said = run_python(server, tmp_path, before + example + "\nprint(transcription.text)\n")
        assert "Dashwood" in said


def test_the_error_examples_of_the_clients_run_unchanged(server: Server, tmp_path: Path) -> None:
    """They ask for what katip has not: it is a 404 that each client knows as one."""
    for example in blocks(python_page(), ("python", "py"), "openai.APIStatusError as e:"):
        assert "\n404\n" in run_python(server, tmp_path, example)
    if not NODE.exists() or not MODULES.is_dir():
        pytest.skip("Node and its clients are not in .deps: run tools/setup")
    page = (MODULES / "openai/README.md").read_text()
    (tmp_path / "node_modules").symlink_to(MODULES)
    for example in blocks(page, ("ts", "js"), "err instanceof OpenAI.APIError"):
        (tmp_path / "example.mjs").write_text(
            'import OpenAI from "openai";\nconst client = new OpenAI();\n' + example)
        said = run_with_address(server, tmp_path, NODE, "example.mjs")
        assert "\n404\n" in said


def test_a_file_comes_in_every_shape(client: openai.OpenAI) -> None:
    named = io.BytesIO(SPEECH.read_bytes())
    named.name = "talk.wav"
    shapes = {
        "path": SPEECH,
        "bytes": SPEECH.read_bytes(),
        "memory": io.BytesIO(SPEECH.read_bytes()),
        "named memory": named,
        "name and bytes": ("talk.wav", SPEECH.read_bytes()),
        "name, memory and type": ("talk.wav", io.BytesIO(SPEECH.read_bytes()), "audio/wav"),
        "name and path": ("talk.wav", SPEECH),
    }
    texts = {name: client.audio.transcriptions.create(file=shape, **LANGUAGE).text
             for name, shape in shapes.items()}
    with SPEECH.open("rb") as file:
        texts["file"] = client.audio.transcriptions.create(file=file, **LANGUAGE).text
    assert "Dashwood" in texts["file"]
    assert set(texts.values()) == {texts["file"]}, texts


def test_the_asynchronous_client_does_the_same(client: openai.OpenAI) -> None:
    async def ask() -> tuple[list[str], str, str]:
        async with openai.AsyncOpenAI() as each:
            done = await asyncio.gather(*(
                each.audio.transcriptions.create(file=SPEECH, **LANGUAGE) for _ in range(4)))
            stream = await each.audio.transcriptions.create(file=SPEECH, stream=True, **LANGUAGE)
            deltas = [event.delta async for event in stream
                      if event.type == "transcript.text.delta"]
            english = await each.audio.translations.create(file=SPEECH, model="whisper-1")
            return [one.text for one in done], "".join(deltas), english.text

    texts, streamed, english = asyncio.run(ask())
    assert set(texts) == {streamed}
    assert "Dashwood" in streamed and english
    assert client.models.retrieve("whisper-1").id == "whisper-1"


def test_raw_answers_have_their_heads(client: openai.OpenAI) -> None:
    create = client.audio.transcriptions.with_raw_response.create
    raw = create(file=SPEECH, **LANGUAGE)
    assert raw.http_response.status_code == 200
    assert raw.headers["content-type"].startswith("application/json")
    assert raw.request_id == raw.headers["x-request-id"]
    text = raw.parse().text
    assert "Dashwood" in text
    plain = create(file=SPEECH, response_format="text", **LANGUAGE)
    assert plain.headers["content-type"].startswith("text/plain")
    assert plain.parse() == text + "\n"
    events = create(file=SPEECH, stream=True, **LANGUAGE)
    assert events.headers["content-type"].startswith("text/event-stream")
    assert [event.text for event in events.parse() if event.type == "transcript.text.done"] == [text]


def test_streamed_answers_are_read_line_by_line(client: openai.OpenAI) -> None:
    create = client.audio.transcriptions.with_streaming_response.create
    with create(file=SPEECH, response_format="srt", **LANGUAGE) as response:
        lines = list(response.iter_lines())
    assert lines[0] == "1" and "-->" in lines[1]
    with create(file=SPEECH, stream=True, **LANGUAGE) as response:
        data = [line for line in response.iter_lines() if line]
    assert all(line.startswith("data: ") for line in data)
    assert data[-1] == "data: [DONE]"
    assert json.loads(data[-2].removeprefix("data: "))["type"] == "transcript.text.done"


def test_timeouts_come_in_every_shape(client: openai.OpenAI) -> None:
    assert client.with_options(
        timeout=httpx.Timeout(60.0, read=50.0, write=10.0, connect=2.0)
    ).audio.transcriptions.create(file=SPEECH, **LANGUAGE).text
    hasty = client.with_options(timeout=0.001, max_retries=0)
    with pytest.raises(openai.APITimeoutError):
        hasty.audio.transcriptions.create(file=SPEECH, **LANGUAGE)
    with pytest.raises(openai.APITimeoutError):
        client.with_options(max_retries=0).audio.transcriptions.create(
            file=SPEECH, timeout=0.001, **LANGUAGE)


def test_what_a_broken_connection_lost_is_sent_again(
        server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = CuttingProxy(server.url, seed=3, size_max=SPEECH.stat().st_size, cut_max=2)
    monkeypatch.setenv("OPENAI_BASE_URL", proxy.url + "/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "any")
    with openai.OpenAI(max_retries=0) as once, pytest.raises(openai.APIConnectionError):
        once.audio.transcriptions.create(file=SPEECH.read_bytes(), **LANGUAGE)
    assert proxy.cut_count == 1
    with openai.OpenAI() as usual:  # Which tries three times.
        assert "Dashwood" in usual.audio.transcriptions.create(
            file=SPEECH.read_bytes(), **LANGUAGE).text
    assert (proxy.cut_count, proxy.connection_count) == (2, 3)
    proxy.close()


def test_files_come_in_every_shape_of_the_node_client(server: Server) -> None:
    far = Receiver()
    far.files["/talk.wav"] = SPEECH.read_bytes()
    result = run("shapes.mjs", str(SPEECH), far.url + "/talk.wav",
                 OPENAI_BASE_URL=server.url + "/v1", OPENAI_API_KEY="any")
    far.server.shutdown()
    text = result["texts"]["stream"]
    assert "Dashwood" in text
    assert set(result["texts"].values()) == {text}, result["texts"]
    assert len(result["texts"]) == 6
    assert result["raw"]["status"] == 200
    assert result["raw"]["type"].startswith("application/json")
    assert result["raw"]["body"]["text"] == result["both"]["text"] == text
    assert result["both"]["id"]
    assert result["timeout"] == "APIConnectionTimeoutError"
    assert result["aborted"] == "APIUserAbortError"


# --- Errors ---------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    """A server with accounts and small limits, without workers; its keys by what they may."""
    katip = Katip(program(), tmp_path_factory.mktemp("strict"))
    keys = {}
    for name, options in {"all": ("--scopes", "all"), "some": ("--scopes", "transcribe"),
                          "few": ("--scopes", "transcribe", "--rate-limit", "2")}.items():
        done = katip("key", "create", "--name", name, *options, "--json")
        assert done.returncode == 0, done.stderr
        keys[name] = json.loads(done.stdout)["key"]
    with serving(katip, "--workers", "off", KATIP_UPLOAD_MAX_MB="1", **LOOPBACK) as server:
        yield server, keys


def test_each_error_has_its_class(strict: tuple[Server, dict[str, str]]) -> None:
    server, keys = strict

    def as_key(key: str) -> openai.OpenAI:
        return openai.OpenAI(base_url=server.url + "/v1", api_key=key, max_retries=0)

    def code_of(kind: type[openai.APIStatusError], call) -> openai.APIStatusError:
        with pytest.raises(kind) as caught:
            call()
        error = caught.value
        assert error.request_id == error.response.headers["x-request-id"]
        assert set(error.response.json()["error"]) >= {"message", "type", "param", "code"}
        return error

    boss, some, few = as_key(keys["all"]), as_key(keys["some"]), as_key(keys["few"])
    code_of(openai.AuthenticationError, lambda: as_key("kp_wrong").models.list())
    code_of(openai.PermissionDeniedError, lambda: some.models.delete("spare"))
    code_of(openai.NotFoundError, lambda: some.models.retrieve("none"))
    in_use = code_of(openai.ConflictError, lambda: boss.models.delete("base"))
    assert in_use.response.headers["x-should-retry"] == "false"
    wrong = code_of(openai.BadRequestError, lambda: some.audio.transcriptions.create(
        file=b"x", model="whisper-1", temperature=7))
    assert (wrong.param, wrong.type) == ("temperature", "invalid_request_error")
    large = code_of(openai.APIStatusError, lambda: some.audio.transcriptions.create(
        file=bytes((1 << 20) + 1), model="whisper-1"))
    assert large.status_code == 413
    assert "Maximum content size limit (1048576) exceeded" in large.message
    for _ in range(2):
        few.models.list()
    limited = code_of(openai.RateLimitError, lambda: few.models.list())
    assert 1 <= int(limited.response.headers["retry-after"]) <= 120
    nobody = openai.OpenAI(base_url=f"http://127.0.0.1:{free_port()}/v1", api_key="any",
                           max_retries=0)
    with pytest.raises(openai.APIConnectionError):
        nobody.models.list()
