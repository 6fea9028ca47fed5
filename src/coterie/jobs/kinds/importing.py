"""``import``: a file of the world's folder brought in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct

from coterie.access import Scope
from coterie.events import Mode
from coterie.intake.importing.mapping import load_mapping
from coterie.intake.importing.model import FileOptions, What
from coterie.intake.importing.plain import plain_mapping
from coterie.jobs.work import JobCancelled, JobKind, Work, check_name

if TYPE_CHECKING:
    from coterie.intake.importing.running import Report

_WHAT = Literal[
    "events", "balances", "members", "products", "categories", "brands", "places", "staff"
]
Name = Annotated[str, Meta(min_length=1, max_length=100)]


class ImportArguments(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``file``, and ``mapping`` if columns are not called as the fields, in the world's folder.

    ``live``: as if it happened now. ``at``: when balances were opened, if no column says. Refused
    rows go to ``FILE.refused.csv``.
    """

    what: _WHAT
    file: Name
    mapping: Name | None = None
    live: bool = False
    at: Annotated[str, Meta(max_length=64)] | None = None
    region: Annotated[str, Meta(pattern="^[A-Z]{2}$")] = "CN"
    create: bool = False
    jobs: Annotated[int, Meta(ge=1, le=16)] = 1


class _Told:
    """Hands the progress of an import to the job's."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._phase = "reading"

    def begin(self, phase: str, total: float | None, done: float = 0, rows: int = 0) -> None:
        del total, done
        self._phase = phase
        self._work.tell(phase, rows)

    def reach(self, done: float, rows: int) -> None:
        del done
        # Its own ``stopped`` ends an import between two chunks.
        if not self._work.stopped():
            self._work.tell(self._phase, rows)


def _check(arguments: ImportArguments) -> None:
    for name in (arguments.file, arguments.mapping):
        if name is not None:
            check_name(name)


def _run(work: Work) -> Report:
    # Readers of files bring Arrow and more along, half of what a server at rest would weigh.
    from coterie.intake.importing.readers import open_source  # noqa: PLC0415
    from coterie.intake.importing.running import Job, run_import  # noqa: PLC0415

    asked: ImportArguments = work.arguments
    what, file = What(asked.what), work.file(asked.file)
    mapping = None if asked.mapping is None else load_mapping(work.file(asked.mapping), what)
    options = FileOptions() if mapping is None else mapping.file
    if mapping is None:
        mapping = plain_mapping(what, open_source(file, options).columns, at=asked.at)
    job = Job(
        path=file,
        mapping=mapping,
        now_us=work.now_us,
        refused_path=work.file(f"{asked.file[:80]}.refused.csv"),
        file=options,
        mode=Mode.LIVE if asked.live else Mode.HISTORICAL,
        jobs=asked.jobs,
        region=asked.region,
        create=asked.create,
    )
    report = run_import(work.url, job, progress=_Told(work), stopped=work.stopped)
    if not report.finished:
        raise JobCancelled
    if report.refused_path is not None:
        report.refused_path = report.refused_path.relative_to(work.files)
    return report


KIND = JobKind(
    code="import",
    zh="导入文件",
    en="Bring in a file",
    arguments=ImportArguments,
    scope=Scope.ADMIN,
    run=_run,
    check=_check,
)
