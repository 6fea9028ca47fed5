"""One spelling for every identity: what people write differently must find the same member."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.events import BadMemberReference, MemberRef
from coterie.members import BadIdentity, BadNewcomer, Newcomer, normalise_identity, reference_of
from coterie.members.rules import check_newcomer

KINDS = ["card", "phone", "email", "messenger", "external"]
NOW = 1_767_225_600_000_000
"""2026-01-01T00:00Z."""


@pytest.mark.parametrize(
    ("kind", "written", "stored"),
    [
        ("phone", "138 0013 8000", "+8613800138000"),
        ("phone", "+86-138-0013-8000", "+8613800138000"),
        ("phone", "0086 138 0013 8000", "+8613800138000"),
        ("phone", "１３８００１３８０００", "+8613800138000"),
        ("phone", "(010) 6552-9988", "+861065529988"),
        ("phone", "+1 (212) 555-0123", "+12125550123"),
        ("email", " Li.Wei@Example.COM ", "li.wei@example.com"),
        ("email", "x@xn--bcher-kva.de", "x@bücher.de"),
        ("email", "clerk@shop.test", "clerk@shop.test"),
        ("card", " vip 0001-2345 ", "VIP00012345"),
        ("card", "ＶＩＰ８８８８", "VIP8888"),
        ("messenger", " oAbCdEf ", "oAbCdEf"),
        ("external", "CRM-17", "CRM-17"),
    ],
)
def test_what_people_write_becomes_one_spelling(kind: str, written: str, stored: str):
    assert normalise_identity(kind, written, region="CN") == stored


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("phone", "12"),
        ("phone", "1-800-FLOWERS"),
        ("phone", "+86 10 6552 9988 ext. 7"),
        ("phone", "1" * 40),
        ("email", "nobody"),
        ("email", "a@b"),
        ("email", "a b@example.com"),
        ("card", "1-2"),
        ("card", "1" * 65),
        ("card", "卡片0001"),
        ("external", "   "),
        ("external", "a\x00b"),
        ("external", "x" * 201),
        ("messenger", "half \ud800 pair"),
        ("fax", "123456"),
    ],
)
def test_what_cannot_be_an_identity_is_refused(kind: str, written: str):
    with pytest.raises(BadIdentity):
        normalise_identity(kind, written, region="CN")


def test_an_unknown_region_is_refused():
    with pytest.raises(BadIdentity, match="not a country"):
        normalise_identity("phone", "13800138000", region="Moon")


phones = st.one_of(
    st.from_regex(r"\A\+?[0-9() -]{5,20}\Z"),
    st.builds(
        "+{}{}".format,
        st.sampled_from([1, 7, 39, 44, 49, 52, 54, 55, 81, 86, 800, 852]),
        st.from_regex(r"\A[0-9]{5,12}\Z"),
    ),
)
emails = st.one_of(
    st.emails(),
    st.builds("{}@{}.com".format, st.text(min_size=1, max_size=12), st.text("aßäİſΣé", min_size=1)),
)


@given(
    st.one_of(
        st.tuples(st.sampled_from(KINDS), st.text(max_size=80)),
        st.tuples(st.just("phone"), phones),
        st.tuples(st.just("email"), emails),
        st.tuples(st.just("card"), st.from_regex(r"\A[A-Za-z0-9 ‐–-]{4,40}\Z")),
    ),
    st.sampled_from(["CN", "US", "IT", "MX", "AR", "GB"]),
)
def test_normalising_twice_changes_nothing(written: tuple[str, str], region: str):
    kind, value = written
    try:
        once = normalise_identity(kind, value, region=region)
    except BadIdentity:
        return
    assert normalise_identity(kind, once, region=region) == once
    assert 1 <= len(once) <= 200
    assert once.isprintable()


@given(st.from_regex(r"\A(\+86)?1[3-9][0-9]{9}\Z"))
def test_the_short_cut_for_chinese_mobiles_says_what_the_library_says(written: str):
    number = phonenumbers.parse(written, "CN")
    by_the_book = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert phonenumbers.is_possible_number(number)
    assert normalise_identity("phone", written, region="CN") == by_the_book


def test_a_reference_names_exactly_one():
    assert reference_of(MemberRef(id=100001)) == 100001
    assert reference_of(MemberRef(phone="13800138000")) == ("phone", "+8613800138000")
    assert reference_of(MemberRef(phone="212 555 0123"), region="US") == ("phone", "+12125550123")
    with pytest.raises(BadMemberReference, match="Given: none"):
        reference_of(MemberRef())
    with pytest.raises(BadMemberReference, match="id and card"):
        reference_of(MemberRef(id=1, card="VIP1"))
    with pytest.raises(BadIdentity, match=r"member\.email"):
        reference_of(MemberRef(email="nobody"))


@pytest.mark.parametrize(
    ("newcomer", "where"),
    [
        (Newcomer(kind="robot"), "kind"),
        (Newcomer(state="merged"), "state"),
        (Newcomer(language="fr"), "language"),
        (Newcomer(born_on="1990-02-30"), "born_on"),
        (Newcomer(born_on="2026-01-03"), "born_on"),
        (Newcomer(born_on="1850-01-01"), "born_on"),
        (Newcomer(enrolled_us=NOW + 1), "enrolled_us"),
        (Newcomer(name="a\nb"), "name"),
        (Newcomer(name="x" * 201), "name"),
        (Newcomer(store="no such shape"), "store"),
        (Newcomer(attributes={"a b": 1}), "attributes"),
        (Newcomer(attributes={"a": 1.5}), "attributes.a"),  # type: ignore[dict-item]
        (Newcomer(attributes={"a": 2**60}), "attributes.a"),
        (Newcomer(attributes={"a": "x" * 501}), "attributes.a"),
        (Newcomer(identities=(("card", "A0001"),) * 21), "identities"),
    ],
)
def test_a_newcomer_who_cannot_be_is_refused_with_the_place(newcomer: Newcomer, where: str):
    with pytest.raises(BadNewcomer) as refused:
        check_newcomer(newcomer, now_us=NOW, region="CN")
    assert refused.value.where == where


def test_a_bad_identity_says_which_of_them():
    newcomer = Newcomer(identities=(("card", "A0001"), ("phone", "1")))
    with pytest.raises(BadIdentity) as refused:
        check_newcomer(newcomer, now_us=NOW, region="CN")
    assert refused.value.where == "identities[1]"
