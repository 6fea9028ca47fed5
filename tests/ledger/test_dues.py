"""Punctuality leaves no mark: a worker that is on, late, absent or eager, and any copying."""
# ruff: noqa: ANN001 - the strategies above the tests say what the arguments are

import copy
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.kernel.time import HOUR_US, from_datetime
from coterie.programme.standing import next_due
from tests.ledger.driver import Drive
from tests.ledger.histories import Clock, histories, state, take, tell, twin, zones
from tests.ledger.machine import STARTS, policies
from tests.ledger.machine_rules import machine_programme
from tests.ledger.oracle import Policy

worlds = st.tuples(zones, policies, st.booleans())


def begin(world) -> tuple[Drive, Clock]:
    zone, points, released = world
    programme = machine_programme(
        zone, {"points": points, "growth": Policy(expiry=("fixed", 1, 0, "none"))},
        cap_released=released,
    )  # fmt: skip
    return Drive(programme), Clock(STARTS[zone])


def check_punctuality(world, history, visits) -> None:
    never, clock = begin(world)
    answers = tell(never, clock, history)
    end_us = clock.us + 24 * HOUR_US * 400
    never.due(end_us)

    # A worker that comes at every single moment something falls due, before anything is received.
    always, clock = begin(world)
    told = []
    for step in history:
        always.due(from_datetime(clock.now + timedelta(hours=step.hours)))
        told.append(take(always, clock, step))
        always.due(clock.us)
    always.due(end_us)
    assert told == answers
    assert state(always) == state(never)
    assert always.dues == never.dues

    # One that comes now and then, and asks for moments at which nothing is due.
    sometimes, clock = begin(world)
    for n, step in enumerate(history):
        if n in visits:
            sometimes.member.next_due_us = clock.us - HOUR_US  # an early value is harmless
            sometimes.due(clock.us)
        take(sometimes, clock, step)
    sometimes.due(end_us)
    assert state(sometimes) == state(never)


@settings(max_examples=60)
@given(worlds, histories, st.sets(st.integers(0, 25), max_size=5))
def test_the_worker_leaves_no_mark(world, history, visits):
    check_punctuality(world, history, visits)


@pytest.mark.long
@pytest.mark.timeout(900)
@settings(max_examples=2000)
@given(worlds, histories, st.sets(st.integers(0, 25), max_size=8))
def test_the_worker_leaves_no_mark_long(world, history, visits):
    check_punctuality(world, history, visits)


@settings(max_examples=40)
@given(worlds, histories)
def test_any_copy_decides_the_same(world, history):
    """Between any two events the standing may be written and read again."""
    one, clock = begin(world)
    answers = tell(one, clock, history)
    other, clock = begin(world)
    found = []
    for step in history:
        other = twin(other)
        code, decision = take(other, clock, step)
        found.append((code, copy.deepcopy(decision)))
    for (code, decision), (seen, now) in zip(answers, found, strict=True):
        assert code == seen
        if decision is not None and now is not None:
            assert (now.movements, now.uses, now.counted) == (
                decision.movements, decision.uses, decision.counted,
            )  # fmt: skip
    assert state(other, without_clock=False) == state(one, without_clock=False)


@settings(max_examples=60)
@given(worlds, histories)
def test_the_next_due_moment_is_never_late(world, history):
    drive, clock = begin(world)
    for step in history:
        take(drive, clock, step)
        due, known = next_due(drive.standing), drive.member.next_due_us
        assert due is None or (known is not None and known <= due)
