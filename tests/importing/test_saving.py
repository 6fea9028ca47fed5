"""Members, master data and balances come from files, as often as one likes."""

from pathlib import Path

import pytest

from coterie import catalogue
from coterie.catalogue import list_categories, list_places, list_staff, read_product
from coterie.events import MemberRef
from coterie.intake.importing.errors import FileUnreadable
from coterie.intake.importing.model import FileOptions, What
from coterie.members import find_member, read_member
from coterie.storage import connect
from tests.importing.support import write
from tests.importing.test_running import job, open_shop, recorded, refused_rows, run

PEOPLE = """\
import: members
zone: Asia/Shanghai
rows:
  set:
    card: 卡号
    phone: 手机
    name: 姓名
    language: {const: zh-CN}
    born_on: {column: 生日, date: "%Y/%m/%d"}
    enrolled_at: {column: 注册, time: "%Y/%m/%d"}
    attributes.level: {column: 等级, map: {金卡: gold, 普通: basic}}
    attributes.visits: {column: 次数, integer: true}
"""


def test_members_come_with_everything_that_is_known_of_them(database_url: str, tmp_path: Path):
    path = write(
        tmp_path / "会员.csv",
        "卡号,手机,姓名,生日,注册,等级,次数\n"
        "a001,138 0013 8000,李雷,1990/01/31,2020/05/01,金卡,12\n"
        "A-001,13800138000,李雷,,,,\n"
        "A002,13800138000,韩梅梅,,,,\n"
        ",,无名,,,,\n"
        "A003,12,王芳,,,,\n"
        "A004,,赵四,1790/01/31,,,\n"
        "A005,,钱五,,,白金,\n",
        "gb18030",
    )
    given = job(path, PEOPLE, What.MEMBERS, file=FileOptions(encoding="gb18030"))
    report = run(database_url, given)
    assert (report.accepted, report.again, report.refused) == (2, 1, 5)
    assert {row["refused_row"]: row["refused_code"] for row in refused_rows(report)} == {
        "3": "identity_taken",
        "4": "identity_missing",
        "5": "bad_identity",
        "6": "bad_newcomer",
        "7": "value_malformed",
    }
    with connect(database_url) as db:
        found = read_member(db, find_member(db, MemberRef(card="A001")))
        assert (found.name, found.born_on) == ("李雷", "1990-01-31")
        assert found.attributes == {"level": "gold", "visits": 12}
        assert find_member(db, MemberRef(phone="+8613800138000")) == found.member_id


def test_members_that_are_there_stay_as_they_are(database_url: str, tmp_path: Path):
    path = write(tmp_path / "people.csv", "external,name\n1,Ann\n2,Ben\n1,Other\n")
    assert run(database_url, job(path, "", What.MEMBERS)).again == 1
    report = run(database_url, job(path, "", What.MEMBERS))
    assert (report.accepted, report.again, report.refused) == (3, 3, 0)
    with connect(database_url) as db:
        assert read_member(db, find_member(db, MemberRef(external="1"))).name == "Ann"
        assert db.execute("select count(*) from members.member").fetchone() == (2,)


def test_a_stopped_import_of_members_goes_on(database_url: str, tmp_path: Path):
    rows = "".join(f"{n}\n" for n in range(20_000))
    path = write(tmp_path / "people.csv", "external\n" + rows)
    first = run(database_url, job(path, "", What.MEMBERS), stopped=lambda: True)
    assert (first.finished, first.accepted) == (False, 8192)
    second = run(database_url, job(path, "", What.MEMBERS))
    assert (second.finished, second.accepted, second.again) == (True, 20_000, 0)


def test_master_data(database_url: str, tmp_path: Path):
    categories = write(tmp_path / "c.csv", "category,parent\ngreen,tea\ntea,\nlost,nowhere\n")
    report = run(database_url, job(categories, "", What.CATEGORIES))
    assert (report.accepted, report.reasons) == (2, {"parent_unknown": 1})
    places = write(tmp_path / "p.csv", "place,kind,parent,day_cut_minutes\nS1,store,EAST,120\n")
    regions = write(tmp_path / "r.csv", "place,kind,parent\nEAST,region,B\nB,brand,\n")
    assert run(database_url, job(regions, "", What.PLACES)).accepted == 2
    assert run(database_url, job(places, "", What.PLACES)).accepted == 1
    staff = write(tmp_path / "s.csv", "staff,name,store,active\nE1,Li,S1,yes\nE2,Wu,S9,no\n")
    assert run(database_url, job(staff, "", What.STAFF)).reasons == {"store_unknown": 1}
    brands = write(tmp_path / "b.csv", "brand,name_zh\nlotus,莲花\n")
    assert run(database_url, job(brands, "", What.BRANDS)).accepted == 1
    products = write(
        tmp_path / "products.csv",
        'product,name,category,brand,tags\nP1,Longjing,green,lotus,"new, spring"\nP2,x,gren,,\n',
    )
    assert run(database_url, job(products, "", What.PRODUCTS)).reasons == {"category_unknown": 1}
    with connect(database_url) as db:
        assert [row.category for row in list_categories(db)[0]] == ["green", "tea"]
        assert [row.day_cut_minutes for row in list_places(db)[0]] == [0, 0, 120]
        assert [row.staff for row in list_staff(db)[0]] == ["E1"]
        assert read_product(db, "P1").tags == ("new", "spring")


def test_categories_and_brands_can_be_created_on_the_way(database_url: str, tmp_path: Path):
    path = write(tmp_path / "p.csv", "product,category,brand\n1,tea,lotus\n2,cup,\n3,,sun\n")
    report = run(database_url, job(path, "", What.PRODUCTS, create=True))
    assert (report.accepted, report.refused) == (3, 0)


def test_balances_become_one_event_a_member_and_currency(database_url: str, tmp_path: Path):
    open_shop(database_url)
    path = write(
        tmp_path / "balances.csv",
        "member.card,currency,units,expires_on,earned_on\n"
        "C0001,points,100,2026-12-31,2026-01-05\n"
        "C0002,points,5,,\n"
        "C0001,points,50,2027-12-31,\n"
        "C0003,stars,1,,\n"
        "C0003,points,0,,\n",
    )
    given = {"at": "2026-05-01T00:00:00+08:00"}
    report = run(database_url, job(path, "", What.BALANCES, **given))
    assert (report.accepted, report.refused) == (3, 2)
    assert {row["refused_row"]: row["refused_code"] for row in refused_rows(report)} == {
        "4": "undeclared_name",
        "5": "event_malformed",
    }
    with connect(database_url) as db:
        lots = db.execute(
            "select member_id, lot_no, remaining, expires_on::text from ledger.lot order by 1, 2"
        ).fetchall()
    assert [(lot_no, remaining) for _, lot_no, remaining, _ in lots] == [(1, 100), (2, 50), (1, 5)]
    before = recorded(database_url)
    assert run(database_url, job(path, "", What.BALANCES, **given)).again == 3
    assert recorded(database_url) == before


def test_a_tree_has_a_size(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(catalogue, "BATCH_MAX", 2)
    path = write(tmp_path / "c.csv", "category\na\nb\nc\n")
    with pytest.raises(FileUnreadable, match="at most 2 rows"):
        run(database_url, job(path, "", What.CATEGORIES))
