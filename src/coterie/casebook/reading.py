"""Case files read and resolved against their programme, or everything that is wrong at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from jsonschema import Draft202012Validator
from msgspec.structs import force_setattr

from coterie.casebook.errors import CasesInvalid
from coterie.casebook.expecting import Expecting
from coterie.casebook.model import FIRST, Case, Given, Step
from coterie.casebook.schema import ENVELOPE, cases_schema
from coterie.casebook.writing import Raw, Speech
from coterie.events import INTERNAL_KINDS, KINDS, OpeningLot, Order
from coterie.kernel.errors import Malformed, nearest
from coterie.kernel.numbers import parse_minor
from coterie.kernel.time import add_months, format_instant, from_datetime
from coterie.programme.document import CASES_SUFFIX, Document, load_document
from coterie.programme.findings import Finding, step
from coterie.programme.measures import measure_of
from coterie.programme.model import Programme
from coterie.programme.reading import read_with_warnings
from coterie.programme.shape import find_misshapen

FILES_MAX = 100
NOON = 12
YEARS = range(1900, 2200)
"""Years a case may speak of; what repeats or lapses may reach beyond."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_KINDS = frozenset(KINDS) - INTERNAL_KINDS
_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}


class Casebook(NamedTuple):
    """A programme with its worked cases, and what is odd about the programme."""

    programme: Programme
    cases: tuple[Case, ...]
    warnings: tuple[Finding, ...]


def read_casebook(path: Path, only: str | None = None) -> Casebook:
    """Read a folder of a programme and its ``*.cases.yaml``, or a programme's file.

    Beside a file, the cases are in files that begin with its name. ``only`` is one case's id.
    Raises :class:`~coterie.programme.errors.ProgrammeInvalid` or :class:`CasesInvalid`.
    """
    reading = read_with_warnings(path)
    pattern = f"*{CASES_SUFFIX}" if path.is_dir() else f"{path.stem}*{CASES_SUFFIX}"
    files = sorted((path if path.is_dir() else path.parent).glob(pattern))
    if not files:
        raise CasesInvalid([_nothing(path, f"there are no cases here, files {pattern}.")])
    if len(files) > FILES_MAX:
        raise CasesInvalid([_nothing(path, f"there are more than {FILES_MAX} files of cases.")])
    cases = [case for file in files for case in read_cases(file, reading.programme)]
    if only is not None:
        known = [case.code for case in cases]
        cases = [case for case in cases if case.code == only]
        if not cases:
            detail = f"there is no case {only!r}.{nearest(only, known)}"
            raise CasesInvalid([_nothing(path, detail)])
    return Casebook(reading.programme, tuple(cases), reading.warnings)


def _nothing(path: Path, problem: str) -> Finding:
    return Finding(str(path), 0, "", problem)


def read_cases(path: Path | str, programme: Programme, text: str | None = None) -> Sequence[Case]:
    """Read one file of cases, or a ``text`` that ``path`` only names.

    Raises :class:`CasesInvalid` with every finding, each with its file, line and path.
    """
    document = load_document(path, text)
    misshapen = find_misshapen(document, _validator())
    cases: list[Case] = []
    seen: dict[str, str] = {}
    for number, raw in enumerate(document.value.get("cases", ())):
        at = f"cases[{number}]"
        if any(bad == at or bad.startswith((f"{at}.", f"{at}[")) for bad in misshapen):
            continue
        if raw["id"] in seen:
            document.find(f"{at}.id", f"{raw['id']!r} stands twice; first at {seen[raw['id']]}.")
        seen[raw["id"]] = at
        cases.append(_Reader(document, programme, raw, at).case())
    if document.findings:
        raise CasesInvalid(document.findings)
    return cases


@cache
def _validator() -> Draft202012Validator:
    schema = cases_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


class _Reader:
    """Reads one case whose shape is right."""

    def __init__(self, document: Document, programme: Programme, raw: Raw, path: str) -> None:
        self.document = document
        self.programme = programme
        self.raw = raw
        self.path = path
        self.zone = ZoneInfo(programme.zone)
        names = [FIRST, *(name for name in raw.get("members", {}) if name != FIRST)]
        self.members = {name: number for number, name in enumerate(names, 1)}
        self.speech = Speech(programme, self.members)
        self.expecting = Expecting(programme, document, self.members)
        self.now: datetime | None = None

    def case(self) -> Case:
        raw = self.raw
        begins = self._begins()
        given = tuple(self._given(name, *self._said_of(name), begins) for name in self.members)
        steps = [
            made for n, each in enumerate(raw.get("events", ())) for made in self._step(n, each)
        ]
        expect = raw.get("expect")
        path = f"{self.path}.expect"
        if expect is not None and "at" in expect:
            at_us = self._us(self._moment(expect["at"], f"{path}.at"))
            steps.append(Step(path, "expect", at_us, FIRST))
        expected = None if expect is None else self.expecting.read(expect, path)
        return Case(
            raw["id"],
            self.document,
            self.path,
            raw.get("about"),
            given,
            begins,
            tuple(steps),
            expected,
        )

    def _find(self, refusal: Malformed, path: str) -> None:
        self.document.find(refusal.where or path, refusal.detail)

    def _moment(self, text: str, path: str) -> datetime:
        """Return a moment; without an offset it is of the programme's zone, a day is its noon."""
        return self._in_reach(self._read_moment(text, path), path)

    def _read_moment(self, text: str, path: str) -> datetime:
        try:
            if _DAY.fullmatch(text):
                return datetime.fromisoformat(text).replace(hour=NOON, tzinfo=self.zone)
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.document.find(path, f"{text!r} is not a moment such as 2026-01-31T18:30.")
            return datetime(2000, 1, 1, tzinfo=self.zone)
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)

    def _in_reach(self, moment: datetime, path: str) -> datetime:
        if moment.year in YEARS:
            return moment
        self.document.find(path, f"the year {moment.year} is too far away.", "1900 to 2199")
        return datetime(2000, 1, 1, tzinfo=self.zone)

    def _us(self, moment: datetime) -> int:
        return from_datetime(moment)

    def _begins(self) -> int:
        """Return when the case begins: as said, or with its first event."""
        if "begins" in self.raw:
            self.now = self._moment(self.raw["begins"], f"{self.path}.begins")
            return self._us(self.now)
        events = self.raw.get("events", ())
        first = events[0].get("at") if events else self.raw.get("expect", {}).get("at")
        if first is None:
            path = f"{self.path}.events[0]" if events else self.path
            self.document.find(path, "it is not said when this is.", "at: 2026-01-31")
            return 0
        return self._us(self._moment(first, f"{self.path}.events[0].at"))

    # ------------------------------------------------------------------ members

    def _said_of(self, name: str) -> tuple[Raw, str]:
        if name == FIRST and "given" in self.raw:
            return self.raw["given"], f"{self.path}.given"
        return self.raw.get("members", {}).get(name) or {}, f"{self.path}.members.{name}"

    def _given(self, name: str, raw: Raw, path: str, begins: int) -> Given:
        enrolled = begins
        if "enrolled" in raw:
            enrolled = self._us(self._moment(raw["enrolled"], f"{path}.enrolled"))
        state = raw.get("state", "active")
        self._named("state", state, self.programme.states, f"{path}.state")
        for code in raw.get("attributes", {}):
            self._named("attribute", code, self.programme.attributes, f"{path}.attributes.{code}")
        metrics = {
            code: self.expecting.metric(code, value, f"{path}.metrics.{code}")
            for code, value in raw.get("metrics", {}).items()
        }
        for code in metrics:
            metric = self.programme.metrics.get(code)
            if metric is not None and not measure_of(metric.measure).buckets:
                problem = f"{metric.measure} is no sum that could be given."
                self.document.find(f"{path}.metrics.{code}", problem, "the events that lead to it")
        return Given(
            name,
            self.members[name],
            enrolled,
            raw.get("kind", "person"),
            state,
            raw.get("attributes", {}),
            self._lots(raw, path),
            metrics,
            self.expecting.tiers(raw.get("tiers", {}), f"{path}.tiers"),
            self._held_out(raw.get("held_out", []), f"{path}.held_out"),
        )

    def _held_out(self, codes: list[str], path: str) -> frozenset[str]:
        known = self.programme.parts.get("campaigns", {})
        for n, code in enumerate(codes):
            at = f"{path}[{n}]"
            if self._named("campaign", code, known, at) and not known[code].hold_out:
                self.document.find(at, f"{code!r} has no comparison group.", "hold_out: 10")
        return frozenset(codes)

    def _lots(self, raw: Raw, path: str) -> dict[str, tuple[OpeningLot, ...]]:
        found: dict[str, tuple[OpeningLot, ...]] = {}
        written = {
            **{(c, "balances"): [{"units": units}] for c, units in raw.get("balances", {}).items()},
            **{(c, "lots"): lots for c, lots in raw.get("lots", {}).items()},
        }
        for (code, key), lots in written.items():
            at = f"{path}.{key}.{code}"
            if not self._named("currency", code, self.programme.currencies, at):
                continue
            opening = []
            for lot in lots:
                units = self._units(lot["units"], code, at)
                if units > 0:
                    opening.append(OpeningLot(units, lot.get("expires_on"), lot.get("earned_on")))
            if opening:
                found[code] = (*found.get(code, ()), *opening)
        return found

    def _units(self, raw: str | int, currency: str, path: str) -> int:
        try:
            return parse_minor(raw, self.programme.currencies[currency].scale, where=path)
        except Malformed as refusal:
            self._find(refusal, path)
            return 0

    def _named(self, what: str, name: str, known: Any, path: str) -> bool:
        return self.expecting.named(what, name, known, path)

    # ------------------------------------------------------------------ events

    def _step(self, number: int, raw: Raw) -> list[Step]:
        path = f"{self.path}.events[{number}]"
        if "at" in raw:
            self.now = self._moment(raw["at"], f"{path}.at")
        if self.now is None:
            return []
        kinds = [key for key in raw if key in _KINDS]
        if len(kinds) > 1:
            self.document.find(path, f"one event at a time, not {' and '.join(kinds)}.")
            return []
        member = raw.get("member", FIRST)
        self._named("member", member, self.members, f"{path}.member")
        expect = raw.get("expect")
        expected = None if expect is None else self.expecting.read(expect, f"{path}.expect")
        times = raw.get("times", 1)
        steps: list[Step] = []
        begin = self.now
        for n in range(times):
            self.now = self._later(begin, raw.get("every"), n)
            last = n == times - 1
            made = self._one(number, n, raw, kinds[0] if kinds else None, member, path)
            if made is None:
                return steps
            if last:
                force_setattr(made, "expected", expected)
                force_setattr(made, "label", raw.get("id"))
            steps.append(made)
        return steps

    def _later(self, begin: datetime, every: str | None, times: int) -> datetime:
        """Return the moment a step is repeated at: the same time of day, so many periods on."""
        if every in _DAYS:
            return begin + timedelta(days=_DAYS[every] * times)
        if every in _MONTHS:
            day = add_months(begin.date().toordinal(), _MONTHS[every] * times)
            return begin + timedelta(days=day - begin.date().toordinal())
        return begin

    def _one(
        self, number: int, time: int, raw: Raw, kind: str | None, member: str, path: str
    ) -> Step | None:
        assert self.now is not None
        at_us = self._us(self.now)
        if kind is None:
            return Step(path, "wait", at_us, member)
        offset = self.now.utcoffset() or timedelta()
        key = f"{self.raw['id']}:{number + 1}" + (f".{time + 1}" if time else "")
        envelope: Raw = {name: raw[name] for name in ENVELOPE if name in raw}
        envelope |= {
            "key": key,
            "occurred_at": format_instant(at_us, int(offset.total_seconds() // 60)),
            "member": {"id": self.members.get(member, 1)},
        }
        said = raw[kind]
        if kind == Order.__struct_config__.tag and not (
            isinstance(said, dict) and "order_ref" in said
        ):
            envelope["order_ref"] = key
        try:
            event, labels = self.speech.event(kind, said, envelope, step(path, kind))
        except Malformed as refusal:
            self._find(refusal, path)
            return None
        received = raw.get("received")
        received_us = None
        if received is not None:
            received_us = self._us(self._moment(received, f"{path}.received"))
        return Step(path, kind, at_us, member, kind, event, received_us, labels)
