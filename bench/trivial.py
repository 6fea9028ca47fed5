"""A server that does nothing, to see what the load generator itself costs."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

_ANSWER = b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


class _Answering(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's own class; it is one, but not by inheritance.
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        del data
        self.transport.write(_ANSWER)


def _serve(sock: socket.socket) -> None:
    import uvloop  # noqa: PLC0415 - in the child only

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(_Answering, sock=sock)
        await server.serve_forever()

    uvloop.run(main())


@contextmanager
def serving() -> Iterator[int]:
    """Run it in a process of its own; give its port."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(256)
        process = multiprocessing.get_context("fork").Process(target=_serve, args=(sock,))
        process.start()
        try:
            yield sock.getsockname()[1]
        finally:
            process.terminate()
            process.join()
