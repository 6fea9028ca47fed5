"""``export``: rows of the world into files of its folder."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from coterie.access import Scope
from coterie.jobs.errors import FormatUnknown
from coterie.jobs.files import FORMATS, WORLD, Exported, export_files
from coterie.jobs.work import JobKind, Work, check_name

_FORMAT = Literal["csv", "xlsx", "parquet"]


class ExportArguments(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``what``: the names of exports, or ``world``. ``name`` begins the files' names."""

    what: Literal["world", "members", "balances", "metrics", "tiers", "events", "movements"]
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    format: _FORMAT = "csv"


def _check(arguments: ExportArguments) -> None:
    check_name(arguments.name)
    if f".{arguments.format}" not in FORMATS:
        raise FormatUnknown(arguments.format, where="arguments.format")


def _run(work: Work) -> Exported:
    asked: ExportArguments = work.arguments
    work.files.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = WORLD if asked.what == "world" else (asked.what,)
    wanted = {name: work.file(f"{asked.name}-{name}.{asked.format}") for name in names}
    return export_files(work.url, wanted, work.now_us, work.tell)


KIND = JobKind(
    code="export",
    zh="导出文件",
    en="Write members, balances, events ... into files",
    arguments=ExportArguments,
    scope=Scope.ADMIN,
    run=_run,
    check=_check,
)
