"""Versions on a real PostgreSQL: immutable, in order of time, and never breaking what is in use."""

from __future__ import annotations

import threading

import psycopg
import pytest

from coterie.events import KeyReused
from coterie.programme.errors import ProgrammeInvalid, VersionRefused, VersionUnknown
from coterie.programme.reading import read_programme
from coterie.programme.versions import (
    load_versions,
    publish,
    published_once,
    rollback,
    version_at,
    version_numbered,
    versions,
)
from coterie.programme.writing import canonical_text, text_sha256
from coterie.storage import Connection, transaction
from tests.programme.writing_programmes import SMALL, with_rule

NOW_US = 1_800_000_000_000_000
DAY_US = 86_400_000_000
MORE = with_rule("code: more\nname: {zh: 多, en: More}\nearn: {currency: points, units: 1}")


def put(
    db: Connection, text: str, at_us: int = NOW_US, *, now_us: int = NOW_US, note: str | None = None
) -> int:
    with transaction(db):
        return publish(db, text, at_us, now_us, note)


def refused(db: Connection, text: str, at_us: int = NOW_US, *, now_us: int = NOW_US) -> str:
    before = versions(db)
    with pytest.raises(VersionRefused) as caught:
        put(db, text, at_us, now_us=now_us)
    assert versions(db) == before
    return caught.value.detail


def test_what_is_published_is_read_again(db: Connection):
    assert put(db, SMALL, 0, note="first") == 1
    assert put(db, MORE, NOW_US + DAY_US) == 2
    first, second = load_versions(db)
    assert (first.version, first.active_from_us) == (1, 0)
    assert canonical_text(first.programme) == canonical_text(read_programme("x", SMALL))
    assert canonical_text(second.programme) == canonical_text(read_programme("x", MORE))
    newest, oldest = versions(db)
    assert (newest.version, newest.active_from_us, newest.note) == (2, NOW_US + DAY_US, None)
    assert (oldest.version, oldest.published_us, oldest.note) == (1, NOW_US, "first")
    assert oldest.sha256 == text_sha256(canonical_text(first.programme))
    assert versions(db, limit=1) == [newest]
    assert versions(db, below=2) == [oldest]


def test_the_text_that_was_published_can_be_published_again(db: Connection):
    """A rollback is a new version with the old content, and the old name of the text."""
    put(db, SMALL, 0)
    put(db, SMALL.replace("limit: 100", "limit: 200"))
    stored = version_numbered(db, 1)
    assert stored is not None
    put(db, canonical_text(stored.programme))
    assert versions(db)[0].sha256 == versions(db)[2].sha256


def test_what_is_in_force_is_the_last_that_began(db: Connection):
    assert version_at(db, NOW_US) is None
    put(db, SMALL, NOW_US)
    put(db, MORE, NOW_US + DAY_US)
    put(db, MORE, NOW_US + DAY_US)
    in_force = [version_at(db, NOW_US + shift) for shift in (-1, 0, DAY_US - 1, DAY_US)]
    assert [v and v.version for v in in_force] == [None, 1, 1, 3]
    assert version_numbered(db, 4) is None


def test_only_the_first_version_may_begin_in_the_past(db: Connection):
    put(db, SMALL, 0)
    assert "the rules of its time" in refused(db, MORE, NOW_US - 1)
    put(db, MORE, NOW_US + DAY_US)
    assert "before version 2 does" in refused(db, MORE, NOW_US + 1)
    put(db, MORE, NOW_US + DAY_US)


def test_a_text_with_a_mistake_is_not_published(db: Connection):
    with pytest.raises(ProgrammeInvalid):
        put(db, SMALL.replace("CNY", "money"))
    assert versions(db) == []


def test_a_note_has_a_bound(db: Connection):
    with pytest.raises(VersionRefused):
        put(db, SMALL, note="x" * 501)


def test_nothing_can_change_a_version(db: Connection):
    put(db, SMALL, 0)
    for statement in ("update programme.version set note = 'x'", "delete from programme.version"):
        with pytest.raises(psycopg.errors.RestrictViolation):
            db.execute(statement)


def test_a_text_that_was_tampered_with_is_not_loaded(db: Connection):
    db.execute(
        "insert into programme.version (version, content, sha256, active_from_us, published_us)"
        " values (1, '{}', %s, 0, 0), (2, '{}', %s, 0, 0)",
        ["0" * 64, text_sha256("{}")],
    )
    with pytest.raises(VersionRefused, match="is not the one published"):
        load_versions(db)
    with pytest.raises(VersionRefused, match="cannot be read"):
        version_numbered(db, 2)


BREAKING = [
    # what changes in the text, what is said
    (("Asia/Shanghai", "Asia/Tokyo"), "zone: cannot change from Asia/Shanghai to Asia/Tokyo."),
    (("money: CNY", "money: USD"), "money: cannot change from CNY to USD."),
    (("  points:\n", "  points:\n    scale: 2\n"), "currencies.points.scale: cannot change"),
    (("  age: {type: integer}\n", ""), "attributes.age: is in use and cannot go away unsaid."),
    (("age: {type: integer}", "age: {type: boolean}"), "attributes.age.type: members have values"),
    (
        ("[basic, silver, gold]", "[basic, gold]"),
        "attributes.level.values: members may have silver.",
    ),
    (("  spend: {measure: amount, window: year}\n", ""), "metrics.spend: is in use"),
    (("count, window: month}\n  spend", "count, window: year}\n  spend"), "metrics.orders: counts"),
    (
        ("100, measure: units, window: day", "100, measure: units, window: week"),
        "caps.daily: measures",
    ),
    (
        ("code: base", "code: basic"),
        "rules.base: is in use and cannot go away unsaid. Write moves_to",
    ),
]


@pytest.mark.parametrize(("change", "said"), BREAKING)
def test_what_is_in_use_cannot_be_broken(db: Connection, change: tuple[str, str], said: str):
    assert SMALL.count(change[0]) == 1
    put(db, SMALL, 0)
    assert said in refused(db, SMALL.replace(*change))


def test_a_currency_cannot_go_away(db: Connection):
    put(db, SMALL, 0)
    text = SMALL.replace("points:", "stars:").replace("currency: points", "currency: stars")
    assert "currencies.points: cannot go away, members hold it." in refused(db, text)


def test_all_that_breaks_is_said_at_once(db: Connection):
    put(db, SMALL, 0)
    text = SMALL.replace("Asia/Shanghai", "Asia/Tokyo").replace("code: base", "code: basic")
    assert refused(db, text).strip().count("\n") == 1


@pytest.mark.parametrize("became", ["basic", "null"])
def test_a_code_may_go_away_when_it_is_said_what_became_of_it(db: Connection, became: str):
    put(db, SMALL, 0)
    text = SMALL.replace("code: base", "code: basic")
    put(db, f"{text}moves_to: {{rules: {{base: {became}}}}}\n")
    (moved,) = [v.programme.moves_to for v in load_versions(db) if v.version == 2]
    assert moved == {"rules": {"base": None if became == "null" else became}}
    put(db, text)  # once it has gone, it need not be said again


def test_publishers_follow_each_other(database_url: str):
    """Two publish at once: the second waits, and follows what the first one published."""
    with psycopg.connect(database_url, autocommit=True) as db:
        put(db, SMALL, 0)
    ready = threading.Barrier(2)
    got: list[int | str] = []

    def publish_one(text: str) -> None:
        with psycopg.connect(database_url, autocommit=True) as own:
            ready.wait()
            try:
                got.append(put(own, text))
            except VersionRefused as refusal:
                got.append(refusal.code)

    texts = [MORE, MORE.replace("code: more", "code: other")]
    threads = [threading.Thread(target=publish_one, args=[text]) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, got)) == ["2", "version_refused"]


def test_a_rollback_is_a_new_version_with_the_old_content(db: Connection):
    put(db, SMALL, 0)
    put(db, MORE, NOW_US)
    with transaction(db):
        assert rollback(db, 1, None, NOW_US + DAY_US) == 3
    newest, _, oldest = versions(db)
    assert (newest.sha256, newest.active_from_us) == (oldest.sha256, NOW_US + DAY_US)
    assert newest.note == "rollback to version 1"
    found = version_at(db, NOW_US + DAY_US)
    assert found is not None
    assert [rule.code for rule in found.programme.rules] == ["base"]


def test_a_rollback_takes_the_place_of_a_version_that_has_not_begun(db: Connection):
    put(db, SMALL, 0)
    put(db, MORE, NOW_US + DAY_US)
    with transaction(db):
        rollback(db, 1, None, NOW_US)
    assert versions(db)[0].active_from_us == NOW_US + DAY_US
    found = version_at(db, NOW_US + DAY_US)
    assert found is not None
    assert found.version == 3


def test_a_rollback_cannot_take_away_what_members_hold(db: Connection):
    put(db, SMALL, 0)
    put(db, SMALL.replace("attributes:", "  coins: {name: {zh: 币, en: Coins}}\nattributes:"))
    with pytest.raises(VersionRefused, match=r"currencies\.coins"), transaction(db):
        rollback(db, 1, None, NOW_US)
    with pytest.raises(VersionUnknown), transaction(db):
        rollback(db, 9, None, NOW_US)
    assert len(versions(db)) == 2


def test_a_publication_sent_again_is_the_same_publication(db: Connection):
    def send(digest: bytes = b"0123456789abcdef") -> tuple[int, bool]:
        with transaction(db):
            return published_once(db, "office", "k1", digest, lambda: publish(db, SMALL, 0, 0))

    assert send() == (1, False)
    assert send() == (1, True)
    with pytest.raises(KeyReused):
        send(b"another digest..")
    assert len(versions(db)) == 1
