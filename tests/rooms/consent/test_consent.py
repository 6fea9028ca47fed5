"""What people agreed to: the last word counts, the words never change."""

import psycopg
import pytest

from coterie.consent import (
    consents_of,
    history_of,
    holds,
    latest_wordings,
    publish_wording,
    record_consent,
)
from coterie.events import MemberUnknown
from coterie.kernel.errors import Refusal
from coterie.members import Newcomer, create_members
from coterie.storage import Connection

NOW = 1_780_000_000_000_000


def agree(db: Connection, member: int) -> None:
    record_consent(
        db, member, "marketing", 1, granted=True, channel="till", actor="lin", now_us=NOW
    )


def test_the_last_word_counts_and_the_first_stays(db: Connection):
    [member] = create_members(db, [Newcomer(name="王小明")], now_us=NOW)
    assert isinstance(member, int)
    assert publish_wording(db, "marketing", "可以发短信吗？", "May we text?", now_us=NOW) == 1
    agree(db, member)
    assert publish_wording(db, "marketing", "可以联系吗？", "May we write?", now_us=NOW) == 2
    [state] = consents_of(db, member)
    assert (state.granted, state.version, state.latest_version) == (True, 1, 2)
    assert holds(consents_of(db, member), "marketing")
    record_consent(
        db, member, "marketing", 2, granted=False, channel="till", actor="lin", now_us=NOW + 1
    )
    assert not holds(consents_of(db, member), "marketing")
    assert [(r.version, r.granted) for r in history_of(db, member)] == [(2, False), (1, True)]
    [latest] = latest_wordings(db)
    assert (latest.version, latest.en) == (2, "May we write?")
    with pytest.raises(psycopg.errors.RestrictViolation):
        db.execute("update consent.record set granted = true")
    with pytest.raises(psycopg.errors.RestrictViolation):
        db.execute("delete from consent.wording")


def test_nobody_agrees_to_what_was_not_asked(db: Connection):
    [member] = create_members(db, [Newcomer()], now_us=NOW)
    assert isinstance(member, int)
    with pytest.raises(Refusal) as refused:
        agree(db, member)
    assert refused.value.code == "wording_unknown"
    publish_wording(db, "marketing", "是否同意？", "Do you agree?", now_us=NOW)
    with pytest.raises(MemberUnknown):
        agree(db, 1)
    with pytest.raises(Refusal) as refused:
        publish_wording(db, "Marketing!", "是", "yes", now_us=NOW)
    assert refused.value.code == "bad_wording"
