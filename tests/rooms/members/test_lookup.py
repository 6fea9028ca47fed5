"""Finding members by what somebody types, and keeping that right through whatever changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.members import (
    Newcomer,
    ProfileChange,
    add_identity,
    change_profiles,
    create_members,
    end_identity,
    forget_persons,
    look_up,
    return_identities,
    take_identities,
    take_in,
)
from coterie.members.lookup.masking import masked_name, masked_value
from coterie.members.lookup.spelling import folded, readings
from coterie.members.lookup.tokens import TERMS_MAX, TOKENS_MAX, terms_of, tokens_of
from coterie.storage import Connection

NOW = 1_780_000_000_000_000
PEOPLE = (
    ("王小明", (("phone", "13800138000"), ("card", "VIP-0001"), ("email", "ming@example.com"))),
    ("王伟", (("phone", "13900139321"),)),
    ("伟王", (("phone", "13700138000"),)),
    ("欧阳娜娜", (("card", "8800 1234"),)),
    ("单雄信", ()),
    ("吕布", ()),
    ("John Smith", (("email", "john.smith@example.com"),)),
    ("José O'Neil-Martínez", ()),
    ("乐嘉", ()),
)


@pytest.fixture
def people(db: Connection) -> dict[str, int]:
    newcomers = [Newcomer(name=name, identities=found) for name, found in PEOPLE]
    made = create_members(db, newcomers, now_us=NOW)
    ids = [answer for answer in made if isinstance(answer, int)]
    return dict(zip([name for name, _ in PEOPLE], ids, strict=True))


def names(db: Connection, text: str) -> list[str | None]:
    return [hit.name for hit in look_up(db, text).hits]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("王小明", ["王小明"]),
        ("王", ["王小明", "王伟", "伟王"]),
        ("小明", ["王小明"]),
        ("明", ["王小明"]),
        ("伟", ["伟王", "王伟"]),
        ("wangxiaoming", ["王小明"]),
        ("wang wei", ["王伟", "伟王"]),
        ("WANGX", ["王小明"]),
        ("xiaoming", ["王小明"]),
        ("wxm", ["王小明"]),
        ("oynn", ["欧阳娜娜"]),
        ("ouyang", ["欧阳娜娜"]),
        ("nana", ["欧阳娜娜"]),
        ("shanxiongxin", ["单雄信"]),
        ("danxiong", ["单雄信"]),
        ("lvbu", ["吕布"]),
        ("lubu", ["吕布"]),
        ("lübu", ["吕布"]),
        ("yuejia", ["乐嘉"]),
        ("lejia", ["乐嘉"]),
        ("13800138000", ["王小明"]),
        ("+86 138-0013-8000", ["王小明"]),
        ("138 0013", ["王小明"]),
        ("8000", ["王小明", "伟王"]),
        ("王 8000", ["王小明", "伟王"]),
        ("王小 8000", ["王小明"]),
        ("wei 9321", ["王伟"]),
        ("vip0001", ["王小明"]),
        ("VIP-0001", ["王小明"]),
        ("0001", ["王小明"]),
        ("8800 1234", ["欧阳娜娜"]),
        ("ming@example.com", ["王小明"]),
        ("john.s", ["John Smith"]),
        ("smith", ["John Smith"]),
        ("mit", ["John Smith"]),
        ("js", ["John Smith"]),
        ("ｊｏｈｎ", ["John Smith"]),
        ("jose oneil", ["José O'Neil-Martínez"]),
        ("martinez", ["José O'Neil-Martínez"]),
        ("赵", []),
        ("王 赵", []),
        ("   ", []),
        ("%", []),
        ("王%", []),
    ],
)
def test_what_is_typed_finds(people: dict[str, int], db: Connection, typed: str, found: list[str]):
    assert names(db, typed) == found


def test_an_id_finds_its_member(people: dict[str, int], db: Connection):
    assert names(db, str(people["吕布"])) == ["吕布"]


def test_exact_comes_before_beginning_before_inside(db: Connection):
    create_members(db, [Newcomer(name=name) for name in ("小王明", "王明明", "王明")], now_us=NOW)
    assert names(db, "王明") == ["王明", "王明明", "小王明"]


def test_who_is_closed_comes_last(db: Connection):
    newcomers = [Newcomer(name="李伟", state="closed"), Newcomer(name="李伟")]
    closed, active = create_members(db, newcomers, now_us=NOW)
    assert [hit.member_id for hit in look_up(db, "李伟").hits] == [active, closed]


def test_short_lists_say_that_there_is_more(db: Connection):
    create_members(db, [Newcomer(name="李伟")] * 3, now_us=NOW)
    found = look_up(db, "李", limit=2)
    assert len(found.hits) == 2
    assert found.more
    assert not look_up(db, "李", limit=3).more


def test_a_new_name_finds_and_the_old_one_no_more(people: dict[str, int], db: Connection):
    change_profiles(db, [ProfileChange(people["王伟"], name="赵伟")], now_us=NOW)
    assert names(db, "zhaowei") == ["赵伟"]
    assert names(db, "wangwei") == []
    assert names(db, "9321") == ["赵伟"]


def test_identities_find_while_they_hold(people: dict[str, int], db: Connection):
    add_identity(db, people["吕布"], "phone", "13611112222", now_us=NOW)
    assert names(db, "2222") == ["吕布"]
    end_identity(db, people["吕布"], "phone", "13611112222", now_us=NOW)
    assert names(db, "2222") == []


def test_numbers_follow_a_merge_and_come_back(people: dict[str, int], db: Connection):
    old, new = people["王小明"], people["王伟"]
    take_identities(db, old, new, now_us=NOW)
    assert names(db, "13800138000") == ["王伟"]
    assert names(db, "王小明") == ["王小明"]
    return_identities(db, old, new, now_us=NOW + 1)
    assert names(db, "13800138000") == ["王小明"]


def test_who_is_erased_is_found_by_nothing(people: dict[str, int], db: Connection):
    forget_persons(db, people["王小明"])
    for typed in ("王小明", "wxm", "8000 王", "13800138000", "VIP0001"):
        assert "王小明" not in names(db, typed)
    left = db.execute(
        "select count(*) from members.token where member_id = %s", [people["王小明"]]
    ).fetchone()
    assert left == (0,)


def test_who_lost_the_race_leaves_no_spelling(people: dict[str, int], db: Connection):
    before = db.execute("select count(*) from members.token").fetchone()
    create_members(db, [Newcomer(name="谁", identities=(("phone", "13800138000"),))], now_us=NOW)
    assert db.execute("select count(*) from members.token").fetchone() == before


def test_those_who_were_there_before_are_taken_in(people: dict[str, int], db: Connection):
    db.execute("truncate members.token")
    db.execute("update members.lookup_progress set edition = 0")  # as before any
    assert names(db, "wxm") == []
    rounds = 0
    while (at := take_in(db, together=4)) is not None:
        rounds += 1
        assert at.after_id <= at.through_id
    assert rounds == 3
    assert names(db, "wxm") == ["王小明"]
    assert take_in(db) is None


def test_masks_leave_what_the_owner_knows():
    assert masked_name("王小明") == "王**"
    assert masked_name("John Smith") == "J*** S***"
    assert masked_value("phone", "+8613800138000") == "+86138****8000"
    assert masked_value("email", "john@example.com") == "j***@example.com"
    assert masked_value("card", "VIP0001") == "****0001"
    assert masked_value("card", "0001") == "****"


def test_a_hit_can_be_masked(people: dict[str, int], db: Connection):
    [hit] = look_up(db, "wxm").hits
    masked = hit.masked()
    assert masked.name == "王**"
    assert masked.contacts[0] == ("phone", "+86138****8000")


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str):
    assert folded(folded(text)) == folded(text)


@given(st.text(alphabet="王单乐吕欧阳 aé-'", max_size=200))
def test_a_member_has_a_bounded_number_of_tokens(name: str):
    tokens = tokens_of(name, [("phone", "+8613800138000")] * 3, ["vip"])
    assert len(tokens) <= TOKENS_MAX
    assert {"n13800138000", "l8000", "tvip"} <= tokens
    assert all(2 <= len(token) <= 80 for token in tokens)


@given(st.text(alphabet="王单乐吕欧阳明", min_size=1, max_size=4), st.data())
def test_any_part_of_a_chinese_name_finds_it(name: str, data: st.DataObject):
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    tokens = tokens_of(name, ())
    [ranges] = terms_of(name[start:end])
    assert any(low <= token < high for token in tokens for _, low, high in ranges)
    for way in readings(name):
        for typed in ("".join(way), "".join(way[start:])):
            [ranges] = terms_of(typed)
            if len(typed) > 1:
                assert any(low <= token < high for token in tokens for _, low, high in ranges)


@given(st.text(max_size=150))
def test_whatever_is_typed_asks_for_little(text: str):
    terms = terms_of(text)
    assert len(terms) <= TERMS_MAX
    assert all(len(ranges) <= 12 for ranges in terms)
