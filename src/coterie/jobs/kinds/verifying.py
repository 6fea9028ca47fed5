"""``verify``: the proof that what is recorded agrees with itself."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from coterie.access import Scope
from coterie.jobs.work import JobKind, Work
from coterie.replay import CheckResult, Progress, report_as_data, verify
from coterie.replay.verify import chosen_checks


class VerifyArguments(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``replay``: also decide everything again. ``checks``: only these. ``jobs``: at once."""

    replay: bool = False
    checks: Annotated[tuple[str, ...], Meta(max_length=50)] = ()
    jobs: Annotated[int, Meta(ge=1, le=16)] | None = None


def _check(arguments: VerifyArguments) -> None:
    chosen_checks(arguments.checks or None)


def _run(work: Work) -> dict[str, Any]:
    asked: VerifyArguments = work.arguments
    checks = len(chosen_checks(asked.checks or None))
    ended: list[str] = []

    def result(found: CheckResult) -> None:
        ended.append(found.check.name)
        work.tell("checks", min(len(ended), checks), checks)

    def progress(found: Progress) -> None:
        work.tell("replay", found.members, found.members_all)

    report = verify(
        work.url,
        jobs=asked.jobs,
        names=asked.checks or None,
        replayed=asked.replay,
        on_result=result,
        on_progress=progress,
    )
    return report_as_data(report)


KIND = JobKind(
    code="verify",
    zh="核对账目",
    en="Prove that what is recorded agrees",
    arguments=VerifyArguments,
    scope=Scope.LEDGER_READ,
    run=_run,
    check=_check,
)
