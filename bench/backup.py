"""How long a backup of a large SQLite database takes, and its restore.

    python3 bench/backup.py --size-gb 10 --folder /mnt/disk

Fills katip's own tables with transcripts (words of a fixed vocabulary, so that they compress about
as text does), then runs `katip backup create`, `verify` and `restore`, and tells the wall-clock
time of each.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


def katip(program: Path, home: Path, *words: str) -> tuple[float, str]:
    """Its seconds and what it printed."""
    begin = time.monotonic()
    done = subprocess.run([program, *words], env={"PATH": os.environ["PATH"], "HOME": str(home)},
                          cwd=home, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"katip {' '.join(words)}: {done.stderr}")
    return time.monotonic() - begin, done.stdout


def fill(database: Path, size: int) -> int:
    """Rows until the file has this size; how many."""
    words = [f"kelime{number}" for number in range(20_000)]
    chance = random.Random(1)
    connection = sqlite3.connect(database)
    connection.execute("pragma synchronous = off")
    row_count = 0
    while database.stat().st_size < size:
        rows = []
        for _ in range(200):
            row_count += 1
            text = " ".join(chance.choices(words, k=1_500))
            rows.append((f"019a0000-0000-7000-8000-{row_count:012d}", f"job_{row_count}",
                         json.dumps({"segments": [{"text": text}]}), text))
        connection.executemany(
            "insert into jobs (id, job_id, status, kind, progress, transcript, text,"
            " completed_at)"
            " values (?, ?, 'completed', 'transcription', 1, ?, ?,"
            " strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))", rows)
        connection.commit()
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    return row_count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size-gb", type=float, default=1)
    parser.add_argument("--folder", type=Path, required=True,
                        help="has room for five times the size")
    parser.add_argument("--program", type=Path, default=REPOSITORY / "build/release/katip")
    options = parser.parse_args()
    home = options.folder / "katip-backup-bench"
    home.mkdir(parents=True)
    try:
        katip(options.program, home, "user", "list", "--json")  # Makes the database.
        database = home / ".local/share/katip/katip.db"
        begin = time.monotonic()
        row_count = fill(database, int(options.size_gb * 1e9))
        print(f"filled: {database.stat().st_size / 1e9:.2f} GB, {row_count} jobs, "
              f"{time.monotonic() - begin:.0f} s", flush=True)
        seconds, text = katip(options.program, home, "backup", "create", "--json")
        made = json.loads(text)
        print(f"create with its verification: {seconds:.1f} s, {made['size'] / 1e9:.2f} GB packed",
              flush=True)
        seconds, _ = katip(options.program, home, "backup", "verify", made["name"])
        print(f"verify: {seconds:.1f} s", flush=True)
        seconds, _ = katip(options.program, home, "backup", "restore", made["name"],
                           "--no-safety-backup")
        print(f"restore with its verification: {seconds:.1f} s", flush=True)
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
