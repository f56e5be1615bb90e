"""A line that can go dead without closing, as behind a NAT box that forgot it."""

from __future__ import annotations

import select
import socket
import threading
from types import TracebackType


class HalfOpen:
    """Passes bytes both ways until `freeze`; frozen lines stay open and silent, later ones work again."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._ear = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._ear.getsockname()[1])
        self._frozen: set[int] = set()
        self._made: list[socket.socket] = []
        self._count = 0

    def __enter__(self) -> HalfOpen:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ear.close()
        for each in self._made:
            each.close()

    def freeze(self) -> None:
        """Every line there is falls silent."""
        self._frozen.update(range(self._count))

    @property
    def lines(self) -> int:
        """How many lines were ever made."""
        return self._count

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._ear.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._to))
            self._made += [near, far]
            threading.Thread(target=self._pass, args=(near, far, self._count), daemon=True).start()
            self._count += 1

    def _pass(self, near: socket.socket, far: socket.socket, number: int) -> None:
        try:
            while number not in self._frozen:
                ready, _, _ = select.select([near, far], [], [], 0.02)
                for each in ready:
                    data = each.recv(65536)
                    if not data:
                        return
                    # What was read while the line froze is lost with it.
                    if number not in self._frozen:
                        (far if each is near else near).sendall(data)
        except (OSError, ValueError):
            return  # closed by one of the ends
