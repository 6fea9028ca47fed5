"""A world's own time: it stands, steps and runs, and never goes back by itself."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.kernel.clock import FixedClock
from coterie.kernel.errors import Malformed
from coterie.storage import Connection, transaction
from coterie.storage.clock import Setting, clear_clock, set_clock, step_clock, world_clock
from coterie.storage.errors import ClockNotSet

HOUR = 3_600_000_000


def test_a_clock_that_was_set_runs_at_its_rate(db: Connection):
    machine = FixedClock(1_000_000)
    clock = world_clock(db, machine)
    assert clock.now_us() == 1_000_000
    set_clock(db, 5 * HOUR, 2_500, machine=machine)
    assert clock.now_us() == 1_000_000
    clock.refresh(db)
    machine.step(1_001)
    assert clock.now_us() == 5 * HOUR + 2_502
    step_clock(db, HOUR, machine=machine)
    clock.refresh(db)
    assert clock.now_us() == 6 * HOUR + 2_502
    clear_clock(db)
    clock.refresh(db)
    assert clock.now_us() == machine.now_us()


def test_what_makes_no_sense_is_refused(db: Connection):
    with pytest.raises(ClockNotSet):
        step_clock(db, 1)
    for at_us, rate in [(-1, 0), (2**62, 0), (0, -1), (0, 10**10)]:
        with pytest.raises(Malformed):
            set_clock(db, at_us, rate)
    set_clock(db, 0)
    with pytest.raises(Malformed):
        step_clock(db, 0)


def test_two_steps_at_once_both_count(database_url: str):
    with psycopg.connect(database_url, autocommit=True) as db:
        set_clock(db, 0)

    def step(_: int) -> None:
        with psycopg.connect(database_url, autocommit=True) as db:
            for _ in range(10):
                with transaction(db):
                    step_clock(db, HOUR)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(step, range(4)))
    with psycopg.connect(database_url, autocommit=True) as db:
        assert world_clock(db).now_us() == 40 * HOUR


@given(
    st.integers(0, 10**15),
    st.integers(0, 10**9),
    st.lists(st.integers(-(10**12), 10**14), min_size=2, max_size=5),
)
def test_time_never_goes_back(base_us: int, rate_milli: int, moments: list[int]):
    setting = Setting(base_us, 0, rate_milli)
    times = [setting.now_us(moment) for moment in sorted(moments)]
    assert times == sorted(times)
    assert times[0] >= base_us
