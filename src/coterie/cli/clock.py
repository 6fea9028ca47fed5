"""``coterie clock``: let a world's time stand, step or run, so that a year passes in a minute."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from coterie.app import World

_UNITS_S = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


@click.group("clock")
def clock() -> None:
    """The time of this world."""


@clock.command("show")
def show() -> None:
    """Say what time it is in this world, and how it passes."""
    from coterie.app import open_world

    with open_world() as world:
        _tell(world)


@clock.command("set")
@click.argument("at")
@click.option("--rate", default="0", help="How many times as fast as the machine; 0 stands still.")
def set_to(*, at: str, rate: str) -> None:
    """Set the time to AT, such as 2026-01-31T18:30:00+08:00."""
    from coterie.app import open_world
    from coterie.kernel.numbers import parse_minor
    from coterie.kernel.time import parse_instant
    from coterie.storage.clock import set_clock

    at_us, _ = parse_instant(at, where="at")
    rate_milli = parse_minor(rate, 3, where="rate")
    with open_world() as world, world.changing() as db:
        set_clock(db, at_us, rate_milli)
        world.clock.refresh(db)
        _tell(world)


@clock.command("step")
@click.argument("by")
def step(*, by: str) -> None:
    """Let the time that was set go forward BY so much, such as 36h, 1d or 90m."""
    from coterie.app import open_world
    from coterie.kernel.errors import Malformed
    from coterie.kernel.time import SECOND_US
    from coterie.storage.clock import step_clock

    found = re.fullmatch(r"(\d{1,9})([dhms])", by)
    if found is None:
        raise Malformed(f"{by!r} is not a time such as 36h, 1d, 90m or 5s.", where="by")
    with open_world() as world, world.changing() as db:
        step_clock(db, int(found[1]) * _UNITS_S[found[2]] * SECOND_US)
        world.clock.refresh(db)
        _tell(world)


@clock.command("run")
@click.argument("rate")
def run(*, rate: str) -> None:
    """Let the time run RATE times as fast as the machine's, from where it is; 0 stops it."""
    from coterie.app import open_world
    from coterie.kernel.numbers import parse_minor
    from coterie.storage.clock import set_clock

    rate_milli = parse_minor(rate, 3, where="rate")
    with open_world() as world, world.changing() as db:
        set_clock(db, world.clock.now_us(), rate_milli)
        world.clock.refresh(db)
        _tell(world)


@clock.command("clear")
def clear() -> None:
    """Let the time be the machine's again."""
    from coterie.app import open_world
    from coterie.storage.clock import clear_clock

    with open_world() as world, world.changing() as db:
        clear_clock(db)
        world.clock.refresh(db)
        _tell(world)


def _tell(world: World) -> None:
    from coterie.cli.showing import moment
    from coterie.kernel.numbers import format_minor

    setting = world.clock.setting
    if setting is None:
        how = "the machine's time"
    elif setting.rate_milli == 0:
        how = "standing still"
    else:
        how = f"running {format_minor(setting.rate_milli, 3)} times as fast as the machine"
    click.echo(f"{moment(world.clock.now_us())} ({how})")
