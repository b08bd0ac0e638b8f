"""A proxy that cuts connections in the middle of what a client sends, drawn by chance from a seed."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
from urllib.parse import urlsplit

PIECE = 64 << 10


class CuttingProxy:
    """Hands on bytes to a server and back. Each of the first `cut_max` connections is cut after 1 to
    `size_max` bytes of the client's, half of them with a reset."""

    def __init__(self, url: str, seed: int, size_max: int, cut_max: int = 1 << 30) -> None:
        self.chance = random.Random(seed)
        self.size_max = size_max
        self.cut_max = cut_max
        self.cut_count = 0
        self.connection_count = 0
        address = urlsplit(url)
        self.server = (address.hostname, address.port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self) -> None:
        self.listener.close()

    def accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connection_count += 1
            is_cut = self.connection_count <= self.cut_max
            limit = self.chance.randint(1, self.size_max) if is_cut else None
            is_reset = self.chance.random() < 0.5
            threading.Thread(
                target=self.serve, args=(client, limit, is_reset), daemon=True).start()

    def serve(self, client: socket.socket, limit: int | None, is_reset: bool) -> None:
        with contextlib.suppress(OSError), client, socket.create_connection(self.server) as server:
            back = threading.Thread(target=hand_on, args=(server, client), daemon=True)
            back.start()
            while limit is None or limit > 0:
                piece = client.recv(PIECE if limit is None else min(PIECE, limit))
                if not piece:
                    with contextlib.suppress(OSError):
                        server.shutdown(socket.SHUT_WR)
                    back.join()
                    return
                server.sendall(piece)
                if limit is not None:
                    limit -= len(piece)
            self.cut_count += 1
            if is_reset:
                linger = struct.pack("ii", 1, 0)
                for side in (client, server):
                    side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            for side in (client, server):  # The other thread waits in one of them.
                with contextlib.suppress(OSError):
                    side.shutdown(socket.SHUT_RD if is_reset else socket.SHUT_RDWR)


def hand_on(server: socket.socket, client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := server.recv(PIECE):
            client.sendall(piece)
        client.shutdown(socket.SHUT_WR)
