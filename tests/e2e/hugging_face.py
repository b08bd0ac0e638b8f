"""A local server with the paths of Hugging Face, which breaks connections when it is told to."""

from __future__ import annotations

import hashlib
import json
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


class HuggingFace:
    """Serves one repository. Use it as a context; `url` is what HF_ENDPOINT becomes."""

    def __init__(self, repository: str, files: dict[str, bytes]) -> None:
        self.repository = repository
        self.files = files
        self.large = {name for name, content in files.items() if len(content) > 4096}
        self.cut_chance = 0.0        # Of breaking a file off somewhere.
        self.has_tree = True         # The list of files; some mirrors have none.
        self.has_range = True
        self.token: str | None = None
        self.corrupt: str | None = None   # This file comes with one byte changed.
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.cuts = 0
        self.bytes_sent = 0
        self._random = random.Random(7)
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # noqa: N802
                outer.answer(self, with_body=True)

            def do_HEAD(self) -> None:  # noqa: N802
                outer.answer(self, with_body=False)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> HuggingFace:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler, *, with_body: bool) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            self.requests.append((f"{handler.command} {handler.path}", headers))
        tree = f"/api/models/{self.repository}/tree/main"
        resolve = f"/{self.repository}/resolve/main/"
        if self.token and not handler.path.startswith("/cdn/") and (
                headers.get("authorization") != f"Bearer {self.token}"):
            self._send(handler, 401, {}, b"", with_body)
        elif handler.path == tree and self.has_tree:
            self._send(handler, 200, {"Content-Type": "application/json"}, self._tree(), with_body)
        elif handler.path.startswith(resolve) and handler.path[len(resolve):] in self.files:
            self._resolve(handler, handler.path[len(resolve):], headers, with_body)
        elif handler.path.startswith("/cdn/"):
            self._file(handler, handler.path[5:], headers, with_body)
        else:
            self._send(handler, 404, {}, b"not found", with_body)

    def _tree(self) -> bytes:
        entries = [{"type": "directory", "path": "onnx", "size": 0, "oid": "0"}]
        for name, content in self.files.items():
            entry: dict[str, object] = {
                "type": "file", "path": name, "size": len(content), "oid": "0"}
            if name in self.large:
                entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content)}
            entries.append(entry)
        return json.dumps(entries).encode()

    def _resolve(self, handler: BaseHTTPRequestHandler, name: str, headers: dict[str, str],
                 with_body: bool) -> None:
        """Big files are elsewhere; the way there knows their sums."""
        if name not in self.large:
            self._file(handler, name, headers, with_body)
            return
        sum_ = hashlib.sha256(self.files[name]).hexdigest()
        self._send(handler, 302, {
            "Location": f"/cdn/{name}", "X-Linked-Etag": f'"{sum_}"',
            "X-Linked-Size": str(len(self.files[name]))}, b"moved", with_body)

    def _file(self, handler: BaseHTTPRequestHandler, name: str, headers: dict[str, str],
              with_body: bool) -> None:
        content = self.files[name]
        etag = f'"{hashlib.md5(content).hexdigest()}"'
        if name == self.corrupt:
            content = content[:100] + bytes([content[100] ^ 1]) + content[101:]
        start, status = 0, 200
        extra = {"ETag": etag, "Accept-Ranges": "bytes"}
        if "range" in headers and self.has_range and headers.get("if-range", etag) == etag:
            start, status = int(headers["range"].removeprefix("bytes=").removesuffix("-")), 206
            if start >= len(content):
                self._send(handler, 416, {}, b"", with_body)
                return
            extra["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._send(handler, status, extra, content[start:], with_body, may_cut=True)

    def _send(self, handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str],
              body: bytes, with_body: bool, *, may_cut: bool = False) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if not with_body:
            return
        with self._lock:
            cut = may_cut and len(body) > 1 and self._random.random() < self.cut_chance
            if cut:
                self.cuts += 1
                body = body[:self._random.randrange(1, len(body))]
            self.bytes_sent += len(body)
        handler.wfile.write(body)
        handler.wfile.flush()
        if cut:
            handler.close_connection = True
            handler.connection.close()
