"""Goal: whatever dies at whatever moment, nothing acknowledged is lost and nothing happens twice.

Method: a world that runs as in production (fsync on, its own PostgreSQL, `coterie serve` with two
servers and a worker, imports in a loop, time running a day a second), senders over HTTP who send
everything again until it is acknowledged, and SIGKILLs at moments drawn from COTERIE_TEST_SEED.
Afterwards every answer is asked for again, and the books are proven and replayed.
"""

import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from tests.conftest import SEED, stable_hash
from tests.crash import proof
from tests.crash.customers import Customer, Journal
from tests.crash.files import Importer
from tests.crash.killing import Killer
from tests.crash.site import Site, kill

CUSTOMERS = 16
JOIN_S = 120.0
SCENARIOS = {
    "servers": ("server", "supervisor", "worker", "importer", "import process"),
    "database": ("keeper", "postmaster", "backend", "keeper and postmaster"),
    "everything": ("everything", "everything", "server", "worker", "importer", "postmaster"),
}


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    print(f"The log of {made.home.path} ends with:\n{made.log_tail()}")
    made.end()


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(site: Site, scenario: str):
    run(site, SCENARIOS[scenario], kills=20, customers=CUSTOMERS, file_events=6_000)


@pytest.mark.timeout(300)
def test_two_kills_lose_nothing(site: Site):
    """The same in short: a server process, then PostgreSQL."""
    run(site, ("server", "postmaster"), kills=2, customers=4, file_events=1_000)


def run(site: Site, kinds: Sequence[str], *, kills: int, customers: int, file_events: int) -> None:
    seed = stable_hash(SEED) % 10**6
    print(f"COTERIE_TEST_SEED={SEED} draws {seed}; the log is {site.log}")
    site.start()
    stop, no_more_files = threading.Event(), threading.Event()
    crowd = [Customer(site, number, seed, stop) for number in range(customers)]
    importer = Importer(site, seed, no_more_files, events=file_events)
    for thread in (*crowd, importer):
        thread.start()
    killer = Killer(site, importer, seed, lambda: sum(len(one.journal.sent) for one in crowd))
    began = time.monotonic()
    try:
        killer.run(kinds, kills)
        no_more_files.set()
        importer.join(JOIN_S)
    finally:
        stop.set()
        no_more_files.set()
    for customer in crowd:
        customer.join(JOIN_S)
    assert not importer.is_alive(), "the import does not end"
    assert not any(customer.is_alive() for customer in crowd), "a customer is still waiting"
    journal = proof.told([customer.journal for customer in crowd])
    print(
        f"{sum(killer.killed.values())} kills in {time.monotonic() - began:.0f} s "
        f"{dict(killer.killed)}: {len(journal.sent)} events acknowledged, {journal.again} "
        f"after an answer was lost, {len(importer.keys)} imported in {importer.runs} runs, "
        f"serve ended {site.exits}; {dict(journal.trouble)}"
    )
    assert sum(killer.killed.values()) == kills
    assert not journal.broken, journal.broken[:5]
    assert not importer.broken
    prove(site, journal, importer)


def prove(site: Site, journal: Journal, importer: Importer) -> None:
    # A fresh worker looks at once for what others left unfinished; an old one does so every minute.
    kill(*site.serving("worker"))
    proof.prove_delivered(site)
    proof.prove_members(site, journal)
    proof.prove_answers(site, journal)
    proof.prove_recorded(site, journal)
    proof.prove_imported(site, importer)
    proof.prove_again(site, importer)
    assert site.stop() == 0, "asked to end, it ends well"
    proof.prove_nothing_is_left(site)
    proof.prove_consistent(site)
    proof.prove_nothing_is_left(site)
