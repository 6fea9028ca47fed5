"""What must be true after a day of kills: all that was acknowledged, once, as it was told."""

import time
from collections.abc import Sequence
from typing import Any

from tests.crash.customers import Journal, Line, Sent
from tests.crash.files import Importer
from tests.crash.site import SOURCES, Site, rows
from tests.storage.holding import within

STOP_S_MAX = 10.0
DELIVERED_S_MAX = 30.0
BATCH = 200
ANSWER = ("status", "event", "member_id", "code", "detail", "effects", "balances")


def prove_recorded(site: Site, journal: Journal) -> None:
    """Every acknowledged event has one row and one key; no other event has either."""
    twice = rows(
        site, "select source, key, count(*) from events.event group by 1, 2 having count(*) > 1"
    )
    assert not twice, f"recorded twice: {twice[:5]}"
    acknowledged = {
        (sent.source, sent.body["key"]): sent.answer.get("event")
        for sent in journal.sent
        if sent.left_a_trace
    }
    sources = list(SOURCES)
    found: dict[Any, Any] = {
        (source, key): event
        for source, key, event in rows(
            site,
            "select source, key, member_id || ':' || seq from storage.registry "
            "where source = any(%s) and seq is distinct from 0",
            sources,
        )
    }
    lost = acknowledged.keys() - found.keys()
    assert not lost, f"{len(lost)} acknowledged events are lost: {sorted(lost)[:5]}"
    made_up = found.keys() - acknowledged.keys()
    assert not made_up, f"{len(made_up)} events nobody sent: {sorted(made_up)[:5]}"
    moved = [
        (key, event, found[key])
        for key, event in acknowledged.items()
        if event is not None and event != found[key]
    ]
    assert not moved, f"acknowledged as one event, recorded as another: {moved[:5]}"
    recorded = rows(site, "select count(*) from events.event where source = any(%s)", sources)
    waiting = sum(event is None for event in found.values())
    assert recorded == [(len(found) - waiting,)], "as many events as keys"


def prove_answers(site: Site, journal: Journal) -> None:
    """Whoever sends an event again hears what was said the first time."""
    for source in SOURCES:
        line = Line(site, source)
        mine = [sent for sent in journal.sent if sent.source == source and sent.left_a_trace]
        for begin in range(0, len(mine), BATCH):
            part = mine[begin : begin + BATCH]
            status, said, _ = line.insist(
                journal, "/v1/events:batch", {"events": [sent.body for sent in part]}
            )
            assert status == 200, said
            for sent, again in zip(part, said["answers"], strict=True):
                assert _same(sent, again), f"told {sent.answer}, now {again} to {sent.body}"
        line.close()


def _same(sent: Sent, again: dict[str, Any]) -> bool:
    first = sent.answer
    if first.get("event") is None:
        return bool(again["replayed"])  # It waited, and may have been let in since.
    if isinstance(first["status"], int):
        first = first | {"status": "refused"}  # A problem document has the status of HTTP there.
    return bool(again["replayed"]) and all(
        (first.get(name) or None) == (again.get(name) or None) for name in ANSWER
    )


def prove_members(site: Site, journal: Journal) -> None:
    """Everyone who was enrolled is a member once, and no sale of theirs waits any longer."""
    cards = [each.card for each in journal.enrolled]
    found = rows(
        site,
        "select value, array_agg(member_id) from members.identity where value = any(%s) group by 1",
        cards,
    )
    assert dict(found) == {each.card: [each.member_id] for each in journal.enrolled}
    open_ones = "select identity_value from events.waiting where decided is null and "
    unknown = open_ones + "reason = 'unknown_member' and identity_value = any(%s)"
    assert within(DELIVERED_S_MAX, lambda: not rows(site, unknown, cards)), "they wait for ever"


def prove_imported(site: Site, importer: Importer) -> None:
    """Every event of every file is there once."""
    keys = "select key from events.event where source = 'import'"
    found = [key for (key,) in rows(site, keys)]
    assert len(found) == len(set(found))
    assert set(found) == set(importer.keys)


def prove_delivered(site: Site) -> None:
    """What one member's event means for another one has reached that member."""
    open_ones = "select count(*) from storage.outbox where follow_up"
    assert within(DELIVERED_S_MAX, lambda: rows(site, open_ones) == [(0,)]), "they never arrive"
    travelling = rows(
        site,
        "select sum(case credit when 'in_transit' then units else -units end) from ledger.movement "
        "where 'in_transit' in (debit, credit)",
    )
    assert travelling in ([(0,)], [(None,)]), f"{travelling[0][0]} units are lost on the way"


def prove_nothing_is_left(site: Site) -> None:
    """No process of this world lives on: the keeper stops the server soon after its last user."""
    began = time.monotonic()
    quiet = within(STOP_S_MAX, lambda: site.home.quiet() and not site.left_over())
    assert quiet, f"still there after {STOP_S_MAX} s: {site.left_over()}"
    print(f"quiet after {time.monotonic() - began:.1f} s")


def prove_consistent(site: Site) -> None:
    """The books agree with themselves, and deciding all of history again gives the same books."""
    known = site.ask("verify", "--help").stdout
    for arguments in (("verify",), *([("verify", "--replay")] if "--replay" in known else [])):
        began = time.monotonic()
        done = site.ask(*arguments)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        print(f"coterie {' '.join(arguments)}: clean, {time.monotonic() - began:.1f} s")


def prove_again(site: Site, importer: Importer) -> None:
    """Importing a file once more brings nothing new."""
    path = importer.paths[-1]
    lines = len(path.read_text("utf-8").splitlines()) - 1
    done = site.ask("import", "events", str(path))
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert f"accepted {lines} rows ({lines} of them were there already)" in done.stdout


def told(journals: Sequence[Journal]) -> Journal:
    """Put what all customers noted into one journal."""
    whole = Journal()
    for journal in journals:
        whole.sent += journal.sent
        whole.enrolled += journal.enrolled
        whole.trouble += journal.trouble
        whole.broken += journal.broken
    return whole
