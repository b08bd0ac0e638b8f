"""A PostgreSQL server of the tests' own, on a free port of the loopback, gone when they end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from loopback import free_port


def programs() -> Path | None:
    """The folder of initdb and postgres; Debian keeps it out of PATH, the newest version counts."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"),
                   key=lambda path: int(path.parts[-3]))
    usual = shutil.which("initdb")
    return found[-1].parent if found else Path(usual).parent if usual else None


class PostgresServer:
    """PostgreSQL does not run as root: then it is run as the user postgres."""

    def __init__(self, folder: Path) -> None:
        self.programs = folder
        self.home = Path(tempfile.mkdtemp(prefix="katip-postgres-"))
        self.who: dict[str, object] = {}
        if os.geteuid() == 0:
            shutil.chown(self.home, "postgres", "postgres")
            self.who = {"user": "postgres", "group": "postgres", "extra_groups": []}
        data = self.home / "data"
        subprocess.run([folder / "initdb", "-D", data, "-U", "katip", "--auth=trust", "-E", "UTF8",
                        "--no-sync"], check=True, capture_output=True, cwd="/", **self.who)
        self.port = free_port()
        self.process = subprocess.Popen(
            [folder / "postgres", "-D", data, "-p", str(self.port), "-c", "fsync=off",
             "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd="/", **self.who)
        self.count = 0

    def url(self, database: str) -> str:
        return f"postgresql://katip@127.0.0.1:{self.port}/{database}"

    def psql(self, database: str, sql: str) -> str:
        """What it prints: a line for each row, tabs between values."""
        done = subprocess.run(
            [self.programs / "psql", "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1",
             self.url(database)], input=sql, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def create_database(self) -> str:
        self.count += 1
        name = f"test_{self.count}"
        self.psql("postgres", f"create database {name}")
        return name

    def wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            done = subprocess.run([self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p",
                                   str(self.port)], check=False)
            if done.returncode == 0:
                return
            time.sleep(0.05)
        raise AssertionError("PostgreSQL does not start")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=60)
        shutil.rmtree(self.home)
