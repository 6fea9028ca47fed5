"""Numbers, money and moments as readers of both languages write them."""

from __future__ import annotations

from coterie.kernel.time import DAY_US, HOUR_US, parse_instant
from coterie.web.writing import iso, writer_of

ZH = writer_of("zh", "Asia/Shanghai", "CNY")
EN = writer_of("en", "Asia/Shanghai", "CNY")
AT_US = parse_instant("2026-03-01T23:30:00+08:00")[0]


def test_numbers():
    assert ZH.number(1234567) == EN.number(1234567) == "1,234,567"
    assert (ZH.compact(1_234_567), EN.compact(1_234_567)) == ("123.5万", "1.2M")
    assert (EN.units(12345, 2), EN.units(-5, 0), EN.signed(5), EN.signed(-5)) == (
        "123.45",
        "-5",
        "+5",
        "-5",
    )
    assert (EN.percent(1, 3), EN.percent(1, 0), ZH.percent(1, 2)) == ("33.3%", "–", "50%")


def test_money_by_its_own_decimals():
    assert ZH.money(123456) == "¥1,234.56"
    assert EN.money(123456, "GBP") == "£1,234.56"
    assert EN.money(1234, "JPY") == "JP¥1,234"
    assert EN.money(-50, "EUR") == "-€0.50"


def test_moments_are_in_the_programmes_zone():
    assert ZH.moment(AT_US) == "2026年3月1日 23:30"
    assert EN.moment(AT_US) == "1 Mar 2026, 23:30"
    assert writer_of("en", "UTC", "CNY").moment(AT_US) == "1 Mar 2026, 15:30"
    assert EN.date(AT_US) == "1 Mar 2026"
    assert ZH.day("2026-03-01") == "2026年3月1日"
    assert (ZH.month("2026-03"), EN.month("2026-03")) == ("2026年3月", "Mar 2026")
    assert iso(AT_US) == "2026-03-01T15:30:00Z"


def test_how_far_it_is():
    assert EN.ago(AT_US - 3 * HOUR_US, AT_US) == "3 hours ago"
    assert ZH.ago(AT_US - 3 * DAY_US, AT_US) == "3天前"
    assert EN.ago(AT_US + DAY_US, AT_US) == "tomorrow"
    assert ZH.ago(AT_US - DAY_US, AT_US) == "昨天"
    assert (EN.day_from("2026-03-02", "2026-03-01"), ZH.day_from(10, 10)) == ("tomorrow", "今天")
    assert EN.day_from("2026-03-11", "2026-03-01") == "in 1 week"
