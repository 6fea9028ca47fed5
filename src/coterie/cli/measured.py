"""Numbers of several processes: a folder they share while ``coterie serve`` runs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from coterie.app import World

Noted = Callable[[int], object]


@contextmanager
def counting_together(world: World, metrics_at: tuple[str, int] | None) -> Iterator[Noted]:
    """Let the processes that start here count together, and give the numbers at an address.

    Gives what is to be told when one of them died. An address that is taken is a usage error.
    """
    with tempfile.TemporaryDirectory(prefix="coterie-metrics-") as folder:
        # Before the library is imported, here and in every process: it asks only then.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        from prometheus_client import CollectorRegistry, start_http_server
        from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

        from coterie.api.measuring import InDatabase

        if metrics_at is not None:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            registry.register(InDatabase(world.storage.connect))
            try:
                server, thread = start_http_server(metrics_at[1], metrics_at[0], registry)
            except OSError as trouble:
                message = f"Cannot give numbers at {metrics_at[0]} port {metrics_at[1]}: {trouble}."
                raise click.UsageError(message) from trouble
            host, port = server.server_address[:2]
            click.echo(f"Numbers for Prometheus at http://{host!s}:{port}/metrics")
        yield mark_process_dead
        if metrics_at is not None:
            server.shutdown()
            server.server_close()
            thread.join()
