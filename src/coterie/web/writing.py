"""Numbers, money, units and moments as the reader writes them (Babel's CLDR tables)."""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import (
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
)

from coterie.kernel.time import DAY_US, to_datetime

LOCALES = {"zh": Locale.parse("zh_CN"), "en": Locale.parse("en_GB")}
NOTHING = "–"
_NEAR = {
    "zh": {-1: "昨天", 0: "今天", 1: "明天"},
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
}
Day = int | date | str
"""An ordinal, a date, or ``2026-01-31``."""


class Writer:
    """Writes values for one reader: a language, and the zone and money of the programme."""

    def __init__(self, language: str, zone: str = "UTC", money: str = "CNY") -> None:
        """Take ``zh`` or ``en``, an IANA zone and the programme's money (ISO 4217)."""
        self.language = language
        self.locale = LOCALES[language]
        self.zone = ZoneInfo(zone)
        self.currency = money

    def number(self, value: int | Decimal) -> str:
        """Write a whole number or an exact decimal with its groups."""
        return str(format_decimal(value, locale=self.locale, decimal_quantization=False))

    def compact(self, value: int) -> str:
        """Write a large number shortly: 1.2M, 120万."""
        return str(format_compact_decimal(value, locale=self.locale, fraction_digits=1))

    def units(self, value: int, scale: int = 0) -> str:
        """Write units of a currency whose smallest part is ``scale`` decimals down."""
        pattern = "#,##0" + (f".{'0' * scale}" if scale else "")
        return str(format_decimal(Decimal(value).scaleb(-scale), pattern, locale=self.locale))

    def signed(self, value: int, scale: int = 0) -> str:
        """Write units with their sign, for changes."""
        return ("+" if value > 0 else "") + self.units(value, scale)

    def money(self, amount_minor: int, currency: str = "") -> str:
        """Write an amount in minor units; ``currency`` empty: the programme's."""
        code = currency or self.currency
        amount = Decimal(amount_minor).scaleb(-get_currency_precision(code))
        return str(format_currency(amount, code, locale=self.locale))

    def percent(self, part: int, whole: int) -> str:
        """Write a share to a tenth of a percent; of nothing it is a dash."""
        if not whole:
            return NOTHING
        return str(format_percent(Decimal(part) / Decimal(whole), "#,##0.#%", locale=self.locale))

    def day(self, value: Day) -> str:
        """Write a day."""
        return str(format_date(_date(value), "medium", locale=self.locale))

    def month(self, value: str) -> str:
        """Write a month given as ``2026-01``."""
        pattern = "yyyy年M月" if self.language == "zh" else "MMM yyyy"
        return str(format_date(date.fromisoformat(f"{value}-01"), pattern, locale=self.locale))

    def date(self, at_us: int) -> str:
        """Write the day of an instant in the programme's zone."""
        return self.day(to_datetime(at_us).astimezone(self.zone).date())

    def moment(self, at_us: int) -> str:
        """Write an instant in the programme's zone, to the minute."""
        pattern = "yyyy年M月d日 HH:mm" if self.language == "zh" else "d MMM yyyy, HH:mm"
        local = to_datetime(at_us).astimezone(self.zone)
        return str(format_datetime(local, pattern, tzinfo=self.zone, locale=self.locale))

    def ago(self, at_us: int, now_us: int) -> str:
        """Write how far an instant is from now: today, 3 days ago, in 2 hours, 昨天."""
        there = to_datetime(at_us).astimezone(self.zone).date()
        here = to_datetime(now_us).astimezone(self.zone).date()
        days = (there - here).days
        if abs(days) <= 1 and abs(at_us - now_us) >= DAY_US // 2:
            return _NEAR[self.language][days]
        gone = to_datetime(at_us) - to_datetime(now_us)
        return str(format_timedelta(gone, add_direction=True, locale=self.locale))

    def day_from(self, value: Day, today: Day) -> str:
        """Write how far a day is from another: today, tomorrow, in 3 weeks."""
        gone = _date(value) - _date(today)
        near = _NEAR[self.language].get(gone.days)
        return near or str(format_timedelta(gone, add_direction=True, locale=self.locale))


def iso(at_us: int) -> str:
    """Write an instant for machines (``<time datetime>``)."""
    return to_datetime(at_us).astimezone(UTC).isoformat().replace("+00:00", "Z")


@lru_cache(maxsize=64)
def writer_of(language: str, zone: str, money: str) -> Writer:
    """Return the writer of a reader; one for all pages of the same reader."""
    return Writer(language, zone, money)


def _date(value: Day) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value)
    return date.fromordinal(value) if isinstance(value, int) else value
