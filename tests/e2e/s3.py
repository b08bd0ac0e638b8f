"""A real S3 server of the tests' own: versitygw, which tools/setup_s3_server builds."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conftest import REPOSITORY
from loopback import free_port

PROGRAM = REPOSITORY / ".deps/s3_server/versitygw"
BUCKET = "katip-test"


@dataclass
class S3Server:
    port: int
    folder: Path  # Objects are files in it.
    process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        return {"STORAGE_URL": f"s3://{BUCKET}/katip", "STORAGE_ACCESS_KEY": "katipkey",
                "STORAGE_ENDPOINT": f"127.0.0.1:{self.port}", "STORAGE_SECURE": "false",
                "STORAGE_SECRET_KEY": "katipsecret", "NO_PROXY": "127.0.0.1"}

    def keys(self) -> list[str]:
        root = self.folder / BUCKET
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()
                      and ".sgwtmp" not in path.parts)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [PROGRAM, "--port", f"127.0.0.1:{self.port}", "posix", self.folder],
            env={**os.environ, "ROOT_ACCESS_KEY": "katipkey", "ROOT_SECRET_KEY": "katipsecret"},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), \
                    socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise AssertionError("the S3 server does not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=60)
            self.process = None


@contextlib.contextmanager
def s3_server() -> Iterator[S3Server]:
    with tempfile.TemporaryDirectory(prefix="katip-s3-") as folder:
        (Path(folder) / BUCKET).mkdir()
        server = S3Server(free_port(), Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
