"""``coterie import``: bring in files, with a preview before and a report after."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from coterie.intake.importing.mapping import Mapping
    from coterie.intake.importing.model import FileOptions, What
    from coterie.intake.importing.preview import Preview
    from coterie.intake.importing.running import Job, Report

REFUSED_ROWS_EXIT = 3
STOPPED_EXIT = 130
REASONS_SHOWN = 20
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("import")
def import_group() -> None:
    """Bring in files.

    CSV (also gzipped), Excel and Parquet. Ends with status 0 when every row was accepted, 3 when
    some were refused (they are in FILE.refused.csv, with reasons), 130 when it was stopped. The
    same command goes on where it stood; nothing is ever imported twice.
    """


def _shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options all imports have."""
    options = [
        click.option("--mapping", type=_FILE, help="Which column is what; see the guide."),
        click.option(
            "--preview",
            type=click.IntRange(0, 1000),
            is_flag=False,
            flag_value=5,
            metavar="N",
            help="Only show the first N rows (5) as they would be sent, and what is refused.",
        ),
        click.option("--format", "format_", help="csv, excel or parquet, if the name is silent."),
        click.option("--encoding", help="utf-8, gb18030, cp1252 or utf-16 (CSV)."),
        click.option("--delimiter", help="What is between the columns; found out if not said."),
        click.option("--sheet", help="The sheet of an Excel file; the first if not said."),
        click.option(
            "--refused",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Where refused rows are written; FILE.refused.csv if not said.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return click.argument("file", type=_FILE)(command)


def _loaded(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of events."""
    options = [
        click.option("--live", is_flag=True, help="As if it happened now, not as history."),
        click.option(
            "--jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes."
        ),
        click.option(
            "--scratch",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="Folder to sort in; the system's temporary one if not said.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@import_group.command("events")
@_shared
@_loaded
def import_events(**given: Any) -> None:
    """Import what happened: orders, returns, activities and all other kinds."""
    _import("events", **given)


@import_group.command("balances")
@_shared
@_loaded
@click.option("--at", metavar="MOMENT", help="When the balances were opened, if no column says.")
def import_balances(**given: Any) -> None:
    """Import opening balances: member, currency, units, expires_on."""
    _import("balances", **given)


@import_group.command("members")
@_shared
@click.option(
    "--region",
    envvar="COTERIE_REGION",
    default="CN",
    show_default=True,
    show_envvar=True,
    help="Country of phone numbers written without one.",
)
def import_members(**given: Any) -> None:
    """Import members: what they are found by, and what is known of them."""
    _import("members", **given)


@import_group.command("products")
@_shared
@click.option("--create", is_flag=True, help="Create categories and brands that are not there.")
def import_products(**given: Any) -> None:
    """Import products."""
    _import("products", **given)


@import_group.command("categories")
@_shared
def import_categories(**given: Any) -> None:
    """Import the tree of product categories, in any order."""
    _import("categories", **given)


@import_group.command("brands")
@_shared
def import_brands(**given: Any) -> None:
    """Import product brands."""
    _import("brands", **given)


@import_group.command("places")
@_shared
def import_places(**given: Any) -> None:
    """Import the tree of brands, regions and stores, in any order."""
    _import("places", **given)


@import_group.command("staff")
@_shared
def import_staff(**given: Any) -> None:
    """Import who sells, and where."""
    _import("staff", **given)


# ------------------------------------------------------------------------------ doing it


def _import(
    what: str, *, file: Path, mapping: Path | None, preview: int | None, **given: Any
) -> None:
    from coterie.intake.importing.mapping import load_mapping
    from coterie.intake.importing.model import What
    from coterie.intake.importing.plain import plain_mapping
    from coterie.intake.importing.readers import open_source

    kind = What(what)
    found = load_mapping(mapping, kind) if mapping is not None else None
    options = _file_options(found, given)
    if found is None:
        found = plain_mapping(kind, open_source(file, options).columns, at=given.get("at"))
    named = mapping.name if mapping is not None else "mapping"
    if preview is not None:
        _preview(file, found, options, preview, named, given)
    else:
        _run(file, found, options, given)


def _file_options(mapping: Mapping | None, given: dict[str, Any]) -> FileOptions:
    """Return how to read the file: what the mapping says, and over it what the command says."""
    from msgspec.structs import replace

    from coterie.intake.importing.model import FileOptions

    options = mapping.file if mapping is not None else FileOptions()
    said = {"format": given["format_"], "encoding": given["encoding"], "sheet": given["sheet"]}
    said["delimiter"] = "\t" if given["delimiter"] in ("tab", "\\t") else given["delimiter"]
    return replace(options, **{name: value for name, value in said.items() if value is not None})


def _mode(given: dict[str, Any]) -> Any:
    from coterie.events import Mode

    return Mode.LIVE if given.get("live") else Mode.HISTORICAL


def _preview(
    file: Path,
    mapping: Mapping,
    options: FileOptions,
    shown: int,
    named: str,
    given: dict[str, Any],
) -> None:
    from coterie.app import open_world
    from coterie.intake.importing.mapping import check_columns
    from coterie.intake.importing.preview import preview
    from coterie.intake.importing.readers import open_source
    from coterie.intake.importing.shaping import Shaper

    source = open_source(file, options)
    check_columns(mapping, source.columns, file=named)
    shaper = Shaper(mapping, prefix="preview", mode=_mode(given))
    with open_world() as world, world.reading() as db:
        found = preview(
            source.batches(mapping.columns()),
            shaper,
            mapping.what,
            now_us=world.clock.now_us(),
            shown=shown,
            db=db,
        )
    _show_preview(found, mapping.what)


def _show_preview(found: Preview, what: What) -> None:
    import msgspec

    for row, sent in found.shown:
        click.echo(f"row {row}: {msgspec.json.encode(sent).decode()}")
    for code, count in found.reasons.items():
        first = next(each for each in found.refused if each.code == code)
        click.echo(f"refused {code}: {count} rows, the first is row {first.row}: {first.reason}")
    for note in found.notes:
        click.echo(f"note: {note}")
    click.echo(
        f"{found.rows} rows of {what}: {found.accepted} would be sent, "
        f"{len(found.refused)} refused. Nothing was written."
    )


def _run(file: Path, mapping: Mapping, options: FileOptions, given: dict[str, Any]) -> None:
    from coterie.app import open_world
    from coterie.intake.importing.running import Job, run_import

    with open_world() as world:
        job = Job(
            path=file,
            mapping=mapping,
            now_us=world.clock.now_us(),
            refused_path=given["refused"] or file.with_name(f"{file.name}.refused.csv"),
            file=options,
            mode=_mode(given),
            jobs=given.get("jobs", 1),
            scratch=given.get("scratch"),
            region=given.get("region", "CN"),
            create=given.get("create", False),
        )
        with _progress() as progress, _stoppable() as stopped:
            report = run_import(world.storage.url, job, progress=progress, stopped=stopped)
    _tell(job, report)


def _tell(job: Job, report: Report) -> None:
    """Print the report and end with the status that says how it went."""
    click.echo(f"accepted {report.accepted} rows ({report.again} of them were there already)")
    if report.waiting:
        click.echo(
            f"waiting {report.waiting} rows: their member is not known yet, or somebody decides"
        )
    click.echo(f"refused {report.refused} rows")
    for code, count in list(report.reasons.items())[:REASONS_SHOWN]:
        click.echo(f"  {code}: {count}")
    if not report.finished:
        click.echo("Stopped. The same command goes on from here.", err=True)
        raise SystemExit(STOPPED_EXIT)
    if report.refused:
        click.echo(f"Refused rows with their reasons: {report.refused_path or job.refused_path}")
        raise SystemExit(REFUSED_ROWS_EXIT)


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Let Ctrl-C end the import after the chunk under way; a second one ends it at once."""
    stop = threading.Event()

    def handle(number: int, frame: object) -> None:
        del number, frame
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        click.echo(
            "\nStopping after what is under way; press Ctrl-C again to end at once.", err=True
        )

    if threading.current_thread() is not threading.main_thread():
        yield stop.is_set  # only the main thread may listen for signals
        return
    before = signal.signal(signal.SIGINT, handle)
    try:
        yield stop.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress() -> Iterator[Any]:
    from coterie.cli.progress import progress_shown

    with progress_shown() as shown:
        yield shown
