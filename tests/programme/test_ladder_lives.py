"""What ladders promise, by hand: a table for every feature."""

from __future__ import annotations

from datetime import date

import pytest

from coterie.programme.ladders.progress import progress
from coterie.tiers import BadStatusChange, LadderUnknown, StatusUnchanged, TierUnknown
from tests.programme.ladder_tables import drive, live, step
from tests.programme.ladder_texts import hotel


def test_or_of_two_metrics_and_a_lower_bar_to_keep():
    live(
        hotel(),
        """
        2026-02-01 stay 9    ->
        2026-02-02 stay 1    -> silver reached 2026-12-31
        2026-02-03 stay 15   -> gold reached 2026-12-31
        2027-01-01 pass      -> gold kept 2027-12-31
        2027-06-01 stay 20   ->
        2028-01-01 pass      -> gold kept 2028-12-31
        2028-06-01 stay 19   ->
        2029-01-01 pass      -> silver demoted 2029-12-31
        2030-01-01 pass      -> member demoted -
        2031-01-01 pass      ->
        """,
    )


@pytest.mark.parametrize(
    ("demote", "then"),
    [("one", "silver"), ("fit", "member"), ("highest_kept", "silver"), ("base", "member")],
)
def test_where_a_member_falls(demote: str, then: str):
    text = hotel(demote=demote).replace(
        "reach: {nights: 10}", "reach: {nights: 10}, keep: {nights: 5}"
    )
    until = "2027-12-31" if then == "silver" else "-"
    live(
        text,
        f"""
        2025-06-01 stay 30   -> gold reached 2025-12-31
        2026-06-01 stay 6    -> gold kept 2026-12-31
        2027-01-01 pass      -> {then} demoted {until}
        """,
    )


def test_one_rises_at_the_review_alone():
    live(
        hotel(promote="at_review"),
        """
        2025-06-01 stay 12   ->
        2025-06-02 stay 15   ->
        2026-01-01 pass      -> gold reached 2026-12-31
        2026-06-02 stay 12   ->
        2027-01-01 pass      -> silver demoted 2027-12-31
        """,
    )


def test_valid_through_the_end_of_february_two_years_after():
    text = hotel(valid="{until: 02-29, years_after: 2}", demote="one")
    live(
        text,
        """
        2025-06-01 stay 12   -> silver reached 2027-02-28
        2025-07-01 stay 15   -> gold reached 2027-02-28
        2026-06-01 stay 10   ->
        2027-02-28 pass      ->
        2027-03-01 pass      -> silver demoted 2028-02-29
        2027-05-01 stay 10   -> silver kept 2029-02-28
        2028-05-01 stay 25   -> gold reached 2030-02-28
        2029-06-01 stay 20   -> gold kept 2031-02-28
        """,
    )


def test_valid_for_some_months_to_the_end_of_a_month():
    text = hotel(valid="{months: 14, to: month_end}").replace("    review: {at: year_end}\n", "")
    live(
        text,
        """
        2025-06-10 stay 12   -> silver reached 2026-08-31
        2025-07-10 stay 1    -> silver kept 2026-09-30
        2026-10-01 pass      -> member demoted -
        """,
    )


def test_days_of_grace():
    live(
        hotel(grace_days="60"),
        """
        2025-06-01 stay 12             -> silver reached 2025-12-31
        2026-01-01 pass                -> silver kept 2026-12-31
        2026-06-01 stay 3              ->
        2027-01-01 pass                -> silver grace 2027-03-01
        2027-03-02 pass                -> member demoted -
        2027-04-01 stay 10             -> silver reached 2027-12-31
        2029-01-05 stay 4              -> silver kept 2028-12-31, silver grace 2029-03-01
        2029-02-05 stay 6              -> silver kept 2029-12-31
        """,
    )


def test_surplus_nights_roll_over_and_a_tier_begins_with_some():
    text = hotel(rollover="[nights]").replace(
        "keep: {nights: 20}", "keep: {nights: 20}\n        head_start: {nights: 3}"
    )
    member = live(
        text,
        """
        2025-06-01 stay 32   -> gold reached 2025-12-31
        2026-01-01 pass      -> gold kept 2026-12-31
        """,
    )
    assert member.standing.tiers["status"].course.carried == {"nights": 7 + 3}
    live(
        text,
        """
        2026-06-01 stay 10   ->
        2027-01-01 pass      -> gold kept 2027-12-31
        2027-06-01 stay 16   ->
        2028-01-01 pass      -> silver demoted 2028-12-31
        """,
        member,
    )


def test_a_granted_tier_ends_on_its_day_and_what_was_earned_is_there_again():
    live(
        hotel(),
        """
        2025-06-01 grant gold 2026-03-31     -> gold granted 2026-03-31
        2025-07-01 stay 10                   ->
        2026-01-01 pass                      ->
        2026-04-01 pass                      -> silver grant_ended 2026-12-31
        2026-05-01 grant gold 2026-05-31     -> gold granted 2026-05-31
        2026-05-02 stay 25                   -> gold reached 2026-12-31
        2026-07-01 pass                      ->
        """,
    )


def test_a_match_stays_when_its_challenge_is_met():
    text = hotel().replace(
        "keep: {nights: 20}", "keep: {nights: 20}\n        challenge: {nights: 8}"
    )
    live(
        text,
        """
        2025-06-01 match gold 2025-08-31     -> gold matched 2025-08-31
        2025-07-01 stay 7                    ->
        2025-07-02 stay 1                    -> gold match_kept 2025-12-31
        """,
    )
    live(
        text,
        """
        2025-06-01 match gold 2025-08-31     -> gold matched 2025-08-31
        2025-07-01 stay 7                    ->
        2025-09-01 pass                      -> member grant_ended -
        """,
    )


def test_pinned_and_for_ever():
    live(
        hotel(),
        """
        2025-06-01 stay 25                   -> gold reached 2025-12-31
        2025-07-01 pin silver                -> gold pinned 2025-12-31
        2026-01-01 pass                      -> gold kept 2026-12-31
        2027-01-01 pass                      -> silver demoted -
        2027-02-01 unpin                     -> member unpinned -
        2027-03-01 lifetime gold             -> gold lifetime -
        2028-01-01 pass                      ->
        """,
    )
    text = hotel().replace("keep: {nights: 20}", "lifetime: {nights_ever: 40}")
    live(
        text,
        """
        2025-06-01 stay 30   -> gold reached 2025-12-31
        2026-06-01 stay 10   -> gold kept 2026-12-31, gold lifetime -
        2027-01-01 pass      ->
        """,
    )


def test_a_pause_gives_its_days_back():
    live(
        hotel(),
        """
        2025-06-01 stay 10                   -> silver reached 2025-12-31
        2025-12-02 pause                     -> silver paused 2025-12-31
        2026-02-01 pass                      ->
        2026-03-02 resume                    -> silver resumed 2026-03-31
        2026-04-01 pass                      -> silver kept 2026-12-31
        2027-01-01 pass                      -> member demoted -
        """,
    )


def test_a_correction_downwards_holds_until_the_next_review():
    live(
        hotel(),
        """
        2025-06-01 stay 10                   -> silver reached 2025-12-31
        2025-06-02 correct member            -> member corrected -
        2025-06-03 stay 1                    ->
        2026-06-03 stay 10                   -> silver reached 2026-12-31
        2026-06-04 correct gold 2026-07-31   -> gold corrected 2026-07-31
        2026-08-01 pass                      -> silver demoted 2026-12-31
        """,
    )


def test_a_fee_must_be_paid_in_the_period():
    text = hotel(needs="{fees: 1}")
    live(
        text,
        """
        2025-06-01 stay 12   ->
        2025-06-02 fee_paid  -> silver reached 2025-12-31
        2026-06-02 stay 12   -> silver kept 2026-12-31
        2027-01-01 pass      -> member demoted -
        """,
    )


def test_a_late_event_holds_its_review_again():
    table = """
        2025-06-01 stay 25               -> gold reached 2025-12-31
        2026-06-01 stay 15               -> gold kept 2026-12-31
        2027-01-01 pass                  -> silver demoted 2027-12-31
        2026-12-30@2027-01-05 stay 4     ->
        2026-12-30@2027-01-06 stay 1     -> {then}
        """
    live(hotel(), table.format(then="gold restored 2027-12-31"))
    live(hotel(late="next"), table.format(then=""))


def test_what_was_brought_back_no_longer_lifts_where_it_is_judged():
    text = hotel().replace("reach: {nights: 10}", 'reach: {spend: "1000"}')
    table = """
        2025-06-01 buy A 600     ->
        2025-06-02 buy B 500     -> silver reached 2025-12-31
        2025-06-03 bring_back B  -> {then}
        2026-01-01 pass          -> {after}
        """
    live(text, table.format(then="", after="member demoted -"))
    judged = text.replace("    tiers:\n", "    returns: judge\n    tiers:\n")
    live(judged, table.format(then="member returned -", after=""))


def test_reviews_on_the_anniversary_and_from_a_day_of_the_year():
    anniversary = hotel().replace("{at: year_end}", "{at: anniversary}")
    live(
        anniversary,
        """
        2025-06-01 stay 10   -> silver reached 2026-04-14
        2026-02-01 stay 1    ->
        2026-04-15 pass      -> member demoted -
        2026-05-15 stay 10   -> silver reached 2027-04-14
        """,
    )
    live(
        hotel().replace("{at: year_end}", "{year_from: 04-01}"),
        """
        2025-06-01 stay 10   -> silver reached 2026-03-31
        2026-02-01 stay 10   ->
        2026-04-01 pass      -> silver kept 2027-03-31
        """,
    )
    live(
        hotel().replace("{at: year_end}", "{months: 6}"),
        """
        2025-06-01 stay 10   -> silver reached 2025-10-14
        2025-10-15 pass      -> silver kept 2026-04-14
        """,
    )


SCORED = """\
ladders:
  status:
    name: {zh: 综合, en: Standing}
    review: {at: year_end}
    score:
      spend: {name: {zh: 消费, en: spending}, metric: spend, points: 1, per: "100", most: 30}
      loyalty: {tenure: years, points: 10, most: 20}
      complaints: {metric: complaints, points: -15}
    tiers:
      - {code: member, name: {zh: 会员, en: Member}}
      - {code: silver, name: {zh: 银卡, en: Silver}, reach: {score: 30}, keep: {score: 20}}
      - {code: gold, name: {zh: 金卡, en: Gold}, reach: {score: 45}}
"""


def test_a_score_shows_its_parts_and_complaints_take_away():
    member = live(
        hotel(SCORED),
        """
        2025-06-01 buy A 2900    ->
        2025-06-02 buy B 2900    -> silver reached 2025-12-31
        2025-06-03 complaint     ->
        2026-01-01 pass          -> member demoted -
        2026-04-20 buy C 2000    -> silver reached 2026-12-31
        2027-05-01 buy D 2500    -> silver kept 2027-12-31, gold reached 2027-12-31
        """,
    )
    evidence = member.standing.tiers["status"]
    assert evidence.changes == 5
    (place,) = progress(member.programmes.versions[0], member.standing, member.member.clock_us)
    assert (place.score, place.parts) == (45, {"spend": 25, "loyalty": 20, "complaints": 0})


TRACKS = """\
ladders:
  maker:
    name: {zh: 工匠, en: Maker}
    track: path
    tiers:
      - {code: novice, name: {zh: 新手, en: Novice}}
      - {code: master, name: {zh: 大师, en: Master}, reach: {stays: 2}}
  guide:
    name: {zh: 导师, en: Guide}
    track: path
    tiers:
      - {code: helper, name: {zh: 助手, en: Helper}}
      - {code: mentor, name: {zh: 导师, en: Mentor}, reach: {nights: 5}}
"""


def test_a_member_is_on_the_track_it_chose():
    member = live(
        hotel(TRACKS),
        """
        2025-06-01 stay 1                    ->
        2025-06-02 select on:maker           -> novice selected -
        2025-06-03 stay 1                    -> master reached -
        2025-06-04 select on:guide           -> helper selected -, none left -
        2025-06-05 stay 3                    -> mentor reached -
        2025-06-06 select on:maker           -> master selected -, none left -
        """,
    )
    assert [tier.tier for tier in member.standing.tiers.values()] == ["master", None]


def test_a_tier_from_another_system_was_earned_when_it_says():
    member = live(
        hotel(valid="{months: 14, to: month_end}"),
        """
        2026-03-01 correct gold since:2025-11-10  -> gold corrected 2027-01-31
        2026-03-02 stay 20                        -> gold kept 2027-05-31
        """,
    )
    assert member.standing.tiers["status"].since_day == date(2025, 11, 10).toordinal()
    # What was earned in this very period renews it with the next one only.
    live(
        hotel(valid="{months: 14, to: month_end}"),
        """
        2026-03-01 correct gold since:2026-02-10  -> gold corrected 2027-04-30
        2026-03-02 stay 20                        ->
        2027-01-02 stay 20                        -> gold kept 2028-03-31
        """,
    )


@pytest.mark.parametrize(
    ("what", "refused"),
    [
        ("grant on:none gold 2026-01-01", LadderUnknown),
        ("grant diamond 2026-01-01", TierUnknown),
        ("grant gold", BadStatusChange),
        ("grant - 2026-01-01", BadStatusChange),
        ("grant gold 2025-01-01", BadStatusChange),
        ("pin gold 2026-01-01", BadStatusChange),
        ("pause gold", BadStatusChange),
        ("select", BadStatusChange),
        ("correct gold since:2025-06-02", BadStatusChange),
        ("grant gold 2026-01-01 since:2025-01-01", BadStatusChange),
        ("unpin", StatusUnchanged),
        ("resume", StatusUnchanged),
    ],
)
def test_what_is_refused_changes_nothing(what: str, refused: type[Exception]):
    member = drive(hotel())
    with pytest.raises(refused):
        step(member, f"2025-06-01 {what}")
    assert not member.standing.tiers


def test_several_ladders_at_once_stand_side_by_side():
    second = hotel().partition("ladders:\n")[2].replace("  status:", "  second:")
    member = live(
        hotel() + second,
        "2025-06-01 stay 10 -> silver reached 2025-12-31, silver reached 2025-12-31",
    )
    assert set(member.standing.tiers) == {"status", "second"}


def test_every_period_may_begin_with_something_also_on_the_lowest_tier():
    text = hotel().replace("en: Member}}", "en: Member}, head_start: {nights: 2}}")
    member = live(
        text,
        """
        2025-06-01 stay 7    ->
        2025-06-02 stay 1    -> silver reached 2025-12-31
        2026-01-01 pass      -> silver kept 2026-12-31
        2027-01-01 pass      -> member demoted -
        2027-06-01 stay 8    -> silver reached 2027-12-31
        """,
    )
    assert member.standing.tiers["status"].course.carried == {"nights": 2}


def test_who_waits_for_no_review_is_not_woken_by_one():
    member = live(
        hotel(rollover="[nights]"),
        """
        2025-06-01 stay 9    ->
        2025-06-02 stay 5    -> silver reached 2025-12-31
        2026-01-01 pass      -> silver kept 2026-12-31
        2026-06-01 stay 5    ->
        2027-01-01 pass      -> member demoted -
        2028-06-01 stay 10   -> silver reached 2028-12-31
        2031-01-01 pass      -> silver kept 2029-12-31, member demoted -
        """,
    )
    assert member.standing.tiers["status"].due_us is None
    assert member.member.next_due_us is None
