"""Every change on a ladder as a sentence, with the numbers that decided."""

from __future__ import annotations

from coterie.programme.ladders.telling import change_words
from coterie.programme.reading import read_programme
from coterie.tiers import Reason, TierChange
from tests.programme.ladder_tables import drive, step
from tests.programme.ladder_texts import hotel


def said(text: str, *lines: str) -> list[tuple[str, str]]:
    programme, member = read_programme("hotel", text), drive(text)
    changes = [change for line in lines for change in step(member, line)]
    return [
        (change_words(change, programme, "zh"), change_words(change, programme, "en"))
        for change in changes
    ]


def test_a_rise_and_a_fall_with_their_numbers():
    told = said(hotel(), "2025-06-01 stay 26", "2026-06-01 stay 12", "2027-01-01 pass")
    assert told == [
        (
            (
                "会籍：达到升级条件，由会员升至金卡，有效至2025-12-31"
                "（房晚26，标准25；入住次数1，标准20）。"
            ),
            (
                "Status: rose from Member to Gold, through 2025-12-31 "
                "(nights 26, threshold 25; stays 1, threshold 20)."
            ),
        ),
        (
            "会籍：达到保级条件，保持金卡，有效至2026-12-31（房晚26，标准20）。",
            "Status: kept Gold, through 2026-12-31 (nights 26, threshold 20).",
        ),
        (
            "会籍：未达保级条件，由金卡降至银卡，有效至2027-12-31（房晚12，标准20）。",
            (
                "Status: did not keep Gold and fell to Silver, through 2027-12-31 "
                "(nights 12, threshold 20)."
            ),
        ),
    ]


def test_what_was_carried_over_and_what_a_person_said():
    text = hotel(rollover="[nights]")
    told = said(text, "2025-06-01 stay 14", "2026-06-01 stay 6", "2027-01-01 grant gold 2027-03-31")
    assert told[1:] == [
        (
            "会籍：达到保级条件，保持银卡，有效至2026-12-31（房晚14，标准10）。",
            "Status: kept Silver, through 2026-12-31 (nights 14, threshold 10).",
        ),
        (
            "会籍：达到保级条件，保持银卡，有效至2027-12-31（房晚10，标准10；其中结转房晚4）。",
            (
                "Status: kept Silver, through 2027-12-31 "
                "(nights 10, threshold 10; of nights 4 carried over)."
            ),
        ),
        (
            "会籍：获授金卡，有效至2027-03-31（because）。",
            "Status: was granted Gold, through 2027-03-31 (because).",
        ),
    ]


def test_every_reason_has_its_sentence():
    programme = read_programme("hotel", hotel())
    for reason in Reason:
        change = TierChange("status", "silver", "gold", None, reason.value)
        for lang in ("zh", "en"):
            assert change_words(change, programme, lang)
