"""One engine everywhere: the library, HTTP and the command line say the same of the same events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import msgspec
from click.testing import CliRunner

from coterie.cli import main
from coterie.intake.placing import place as place_event
from coterie.intake.reading import read_event
from coterie.members import Member
from coterie.programme.compile import CompiledProgramme, Programmes
from coterie.programme.decide import decide
from coterie.programme.reading import read_programme
from coterie.replay.comparing import begin
from tests.api.serving import NOW_US, PROGRAMME, Place, order

EVENTS = [
    order("k1", 12_345),
    order("k2", 999),
    {**order("k3"), "kind": "spend", "currency": "points", "units": 60},
]
for _event in EVENTS[2:]:
    del _event["lines"]


def in_a_notebook(member_id: int) -> list[list[tuple[Any, ...]]]:
    """Decide with nothing but the library: no database, no server."""
    programmes = Programmes([CompiledProgramme(read_programme("p", PROGRAMME), 1)])
    standing = begin(Member(member_id))
    found = []
    for event in EVENTS:
        raw = msgspec.json.encode({**event, "member": {"id": member_id}})
        arrival = read_event(raw, source="shop", received_us=NOW_US)
        happening = place_event(arrival, standing.member, programmes, {}, 0)
        decision = decide(programmes, standing, happening)
        found.append([(m.currency, m.units, m.reason, m.debit) for m in decision.movements])
    return found


def effects(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(e["currency"], e["units"], e["reason"], e["debit"]) for e in answer["effects"]]


def test_the_library_http_and_the_command_line_say_the_same(
    api: httpx.Client, place: Place, tmp_path: Path
):
    wanted = in_a_notebook(place.member_id)
    assert [len(movements) for movements in wanted] == [2, 2, 1]
    assert [effects(api.post("/v1/events", json=event).json()) for event in EVENTS] == wanted
    file = tmp_path / "events.jsonl"
    made = CliRunner().invoke(
        main, ["--database-url", place.url, "members", "add", "--card", "B1000"]
    )
    assert made.exit_code == 0, made.output
    lines = [
        {**event, "key": f"cli-{event['key']}", "member": {"card": "B1000"}} for event in EVENTS
    ]
    file.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    sent = CliRunner().invoke(main, ["--database-url", place.url, "events", "send", str(file)])
    assert sent.exit_code == 0, sent.output
    assert [effects(json.loads(line)) for line in sent.stdout.splitlines()] == wanted
