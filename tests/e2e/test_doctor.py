"""katip doctor on a good machine and on one where something is missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from conftest import Katip


def test_a_good_machine_is_healthy(katip: Katip, model: Path) -> None:
    done = katip("doctor", "--json")
    assert done.returncode == 0, done.stdout
    report = json.loads(done.stdout)
    assert report["healthy"] is True
    checks = {check["name"]: check for check in report["checks"]}
    assert set(checks) == {"cpu", "memory", "model", "speech detector", "decoder", "disk",
                           "data folder"}
    assert "decodes a test tone in its sandbox" in checks["decoder"]["finding"]


def test_a_missing_model_says_what_to_run(katip: Katip) -> None:
    done = katip("doctor", "--model", "large-v2")
    assert done.returncode == 1
    assert "katip models pull large-v2" in done.stdout


def test_a_missing_decoder_is_found(katip: Katip, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy2(katip.program, alone / "katip")
    done = Katip(alone / "katip", katip.home)("doctor", "--json")
    assert done.returncode == 1
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert checks["decoder"]["health"] == "bad"
    assert checks["decoder"]["advice"]


def test_a_data_folder_that_cannot_be_written_is_found(katip: Katip) -> None:
    done = katip("doctor", "--json", "--data", "/proc/katip")
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert checks["data folder"]["health"] == "bad"
    assert done.returncode == 1


def test_a_data_folder_that_cannot_be_made_is_named(katip: Katip) -> None:
    done = katip("doctor", env={"KATIP_DATA": "/proc/nowhere/katip"})
    assert done.returncode == 1
    assert "cannot write into /proc" in done.stdout
    assert "set KATIP_DATA to another one" in done.stdout
