"""Ladders: rising, reviews, keeping and falling, one member at a time."""

from coterie.events import model as ev
from coterie.programme.plain import plain_words
from coterie.programme.reading import read_canonical, read_programme
from coterie.programme.writing import canonical_text
from tests.ledger.driver import Drive
from tests.programme.ladder_texts import hotel


def at(day: str) -> str:
    return f"{day}T12:00:00+08:00"


def test_a_ladder_is_written_and_said_as_it_was_read():
    programme = read_programme("hotel", hotel())
    assert read_canonical(canonical_text(programme)) == programme
    assert plain_words(programme, "zh")[-2] == (
        "会籍：会员、银卡、金卡；升级至银卡的条件：房晚达到10；"
        "升级至金卡的条件：房晚达到25或入住次数达到20；金卡保级条件：房晚达到20；"
        "达到条件即时升级；每年末评定；未达保级条件时降至所符合的等级。"
    )
    assert plain_words(programme, "en")[-2] == (
        "Status: Member, Silver, Gold; Silver is reached with 10 nights; Gold is reached with "
        "25 nights or 20 stays; kept with 20 nights; a member rises at once; reviewed at the end "
        "of every year; otherwise down to the tier that fits."
    )


def test_a_member_rises_at_once_and_is_reviewed_at_the_end_of_the_year():
    drive = Drive(read_programme("hotel", hotel()))

    def stay(day: str, nights: int) -> list[tuple[str | None, str]]:
        drive.dues.clear()
        sent = drive.send(ev.Activity, at(day), activity="stay", fields={"nights": nights})
        changes = [c for due in drive.dues for c in due.tiers] + sent.tiers
        return [(c.to_tier, c.reason) for c in changes]

    assert stay("2026-03-01", 9) == []
    assert stay("2026-03-02", 1) == [("silver", "reached")]
    assert stay("2026-05-01", 15) == [("gold", "reached")]
    assert stay("2027-05-01", 19) == [("gold", "kept")]
    assert stay("2028-01-01", 1) == [("silver", "demoted")]
    assert stay("2029-01-01", 1) == [("member", "demoted")]
