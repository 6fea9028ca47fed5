"""``coterie jobs``: long work that goes on beside traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from coterie.cli.showing import moment, paged, print_page, print_table

if TYPE_CHECKING:
    from coterie.jobs import JobRow

FAILED_EXIT = 2


@click.group("jobs")
def jobs() -> None:
    """Long work that goes on beside traffic.

    Workers do it, each job in a process of its own; `coterie jobs run` does, too. A job whose
    process was killed is begun again by another.
    """


@jobs.command("kinds")
def kinds() -> None:
    """List what can be asked for, and with what."""
    from coterie.jobs import KINDS

    rows = [
        (kind.code, kind.en, kind.zh, ", ".join(_fields(kind.arguments)), kind.scope)
        for kind in KINDS.values()
    ]
    print_table(("kind", "what", "内容", "arguments", "right"), rows)


def _fields(arguments: type) -> list[str]:
    import msgspec

    return [
        f"{field.encode_name}{' (needed)' if field.required else ''}"
        for field in msgspec.structs.fields(arguments)
    ]


@jobs.command("start")
@click.argument("kind")
@click.argument("arguments", default="{}")
@click.option("--key", help="The same key is the same job; made up if not said.")
def start(*, kind: str, arguments: str, key: str | None) -> None:
    """Let a job of KIND wait for a worker; ARGUMENTS are JSON, such as '{"replay": true}'."""
    import secrets

    import msgspec

    from coterie.app import open_world
    from coterie.jobs import ask_job, job_kind, read_arguments

    wanted = job_kind(kind)
    try:
        given = msgspec.json.decode(arguments)
    except msgspec.DecodeError as trouble:
        raise click.UsageError(f"ARGUMENTS are not JSON: {trouble}.") from None
    read = read_arguments(wanted, given)
    with open_world() as world, world.changing() as db:
        asked = {"source": "cli", "key": key or secrets.token_hex(16)}
        job_id, again = ask_job(db, wanted, read, now_us=world.clock.now_us(), **asked)
    click.echo(f"Job {job_id} {'was asked for before' if again else 'waits'}.")


@jobs.command("run")
@click.option("--most", type=click.IntRange(1, 1000), default=1000, show_default=True)
def run(*, most: int) -> None:
    """Do what waits, one job after the other, until nothing is left."""
    from coterie.app import open_world
    from coterie.jobs import Runner

    done = 0
    with open_world() as world, world.reading() as db:
        runner = Runner(world.storage.url, world.files)
        while done < most and runner.once(db):
            done += 1
    click.echo(f"{done} jobs were done." if done else "Nothing waits.")


@jobs.command("list")
@click.option("--state", type=click.Choice(["queued", "running", "done", "failed", "cancelled"]))
@click.option("--kind", help="Of this kind alone.")
@paged
def list_command(
    *, state: str | None, kind: str | None, limit: int | None, after: str | None
) -> None:
    """List jobs, newest first."""
    from coterie.app import open_world
    from coterie.jobs import JobState, list_jobs

    wanted = None if state is None else JobState(state)
    with open_world() as world, world.reading() as db:
        rows, cursor = list_jobs(db, state=wanted, kind=kind, cursor=after, limit=limit)
    columns = ("job", "kind", "state", "progress", "asked by", "created", "finished", "error")
    print_page(columns, [_line(row) for row in rows], cursor)


def _line(row: JobRow) -> tuple[object, ...]:
    return (
        row.job_id,
        row.kind,
        _state(row),
        _progress(row),
        row.source,
        moment(row.created_us),
        moment(row.finished_us),
        row.error_code,
    )


def _state(row: JobRow) -> str:
    return "ending" if row.cancel and row.state == "running" else row.state


def _progress(row: JobRow) -> str:
    if row.phase is None:
        return ""
    return f"{row.phase}: {row.done:,}" + ("" if row.total is None else f" of {row.total:,}")


@jobs.command("show")
@click.argument("job_id", type=int)
@click.option("--result", "only_result", is_flag=True, help="Print only what came of it, as JSON.")
def show(*, job_id: int, only_result: bool) -> None:
    """Show a job: how far it is and what came of it.

    Exit code 0 where it was done or goes on, 2 where it failed or was cancelled.
    """
    import msgspec

    from coterie.app import open_world
    from coterie.jobs import get_job

    with open_world() as world, world.reading() as db:
        row = get_job(db, job_id)
    told = "" if row.result is None else msgspec.json.format(row.result, indent=2)
    if only_result:
        click.echo(told)
    else:
        shown = [
            ("job", row.job_id),
            ("kind", row.kind),
            ("state", _state(row)),
            ("progress", _progress(row)),
            ("asked by", row.source),
            ("begun", row.runs),
            ("created", moment(row.created_us)),
            ("started", moment(row.started_us)),
            ("finished", moment(row.finished_us)),
            ("error", row.error_code),
            ("detail", row.error_detail),
        ]
        print_table(("what", "value"), shown)
        if told:
            click.echo(told)
    if row.state in ("failed", "cancelled"):
        raise SystemExit(FAILED_EXIT)


@jobs.command("cancel")
@click.argument("job_id", type=int)
def cancel(*, job_id: int) -> None:
    """Let a job end: at once where it waits, within moments where it runs."""
    from coterie.app import open_world
    from coterie.jobs import cancel_job

    with open_world() as world, world.changing() as db:
        row = cancel_job(db, job_id, world.clock.now_us())
    click.echo(f"Job {job_id} is {_state(row)}.")
