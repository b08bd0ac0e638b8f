"""Tests of the driver's side of the worker protocol, against workers written out here."""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path

from worker import Worker, WorkerError

ECHO = """
import json, sys, time
for line in sys.stdin:
    files = json.loads(line)["files"]
    end = time.process_time() + 0.3
    while time.process_time() < end:
        pass
    ballast = bytearray(64 << 20)
    results = [{"file": file, "text": file.upper(), "segments": []} for file in files]
    print(json.dumps({"seconds": 0.3, "cpu_seconds": 0.3, "results": results}), flush=True)
"""
CHILD = """
import json, subprocess, sys
for line in sys.stdin:
    subprocess.run([sys.executable, "-c", "x = bytearray(96 << 20); import time; t = 0\\n"
                    "while time.process_time() < 0.4: pass"])
    results = [{"file": file, "text": "", "segments": []} for file in json.loads(line)["files"]]
    print(json.dumps({"results": results}), flush=True)
"""


class WorkerProtocol(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = Path(folder.name) / "worker.log"

    def start(self, program: str, timeout_seconds: float = 20.0) -> Worker:
        worker = Worker("test", [sys.executable, "-c", program], self.log, timeout_seconds)
        self.addCleanup(worker.stop)
        return worker

    def test_time_and_memory_are_the_workers_own(self) -> None:
        worker = self.start(ECHO)
        answer = worker.transcribe(["a", "b"], {})
        self.assertEqual([one["text"] for one in answer.results], ["A", "B"])
        self.assertGreaterEqual(answer.seconds, 0.3)
        self.assertAlmostEqual(answer.cpu_seconds, 0.3, delta=0.2)
        self.assertGreater(worker.peak_bytes(), 64 << 20)

    def test_what_a_child_process_uses_counts_too(self) -> None:
        worker = self.start(CHILD)
        answer = worker.transcribe(["a"], {})
        self.assertGreater(answer.cpu_seconds, 0.3)
        self.assertGreater(worker.peak_bytes(), 96 << 20)

    def test_a_worker_that_dies_is_reported_with_its_last_words(self) -> None:
        worker = self.start("import sys; sys.stdin.readline(); sys.exit('no model here')")
        with self.assertRaisesRegex(WorkerError, "(?s)ended without an answer.*no model here"):
            worker.transcribe(["a"], {})

    def test_an_error_answer_is_an_error(self) -> None:
        worker = self.start('input(); print(\'{"error": "bad file"}\', flush=True); input()')
        with self.assertRaisesRegex(WorkerError, "bad file"):
            worker.transcribe(["a"], {})

    def test_silence_ends_at_the_time_limit(self) -> None:
        worker = self.start("import time; time.sleep(5)", timeout_seconds=0.2)
        with self.assertRaisesRegex(WorkerError, "no answer"):
            worker.transcribe(["a"], {})

    def test_an_answer_for_another_file_is_refused(self) -> None:
        worker = self.start('input(); print(\'{"results": [{"file": "b"}]}\', flush=True); input()')
        with self.assertRaisesRegex(WorkerError, "other files"):
            worker.transcribe(["a"], {})


if __name__ == "__main__":
    unittest.main()
