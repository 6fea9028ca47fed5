"""``plan``: recorded history under a draft or a rival's programme."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from coterie.access import Scope
from coterie.jobs.work import JobKind, Work
from coterie.kernel.time import parse_instant
from coterie.programme.errors import VersionUnknown
from coterie.programme.reading import read_programme
from coterie.programme.versions import version_at
from coterie.replay import PlanReport, Progress, plan

TEXT_MAX = 1024 * 1024
Instant = Annotated[str, Meta(max_length=64)]


class PlanArguments(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What would have been under another programme.

    ``text`` is its YAML; ``role`` rival: it need not follow what is in force. ``from`` is when the
    draft begins (absent: it always was), ``to`` until when history is looked at (absent: now).
    ``jobs`` is the number of processes (absent: one per processor).
    """

    text: Annotated[str, Meta(min_length=1, max_length=TEXT_MAX, description="YAML")]
    role: Literal["draft", "rival"] = "draft"
    begin: Instant | None = field(name="from", default=None)
    end: Instant | None = field(name="to", default=None)
    jobs: Annotated[int, Meta(ge=1, le=16)] | None = None


def _check(arguments: PlanArguments) -> None:
    read_programme("programme", arguments.text)
    _instant(arguments.begin, "from")
    _instant(arguments.end, "to")


def _instant(text: str | None, where: str) -> int | None:
    return None if text is None else parse_instant(text, where=where)[0]


def _run(work: Work) -> PlanReport:
    asked: PlanArguments = work.arguments
    with work.connect() as db:
        live = version_at(db, work.now_us)
    if live is None:
        raise VersionUnknown("None is in force.")
    end_us = _instant(asked.end, "to")

    def told(progress: Progress) -> None:
        work.tell("members", progress.members, progress.members_all)

    return plan(
        work.url,
        live,
        read_programme("programme", asked.text),
        to_us=work.now_us if end_us is None else end_us,
        from_us=_instant(asked.begin, "from"),
        rival=asked.role == "rival",
        jobs=asked.jobs,
        on_progress=told,
    )


KIND = JobKind(
    code="plan",
    zh="方案推演",
    en="What another programme would have done",
    arguments=PlanArguments,
    scope=Scope.PROGRAMME_READ,
    run=_run,
    check=_check,
)
