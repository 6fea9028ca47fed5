"""``python -m bench``."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from rich.console import Console

from bench import importing, inside, manyrules
from bench.programmes import NAMES, OWN
from bench.rows import Report
from bench.served import QUICK, Pace, Served
from bench.world import World, machine, open_world

ROOT = Path(__file__).resolve().parent
LATEST = ROOT / "latest.json"
PGBENCH_SCALE = 50
PARTS = ("engine", "singles", "batches", "hot", "reads", "replay", "dues", "verify", "import")


@click.command(help="Measure speed on this machine; writes bench/latest.json.")
@click.option("--quick", is_flag=True, help="Short runs, for development; not for comparing.")
@click.option("--seconds", type=float, help="Length of each run instead of 30.")
@click.option("--members", type=click.IntRange(1_000), default=1_000_000, show_default=True)
@click.option("--scale", type=click.IntRange(1), default=PGBENCH_SCALE, show_default=True)
@click.option(
    "--programme",
    "programmes",
    type=click.Choice(NAMES),
    multiple=True,
    help="Measure with this one alone instead of all; repeatable.",
)
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="Only these; repeatable.")
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    default=ROOT.parent / "var" / "bench",
    help="Data folder of the benchmarks; kept, so that the next run starts at once.",
)
def main(
    *,
    quick: bool,
    seconds: float | None,
    members: int,
    scale: int,
    programmes: tuple[str, ...],
    only: tuple[str, ...],
    home: Path,
) -> None:
    """Build what is needed, measure, tell."""
    pace = QUICK if quick else Pace()
    if seconds is not None:
        pace = msgspec.structs.replace(pace, run_s=seconds)
    report = Report(Console(width=140))
    report.say(machine())
    with open_world(home, members) as world:
        report.say(world.storage.where)
        report.say(", ".join(f"{name} {value}" for name, value in world.settings().items()))
        world.prepare_pgbench(scale)
        name, built_s = world.template()
        if built_s is not None:
            report.say(
                f"built {members:,} members and {members * 10:,} movements in {built_s:.0f} s"
            )
        if not only or "replay" in only:
            manyrules.measure(report)
        for programme in programmes or NAMES:
            world.fresh(name, programme)
            report.say(f"with {programme}: {world.size()}, a copy of {name}")
            report.prefix = "" if programme == OWN else f"{programme}: "
            _measure(world, report, pace, programme, only or PARTS)
    report.table()
    report.write(LATEST)
    report.say(f"Written to {LATEST.relative_to(ROOT.parent)}.")


def _measure(
    world: World, report: Report, pace: Pace, programme: str, parts: tuple[str, ...]
) -> None:
    served = Served(world, report, pace)
    if "replay" in parts:
        inside.replay(report, programme, passes=2 if pace.rounds == 1 else 8)
    if "singles" in parts or "reads" in parts:
        served.generator()
        served.rest()
        served.singles()
    if "engine" in parts:
        for size in (1_000, 64):
            inside.engine_batches(world, report, size, pace.run_s)
    if "batches" in parts:
        served.batches(lambda: inside.bare(world, report, min(pace.run_s, 10.0)))
    if "hot" in parts:
        served.hot()
    if "reads" in parts:
        served.reads()
    if "import" in parts:
        bare = served.bare or inside.bare(world, report, min(pace.run_s, 10.0))
        importing.measure(world, report, 6_000 if pace.rounds == 1 else 100_000, bare)
    served.count()
    if "verify" in parts:
        inside.prove(world, report)
    if "dues" in parts:
        inside.sweep(world, report)
        inside.check(world)


if __name__ == "__main__":
    main()
