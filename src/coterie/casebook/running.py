"""Runs worked cases and says what differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from coterie.casebook.comparing import Comparer, Differs
from coterie.casebook.model import Case, Difference, Expected, Result, Step, Told, Verdict
from coterie.casebook.playing import Played, World
from coterie.casebook.telling import Teller
from coterie.programme.compile import CompiledProgramme
from coterie.programme.model import Programme

_ACCEPTED = Verdict()


def run_cases(programme: Programme, cases: Iterable[Case], lang: str = "en") -> Iterator[Result]:
    """Run each case in a world of its own; yield what became of it."""
    compiled = CompiledProgramme(programme, 1)
    for case in cases:
        yield _Run(programme, compiled, case, lang).run()


class _Run:
    def __init__(
        self, programme: Programme, compiled: CompiledProgramme, case: Case, lang: str
    ) -> None:
        self.case = case
        self.world = World(compiled, case)
        self.comparer = Comparer(programme, self.world)
        self.teller = Teller(programme, case.given, lang)
        self.story: list[Told] = []
        self.differences: list[Difference] = []
        self.everything: list[Played] = []
        self.ids = {given.name: given.member_id for given in case.given}

    def run(self) -> Result:
        case = self.case
        at_us = case.begins_us
        last_event = max(
            (n for n, step in enumerate(case.steps) if step.event is not None), default=-1
        )
        since: list[Played] = []
        path = ""
        for number, step in enumerate(case.steps):
            if step.path != path:
                since, path = [], step.path
            at_us = max(at_us, step.at_us)
            played = self.world.play(step)
            since += played
            self._tell(played)
            if step.event is not None:
                final = case.expected if number == last_event else None
                self._answered(step, played[-1], final)
            if step.expected is not None:
                # What others were to bring by now is there, too.
                since += self._settle(at_us)
                member = self.ids[step.member]
                self._note(self.comparer.compare(step.expected, member, at_us, since))
        self._settle(at_us)
        if case.expected is not None:
            first = case.given[0].member_id
            found = self.comparer.compare(case.expected, first, at_us, self.everything)
            self._note(found)
        file, line = case.place(f"{case.path}.id")
        return Result(case.code, file, line, tuple(self.differences), tuple(self.story))

    def _settle(self, at_us: int) -> list[Played]:
        played = self.world.settle(at_us)
        self._tell(played)
        return played

    def _tell(self, played: list[Played]) -> None:
        self.everything += played
        self.story += [self.teller.tell(each) for each in played]

    def _answered(self, step: Step, played: Played, final: Expected | None) -> None:
        """Compare how an event was answered; one that nothing is said of is to be accepted."""
        wanted, path = _ACCEPTED, step.path
        for expected in (step.expected, final):
            if expected is not None and expected.verdict is not None:
                wanted, path = expected.verdict, expected.path
                break
        found = Verdict(played.status, played.code)
        if found != wanted:
            self._note([(f"{path}.{step.kind}", _said(wanted), _said(found))])

    def _note(self, differs: Iterable[Differs]) -> None:
        for path, expected, found in differs:
            file, line = self.case.place(path)
            self.differences.append(Difference(file, line, path, expected, found))


def _said(verdict: Verdict) -> str:
    return verdict.status if verdict.code is None else f"{verdict.status} ({verdict.code})"
