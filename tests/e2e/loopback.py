"""Ports of the loopback for servers that tests start."""

from __future__ import annotations

import socket


def free_port() -> int:
    """Free now: somebody else may take it until the server does."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
