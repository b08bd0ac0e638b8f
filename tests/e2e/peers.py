"""Python packages of others that katip is tried with, in the versions of tools/versions.env.

pip installs them beside the program on the first use. Without a package index the tests that want
one are skipped, and say so.
"""

from __future__ import annotations

import fcntl
import re
import subprocess
import sys

import pytest
from conftest import REPOSITORY, program


def version_of(package: str) -> str:
    text = (REPOSITORY / "tools" / "versions.env").read_text()
    found = re.search(rf"^{package.upper()}_VERSION=(\S+)$", text, re.MULTILINE)
    assert found, f"tools/versions.env has no {package.upper()}_VERSION"
    return found.group(1)


def use(package: str) -> None:
    """Makes `import package` give the pinned version."""
    version = version_of(package)
    folder = program().parent / "peers" / f"{package}-{version}"
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            done = subprocess.run(
                [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder,
                 f"{package}=={version}"], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                pytest.skip(f"pip cannot install {package} {version}: {done.stderr[-300:]}")
            (folder / "complete").touch()
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


