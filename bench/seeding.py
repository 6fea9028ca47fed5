"""The database everything is measured on: built once by SQL, kept as a template, and checked.

The world's time is set to :data:`NOW`, so that what is due, which rules hold and where every
counter stands are the same in every run.
"""

from __future__ import annotations

import hashlib
import random
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from typing import Any

import msgspec
import psycopg

from bench.orders import FIRST_ID
from bench.programmes import OWN, TEMPLATES, bench_programme, parent_of, programme_of
from coterie.access import issue_key
from coterie.intake.placing import place
from coterie.intake.reading import arrival_of, recorded_event
from coterie.intake.recording import Outcome, outcome_decoder, outcome_of
from coterie.kernel.time import SECOND_US, parse_instant
from coterie.members import Member
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.decide import decide
from coterie.programme.model import Programme
from coterie.programme.standing import Standing
from coterie.programme.versions import (
    finish_backfill,
    load_versions,
    open_backfills,
    publish_programme,
)
from coterie.storage import Connection, known_migrations, load_queries, transaction
from coterie.storage.clock import set_clock

NOW = "2026-06-15T10:00:00+08:00"
NOW_US = parse_instant(NOW)[0]
SWITCH_US = parse_instant("2026-06-01T00:00:00+08:00")[0]
"""From here on all rules are in force; the history was made under the first five."""
DUE_US = parse_instant("2026-07-01T00:00:00+08:00")[0]
"""When the points of a fifth of the members lapse."""
PRODUCTS = 2_000
HISTORY_RULES = 5
MOVEMENTS_PER_MEMBER = 10
SAMPLE = 400

queries = load_queries("bench")
_counters = msgspec.json.Decoder(dict[str, dict[int, int]])


def card_of(member_id: int) -> str:
    """Return the card of a member."""
    return f"88{member_id - FIRST_ID + 1:08d}"


def fingerprint(members: int) -> str:
    """Return what names the template: it changes with the schema, the programme and this SQL."""
    hashed = hashlib.sha256(f"{members} {PRODUCTS} {NOW}".encode())
    for statement in queries:
        hashed.update(statement.text.encode())
    for migration in known_migrations():
        hashed.update(migration.sha256.encode())
    hashed.update((resources.files("coterie.programme") / "library" / "bench.yaml").read_bytes())
    return hashed.hexdigest()[:10]


def seed(url: str, members: int) -> float:
    """Fill a migrated, empty database with ``members`` and their history; return the seconds."""
    began = time.monotonic()
    programme = bench_programme()
    with psycopg.connect(url, autocommit=True) as db:
        _set_up(db, programme, members)
        compiled = CompiledProgramme(programme, 1)
        _prepare(db)
        keeps = {
            "keep_days": _keep(compiled, "day"),
            "keep_months": _keep(compiled, "month"),
            "members": members,
            "products": PRODUCTS,
        }
        _run(db, "draw_orders", keeps)
        db.execute("analyze bench_order")
    # Two at once, because there are two cores; what shares no table shares no index either.
    halves = (
        ("seed_movements", "seed_balances", "seed_rollups", "seed_counters"),
        ("seed_events", "seed_members", "seed_identities", "seed_registry", "seed_lots"),
    )
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(_fill, url, names, keeps) for names in halves]:
            done.result()
    with psycopg.connect(url, autocommit=True) as db:
        _finish(db, keeps)
        check_sample(db, members)
    return time.monotonic() - began


def _keep(compiled: CompiledProgramme, cap: str) -> int:
    period = compiled.caps[cap].period
    assert period is not None
    return period.keep


def _set_up(db: Connection, programme: Programme, members: int) -> None:
    """Publish both versions, set the time, write the catalogue."""
    assert members >= SAMPLE
    history = msgspec.structs.replace(programme, rules=programme.rules[:HISTORY_RULES])
    with transaction(db):
        publish_programme(db, history, 0, 0)
        publish_programme(db, programme, SWITCH_US, SWITCH_US)
        set_clock(db, NOW_US, 1000)
    _run(db, "seed_catalogue", {})
    _run(db, "seed_products", {"products": PRODUCTS})


def _prepare(db: Connection) -> None:
    db.execute("set statement_timeout = 0")
    db.execute("alter table ledger.movement disable trigger movement_applied")


def _run(db: Connection, name: str, parameters: dict[str, Any]) -> None:
    # Bound by the client: a statement that creates a table takes no parameters.
    with psycopg.ClientCursor(db) as cursor:
        cursor.execute(getattr(queries, name), parameters or {"": None})


def _fill(url: str, names: tuple[str, ...], parameters: dict[str, Any]) -> None:
    with psycopg.connect(url, autocommit=True) as db:
        for setting in (
            "set statement_timeout = 0",
            "set synchronous_commit = off",
            "set work_mem = '256MB'",
            "set max_parallel_workers_per_gather = 0",
            # Foreign keys hold by construction; asking for each of a million rows takes longer.
            "set session_replication_role = replica",
        ):
            db.execute(setting)
        for name in names:
            _run(db, name, parameters)


def _finish(db: Connection, parameters: dict[str, Any]) -> None:
    db.execute("set statement_timeout = 0")
    _run(db, "seed_sequence", parameters)
    db.execute("alter table ledger.movement enable trigger movement_applied")
    db.execute("drop table bench_order")
    # What the server would do within the hour anyway must not happen while something is measured.
    db.execute("vacuum (freeze, analyze)")
    db.execute("checkpoint")


def put_in_force(db: Connection, name: str) -> None:
    """Let a template take the place of the benchmark's programme, from :data:`SWITCH_US` on.

    What it counts begins with the run: the history is not counted in its metrics.
    """
    parents = {f"c{n}": parent_of(name, n) for n in range(1, 1 + sum(TEMPLATES[name].values()))}
    given = {"categories": list(parents), "parents": list(parents.values())}
    with transaction(db):
        _run(db, "seed_parents", {"names": list(TEMPLATES[name])})
        _run(db, "seed_kinship", given)
        publish_programme(db, programme_of(name), SWITCH_US, SWITCH_US)
        for waiting in open_backfills(db):
            finish_backfill(db, waiting.version, NOW_US)


def begin(db: Connection, name: str = OWN) -> str:
    """Put a programme in force and set the world's time to its beginning.

    Returns the text of a key that was issued.
    """
    if name != OWN:
        put_in_force(db, name)
    with transaction(db):
        set_clock(db, NOW_US, 1000)
        scopes = ["events:write", "ledger:read"]
        return issue_key(db, "pos", scopes, now_us=NOW_US).text


def check_sample(db: Connection, members: int) -> None:
    """Decide the history of some members again and compare all that was recorded of them.

    Raises :class:`AssertionError` when what the SQL made is not what the engine would have made.
    """
    rng = random.Random(1)
    ids = sorted(rng.sample(range(FIRST_ID, FIRST_ID + members), SAMPLE))
    wanted = {"member_ids": ids}
    programmes = Programmes(
        [CompiledProgramme(p, number, at_us) for number, at_us, p in load_versions(db)]
    )
    standings = {i: Standing(Member(i, enrolled_us=0)) for i in ids}
    for member_id, seq, payload, outcome in db.execute(queries.sample_events, wanted):
        standing = standings[member_id]
        decided = _decide_again(programmes, standing, payload)
        recorded = outcome_decoder.decode(outcome)
        assert decided == recorded, f"event {member_id}:{seq}: {decided} {recorded}"
    for member_id, seq, lot_no, clock_us, due_us, buckets in db.execute(
        queries.sample_members, wanted
    ):
        standing = standings[member_id]
        member = standing.member
        decided_member = (member.seq, member.lot_no, member.clock_us, member.next_due_us)
        assert decided_member == (seq, lot_no, clock_us, due_us), f"member {member_id}"
        assert standing.counters == _counters.decode(buckets), f"counters of member {member_id}"
    for member_id, lot_no, *rest in db.execute(queries.sample_lots, wanted):
        lot = standings[member_id].lots[lot_no]
        decided_lot = [lot.currency, lot.earned_seq, lot.units, lot.remaining, lot.earned_us]
        assert [*decided_lot, lot.expires_us, lot.expires_day] == rest, f"lot {member_id} {lot_no}"


def _decide_again(programmes: Programmes, standing: Standing, payload: str) -> Outcome:
    event = recorded_event(payload)
    at_us = parse_instant(event.occurred_at)[0]
    arrival = arrival_of(event, received_us=at_us + SECOND_US)
    happening = place(arrival, standing.member, programmes, {}, 0)
    return outcome_of(decide(programmes, standing, happening), standing.accounts)
