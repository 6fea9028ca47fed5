"""``coterie demo``: a filled world within a minute, then served."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from coterie.app import World


@click.command("demo")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port."
)
@click.option("--no-serve", is_flag=True, help="Only build the world.")
@click.option("--seed", default=1, show_default=True, help="Another seed invents other people.")
@click.pass_context
def demo(context: click.Context, *, host: str, port: int, no_serve: bool, seed: int) -> None:
    """Start Coterie with a filled demo world.

    A tea house with shops and an app: 2,000 members, two years of events. An interrupted building
    goes on where it was; a finished one is kept. Only a world that is empty or already the demo's
    is used: `coterie --home FOLDER demo` makes another.
    """
    import time

    from coterie.app import open_world
    from coterie.cli.serving import serve

    started = time.monotonic()
    with open_world() as world:
        click.echo(world.storage.where, err=True)
        built = _build(world.storage.url, world.clock.now_us(), seed)
        if built:
            click.echo(f"The demo was built in {time.monotonic() - started:.0f} s.")
            _issue_key(world)
        else:
            click.echo("The demo is there already.")
        if no_serve:
            return
        # The world stays open: its server is not stopped and started again in between.
        context.invoke(serve, host=host, port=port, processes=1, with_worker=True)


def _build(url: str, now_us: int, seed: int) -> bool:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from coterie.demo import DemoProgress, build_demo

    columns = (
        TextColumn("{task.description:<8}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console) as progress:
        tasks: dict[str, int] = {}
        told: dict[str, int] = {}

        def report(state: DemoProgress) -> None:
            if state.stage not in tasks:
                tasks[state.stage] = progress.add_task(state.stage, total=state.total)
            task = tasks[state.stage]
            progress.update(task, completed=state.done, total=state.total)  # type: ignore[arg-type]
            if not console.is_terminal and state.done - told.get(state.stage, -1) >= 10_000:
                told[state.stage] = state.done
                click.echo(f"{state.stage}: {state.done} of about {state.total}", err=True)

        return build_demo(url, now_us=now_us, report=report, seed=seed)


def _issue_key(world: World) -> None:
    """Give the visitor a key for the API of this demo."""
    from coterie.access import Scope, issue_key

    with world.changing() as db:
        key = issue_key(db, "demo", list(Scope), note="the demo's key", now_us=world.clock.now_us())
    click.echo(f"An API key for this demo, shown once: {key.text}")
