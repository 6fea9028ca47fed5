"""``coterie serve`` and ``coterie worker``."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING

import click

from coterie.cli.logs import write_log

if TYPE_CHECKING:
    from coterie.app import World
    from coterie.storage import Connection

log = logging.getLogger(__name__)

COUNT_EVERY_S = 5.0
"""Between two looks at versions that wait to be counted."""
JOBS_EVERY_S = 1.0
"""Between two looks at jobs that wait."""
KEEP_ALIVE_S = 75
"""Longer than the usual 60 seconds of a proxy: whoever reuses connections should close them."""
FINISH_S = 30
PROCESSES_MAX = 64


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen at; 0 lets the system choose.",
)
@click.option(
    "--processes",
    type=click.IntRange(1, PROCESSES_MAX),
    default=1,
    show_default=True,
    help="How many processes answer calls.",
)
@click.option(
    "--worker/--no-worker",
    "with_worker",
    default=True,
    show_default=True,
    help="Also run a worker that decides what falls due.",
)
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65535),
    help="Also give numbers for Prometheus at this port, without a key.",
)
@click.option(
    "--metrics-host",
    default="127.0.0.1",
    show_default=True,
    help="Address for --metrics-port.",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    envvar="COTERIE_LOG_FORMAT",
    default="text",
    show_default=True,
    help="How the log is written; otherwise COTERIE_LOG_FORMAT.",
)
@click.option("--log-requests", is_flag=True, help="Write a line for every request.")
def serve(
    *,
    host: str,
    port: int,
    processes: int,
    with_worker: bool,
    metrics_port: int | None,
    metrics_host: str,
    log_format: str,
    log_requests: bool,
) -> None:
    """Answer calls over HTTP.

    Every answer about an event is durable before it is sent. A process that dies is started again;
    one that keeps dying ends everything with exit code 1. SIGTERM finishes what was begun.
    """
    from coterie.app import open_world
    from coterie.cli.measured import counting_together
    from coterie.cli.supervising import Supervisor, Task

    # Said in the environment, which every process that is started here inherits.
    os.environ["COTERIE_LOG_FORMAT"] = log_format
    if log_requests:
        os.environ["COTERIE_LOG_REQUESTS"] = "1"
    write_log()
    listening = _listen(host, port)
    address = listening.getsockname()
    # Opened once before anything starts: what is wrong is said once, here, and migrations are done.
    metrics_at = None if metrics_port is None else (metrics_host, metrics_port)
    with open_world() as world, counting_together(world, metrics_at) as on_death:
        click.echo(f"Coterie at http://{_shown(address)} (docs at /docs). {world.storage.where}")
        tasks = [Task(f"server-{n}", run_server, (listening,)) for n in range(1, processes + 1)]
        if with_worker:
            tasks.append(Task("worker", run_worker))
        healthy = Supervisor(tasks, on_death=on_death).run()
    listening.close()
    if not healthy:
        sys.exit(1)


@click.command("worker")
def worker() -> None:
    """Decide what falls due, as time passes.

    Balances and answers are right without it: events and reads decide what is due themselves. Sums,
    reports and consequences for other members need it.
    """
    write_log()
    run_worker()


def run_server(listening: socket.socket) -> None:
    """Serve in this process until SIGTERM."""
    import uvicorn

    from coterie.api import create_app
    from coterie.app import open_world
    from coterie.cli.facing import site_of
    from coterie.cli.supervising import end_with_parent
    from coterie.intake.engine import Engine
    from coterie.kernel.collecting import collect_seldom

    write_log()
    # From here on, also while it starts: nobody else would end it, and it has the port.
    end_with_parent()
    with open_world() as world:
        config = uvicorn.Config(
            create_app(world, Engine(), site_of(world)),
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=FINISH_S,
        )
        server = uvicorn.Server(config)
        collect_seldom()
        # Before this, a signal ends the process at once: it has begun nothing. uvicorn handles them
        # while it serves and raises them again afterwards; then the world must still be closed.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: setattr(server, "should_exit", True))
        server.run(sockets=[listening])


def run_worker() -> None:
    """Work in this process until SIGTERM."""
    from coterie.app import open_world
    from coterie.cli.supervising import end_with_parent
    from coterie.intake.engine import Engine
    from coterie.intake.worker import Worker
    from coterie.kernel.collecting import collect_seldom
    from coterie.webhooks import Sender

    write_log()
    end_with_parent()
    with open_world() as world:
        working = Worker(Engine(), world.clock, world.storage.connect)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: working.stop())
        collect_seldom()
        # In a thread, because a signal handler of the main thread must not find its locks held.
        thread = threading.Thread(target=working.run, name="worker")
        sender = Sender(world.storage.connect)
        sending = threading.Thread(target=sender.run, name="sender")
        thread.start()
        sending.start()
        jobs = threading.Thread(target=_jobs_beside, args=(world, thread), name="jobs")
        jobs.start()
        _count_beside(world, thread)
        jobs.join()
        thread.join()
        sender.stop()
        sending.join()


def _count_beside(world: World, worker: threading.Thread) -> None:
    """Count what new versions wait for, as long as the worker works."""
    from coterie.intake.held import HeldConnection
    from coterie.jobs import run_backfills, take_in_members
    from coterie.kernel.errors import Refusal

    def count(db: Connection) -> None:
        now_us = world.clock.now_us()
        run_backfills(db, world.engine, now_us, stopped=lambda: not worker.is_alive())
        take_in_members(db, stopped=lambda: not worker.is_alive())

    held = HeldConnection(world.storage.connect)
    while worker.is_alive():
        try:
            held.run(count)
        except Refusal as refusal:
            # No database for a moment, or a member whose past must be repaired first.
            log.warning("%s", refusal.message)
        except Exception:
            log.exception("counting stumbled and goes on")
        worker.join(COUNT_EVERY_S)
    held.close()


def _jobs_beside(world: World, worker: threading.Thread) -> None:
    """Have done what operators asked for, as long as the worker works."""
    from coterie.intake.held import HeldConnection
    from coterie.jobs import Runner
    from coterie.kernel.errors import Refusal

    runner = Runner(world.storage.url, world.files)
    held = HeldConnection(world.storage.connect)
    while worker.is_alive():
        more = False
        try:
            more = held.run(lambda db: runner.once(db, stopped=lambda: not worker.is_alive()))
        except Refusal as refusal:
            log.warning("%s", refusal.message)
        except Exception:
            log.exception("the runner of jobs stumbled and goes on")
        worker.join(0.0 if more else JOBS_EVERY_S)
    held.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as trouble:
        message = f"Cannot listen at {host} port {port}: {trouble.strerror}."
        raise click.UsageError(message) from trouble
    listening.listen(2048)
    listening.set_inheritable(True)
    return listening


def _shown(address: tuple[str, int]) -> str:
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
