"""How a no looks over HTTP: RFC 9457 problem documents, and the one table of statuses."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from coterie.intake.answers import Answer
from coterie.intake.errors import RETRY_AFTER_S
from coterie.kernel.errors import Kind, Refusal
from coterie.kernel.requests import REQUEST_ID
from coterie.web import STATUS, status_of

INTERNAL = "internal_error"
INTERNAL_TITLE = {
    "zh": "我方发生故障，已写入日志。",
    "en": "Something broke on our side; it was written to the log.",
}
PROBLEM_TYPE = b"application/problem+json"


class Problem(Struct, frozen=True, omit_defaults=True):
    """A refusal, in one shape for every address.

    ``type`` leads to a page about the code. ``code`` is stable and meant for programs, ``title`` is
    the sentence of the code in the language that was asked for (``Accept-Language``), ``detail``
    what is specific to this case, ``where`` a path into the input, ``instance`` the recorded event
    or the address that was called. ``facts`` holds values a program may want. ``event`` and
    ``member_id`` are there when the refusal was recorded; ``replayed`` when the event had been
    answered before. ``request_id`` names the request, as the header ``X-Request-Id`` does.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    where: str
    instance: str
    event: str | None = None
    member_id: int | None = None
    replayed: bool = False
    facts: dict[str, Any] = {}
    request_id: str = ""


def problem_of(refusal: Refusal, *, instance: str, lang: str = "en") -> Problem:
    """Return the document of a refusal."""
    return Problem(
        type=f"/docs/errors#{refusal.code}",
        title=refusal.title(lang),
        status=status_of(refusal.code, refusal.kind),
        code=refusal.code,
        detail=refusal.detail,
        where=refusal.where,
        instance=instance,
        facts=refusal.facts,
        request_id=REQUEST_ID.get(),
    )


def problem_of_answer(answer: Answer, *, instance: str, lang: str = "en") -> Problem:
    """Return the document of an event that was refused."""
    code = answer.code or Refusal.code
    return Problem(
        type=f"/docs/errors#{code}",
        title=_title_of(code, lang),
        status=status_of(code, answer.kind or Kind.BUSINESS),
        code=code,
        detail=answer.detail or "",
        where=answer.where or "",
        instance=f"/v1/events/{answer.event}" if answer.event else instance,
        event=answer.event,
        member_id=answer.member_id,
        replayed=answer.replayed,
        request_id=REQUEST_ID.get(),
    )


def internal_problem(*, instance: str, lang: str = "en") -> Problem:
    """Return the document of a bug; what broke is for the log, not for the caller."""
    return Problem(
        type=f"/docs/errors#{INTERNAL}",
        title=INTERNAL_TITLE[lang],
        status=STATUS[INTERNAL],
        code=INTERNAL,
        detail="",
        where="",
        instance=instance,
        request_id=REQUEST_ID.get(),
    )


def headers_of(status: int) -> list[tuple[bytes, bytes]]:
    """Return what a client is told beside the document."""
    if status == STATUS[Kind.BUSY]:
        return [(b"retry-after", str(RETRY_AFTER_S).encode())]
    if status == STATUS[Kind.UNAUTHENTICATED]:
        return [(b"www-authenticate", b'Bearer realm="coterie"')]
    if status in {STATUS[Kind.TOO_LARGE], STATUS["body_too_slow"]}:
        # The rest of the body was not read: the connection cannot carry another request.
        return [(b"connection", b"close")]
    return []


def refusals() -> tuple[type[Refusal], ...]:
    """Return every refusal this process knows, by code: what a caller of it may meet."""
    found: set[type[Refusal]] = set()
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        each = waiting.pop()
        found.add(each)
        waiting += each.__subclasses__()
    ours = (each for each in found if each.__module__.startswith("coterie."))
    return tuple(sorted(ours, key=lambda each: (each.code, each.__module__)))


_titles: dict[str, type[Refusal]] = {}


def _title_of(code: str, lang: str) -> str:
    """Return the sentence of a code, or the code where a newer version made the answer."""
    if code not in _titles:
        _titles.update((each.code, each) for each in refusals())
    found = _titles.get(code)
    return code if found is None else found.title(lang)
