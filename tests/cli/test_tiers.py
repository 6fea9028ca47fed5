"""``coterie tiers``, and the list of an association that is imported as granted tiers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from coterie.cli import main
from tests.programme.ladder_texts import hotel

Run = Callable[..., Result]
MAPPING = """\
import: events
zone: Asia/Shanghai
rows:
  - kind: status_change
    set:
      key: {join: [card, tier, until], with: ":"}
      member.card: card
      occurred_at: at
      ladder: {const: status}
      action: {const: grant}
      tier: tier
      until: until
      reason: {const: 行业协会名单}
"""


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    """Call the command line on a world with a ladder and two members."""

    def call(*arguments: object, code: int = 0) -> Result:
        words = ["--database-url", database_url, *map(str, arguments)]
        result = CliRunner().invoke(main, words)
        assert result.exit_code == code, result.output
        return result

    text = tmp_path / "hotel.yaml"
    text.write_text(hotel(), "utf-8")
    call("clock", "set", "2026-03-01T12:00:00+08:00")
    call("programme", "publish", text)
    for card in ("CARD1", "CARD2"):
        call("members", "add", "--card", card)
    return call


def rows(result: Result) -> list[list[str]]:
    return [line.split("\t") for line in result.stdout.splitlines()][1:]


def test_a_tier_is_set_shown_and_told_with_its_reason(run: Run):
    member = run("members", "find", "--card", "CARD1").stdout.strip()
    begun = rows(run("tiers", "show", member))
    assert begun == [
        ["status", "member", "", "", "silver: 10 nights to go", "", "member", ""],
    ]
    sent = run(
        *("tiers", "set", member, "status", "grant", "--tier", "gold"),
        *("--until", "2026-04-30", "--reason", "friend of the house"),
    )
    assert json.loads(sent.stdout)["tiers"][0]["tier"] == "gold"
    shown = rows(run("tiers", "show", member, "--lang", "zh"))
    assert shown == [["status", "gold", "2026-03-01", "2026-04-30", "", "", "member", ""]]
    run("clock", "set", "2026-06-01T12:00:00+08:00")
    changes = rows(run("tiers", "changes", member))
    assert [row[3:7] for row in changes] == [
        ["gold", "member", "", "grant_ended"],
        ["member", "gold", "2026-04-30", "granted"],
    ]
    assert changes[1][8] == "friend of the house"
    assert rows(run("tiers", "changes", member, "--ladder", "other")) == []
    assert (
        "tier_unknown"
        in run(
            *("tiers", "set", member, "status", "pin", "--tier", "god", "--reason", "x"), code=3
        ).stdout
    )


def test_an_associations_list_gives_its_members_a_tier_to_a_day(run: Run, tmp_path: Path):
    (tmp_path / "list.csv").write_text(
        "card,tier,at,until\n"
        "CARD1,gold,2026-02-01 00:00,2026-12-31\n"
        "CARD2,silver,2026-02-01 00:00,2026-06-30\n",
        "utf-8",
    )
    (tmp_path / "list.yaml").write_text(MAPPING, "utf-8")
    arguments = ("import", "events", tmp_path / "list.csv", "--mapping", tmp_path / "list.yaml")
    for already in (0, 2):
        done = run(*arguments, "--jobs", 1)
        assert f"accepted 2 rows ({already} of them were there already)" in done.stdout
    for card, tier, until in (("CARD1", "gold", "2026-12-31"), ("CARD2", "silver", "2026-06-30")):
        member = run("members", "find", "--card", card).stdout.strip()
        ((_, found, _, through, *_),) = rows(run("tiers", "show", member))
        assert (found, through) == (tier, until)
    assert "Nothing found." in run("verify", "--replay", "--jobs", 1).stdout


def test_a_tier_is_explained_by_its_changes_and_what_is_missing(run: Run, tmp_path: Path):
    member = run("members", "find", "--card", "CARD1").stdout.strip()
    stay = {
        "kind": "activity",
        "key": "s1",
        "occurred_at": "2026-03-01T11:00:00+08:00",
        "member": {"id": int(member)},
        "activity": "stay",
        "fields": {"nights": 12},
    }
    (tmp_path / "stay.json").write_text(json.dumps(stay) + "\n", "utf-8")
    run("events", "send", tmp_path / "stay.json")
    event = run("explain", member, "--event", f"{member}:1", "--lang", "zh").stdout.splitlines()
    rise = "会籍：达到升级条件，由会员升至银卡，有效至2026-12-31（房晚12，标准10）。"
    assert rise in event
    kept = "会籍：达到保级条件，保持银卡，有效至2027-12-31（房晚12，标准10）。"
    run("clock", "set", "2027-02-01T12:00:00+08:00")
    told = run("explain", member, "--tier", "status", "--lang", "zh").stdout.splitlines()
    assert told == [
        "会籍：现为银卡。",
        f"2027-01-01（方案第1版）：{kept}",
        f"2026-03-01（方案第1版）：{rise}",
        "升级至金卡：房晚还差25，或入住次数还差20。",
        "保住银卡：房晚还差10。",
    ]
    en = run("explain", member, "--tier", "status").stdout.splitlines()
    assert en[0] == "Status: Silver now."
    assert en[-1] == "Keeps Silver with: 10 nights to go."
    as_json = json.loads(run("explain", member, "--tier", "status", "--json").stdout)
    assert [c["reason"] for c in as_json["tier"]["changes"]] == ["kept", "reached"]
    assert "name_undeclared" in run("explain", member, "--tier", "states", code=1).stderr
