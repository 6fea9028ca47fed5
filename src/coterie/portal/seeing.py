"""What a member has, why, and what comes next."""

from __future__ import annotations

from typing import NamedTuple

from coterie.kernel.errors import Malformed
from coterie.ledger import (
    LotView,
    StatementLine,
    lots_of,
    statement_of,
)
from coterie.portal.cards import card_of
from coterie.portal.services import Services
from coterie.portal.visitors import member_of
from coterie.programme.explaining import reason_words, rule_name
from coterie.programme.plain import currency_words, plain_words, rule_words
from coterie.programme.sections.registry import SECTIONS
from coterie.replay import Question, explain
from coterie.tiers import ChangeView, changes_of
from coterie.web.asking import Ask, Reply
from coterie.web.errors import PageUnknown
from coterie.web.faces import SIGNED_IN, Pages
from coterie.web.standing import Place, places, programme_of, wallets
from coterie.web.words import pick

LOTS_SHOWN = 50
LINES_SHOWN = 30
CHANGES_SHOWN = 20


class Batch(NamedTuple):
    """Lots that end alike: what becomes of them, how much is left, and each with what is left."""

    end: str
    units: int
    lots: tuple[tuple[LotView, int], ...]


class Line(NamedTuple):
    """A movement in the member's words."""

    line: StatementLine
    event: str
    what: str
    currency: str
    scale: int


def pages(services: Services) -> Pages:
    """Return the pages that only show."""
    area = Pages()
    _having(area, services)
    _understanding(area, services)
    return area


def _having(area: Pages, services: Services) -> None:
    @area.get("/me", needs=SIGNED_IN)
    def home(ask: Ask) -> Reply:
        record = member_of(ask).record
        _settle(ask, services)
        return ask.page(
            "portal/home.html",
            record=record,
            card=card_of(record.identities),
            wallets=wallets(ask, record.member_id),
            places=_places(ask, services),
            lines=_lines(ask, statement_of(ask.db, record.member_id, limit=3).lines),
        )

    @area.get("/me/points", needs=SIGNED_IN)
    def points(ask: Ask) -> Reply:
        _settle(ask, services)
        member_id = member_of(ask).member_id
        shown = []
        for wallet in wallets(ask, member_id):
            page = lots_of(ask.db, member_id, currency=wallet.currency.code, limit=LOTS_SHOWN)
            shown.append((wallet, _by_end(ask, page.lots), page.cursor is not None))
        return ask.page("portal/points.html", wallets=shown)

    @area.get("/me/statement", needs=SIGNED_IN)
    def statement(ask: Ask) -> Reply:
        _settle(ask, services)
        programme = programme_of(ask)
        currency = ask.query.get("currency") or None
        if currency is not None and currency not in programme.currencies:
            raise PageUnknown
        page = statement_of(
            ask.db,
            member_of(ask).member_id,
            currency=currency,
            cursor=ask.query.get("after") or None,
            limit=LINES_SHOWN,
        )
        return ask.page(
            "portal/statement.html",
            lines=_lines(ask, page.lines),
            cursor=page.cursor,
            currencies=[
                (c.code, pick(c.name, ask.language)) for c in programme.currencies.values()
            ],
        )


def _understanding(area: Pages, services: Services) -> None:
    @area.get("/me/why", needs=SIGNED_IN)
    def why(ask: Ask) -> Reply:
        _settle(ask, services)
        member_id = member_of(ask).member_id
        asked = {name: ask.query.get(name) or None for name in Question.__struct_fields__}
        if sum(value is not None for value in asked.values()) != 1:
            return ask.page("portal/why_ask.html", rules=_rules(ask))
        programmes = services.engine.programmes(ask.db)
        found = explain(ask.db, programmes, member_id, Question(**asked), ask.now_us)
        told = found.event or found.currency or found.missing or found.tier
        if told is None:
            raise Malformed
        words = told.words.zh if ask.language == "zh" else told.words.en
        return ask.page(
            "portal/why.html", told=told, words=words, kind=_kind(asked), title=_title(ask, asked)
        )

    @area.get("/me/tiers", needs=SIGNED_IN)
    def tiers(ask: Ask) -> Reply:
        _settle(ask, services)
        changes = changes_of(ask.db, member_of(ask).member_id, limit=CHANGES_SHOWN).changes
        return ask.page(
            "portal/tiers.html",
            places=_places(ask, services),
            # A date that was renewed is in the explanation; here is what went up and down.
            changes=[_change(ask, c) for c in changes if c.from_tier != c.to_tier],
        )

    @area.get("/me/rules", needs=SIGNED_IN)
    def rules(ask: Ask) -> Reply:
        return ask.page("portal/rules.html", parts=plain_parts(ask))


def _settle(ask: Ask, services: Services) -> None:
    services.engine.settle(ask.db, [member_of(ask).member_id], ask.now_us)


def _places(ask: Ask, services: Services) -> list[Place]:
    programmes = services.engine.programmes(ask.db)
    return places(ask, programmes, member_of(ask).member_id)


def _lines(ask: Ask, lines: tuple[StatementLine, ...]) -> list[Line]:
    programme = programme_of(ask)
    member_id = member_of(ask).member_id
    found = []
    for line in lines:
        what = reason_words(line.reason, ask.language)
        if line.rule is not None:
            what = f"{rule_name(line.rule, programme, ask.language)} · {what}"
        currency = programme.currencies.get(line.currency)
        found.append(
            Line(
                line,
                f"{member_id}:{line.seq}",
                what,
                line.currency if currency is None else pick(currency.name, ask.language),
                0 if currency is None else currency.scale,
            )
        )
    return found


def _by_end(ask: Ask, lots: tuple[LotView, ...]) -> list[Batch]:
    """Return lots that share what becomes of them together, in the order they are used."""
    found: dict[str, list[LotView]] = {}
    for lot in lots:
        found.setdefault(_end(ask, lot), []).append(lot)
    return [
        Batch(end, sum(_left(lot) for lot in each), tuple((lot, _left(lot)) for lot in each))
        for end, each in found.items()
    ]


def _left(lot: LotView) -> int:
    return lot.units if lot.state == "pending" else lot.remaining


def _end(ask: Ask, lot: LotView) -> str:
    if lot.state == "pending" and lot.releases_us is not None:
        return ask.t("points.releases", day=ask.write.date(lot.releases_us))
    if lot.expires_day is not None:
        return ask.t("points.expires", day=ask.write.day(lot.expires_day))
    return ask.t("points.stays")


def _kind(asked: dict[str, str | None]) -> str:
    return next(name for name, value in asked.items() if value is not None)


def _title(ask: Ask, asked: dict[str, str | None]) -> str:
    programme = programme_of(ask)
    kind = _kind(asked)
    value = asked[kind] or ""
    if kind == "currency" and value in programme.currencies:
        value = pick(programme.currencies[value].name, ask.language)
    elif kind == "missing":
        value = rule_name(value, programme, ask.language)
    elif kind == "tier" and value in programme.parts.get("ladders", {}):
        value = pick(programme.parts["ladders"][value].name, ask.language)
    return ask.t(f"why.title.{kind}", what=value)


def _rules(ask: Ask) -> list[tuple[str, str]]:
    """Return the rules a member may ask about, in the order of the programme."""
    programme = programme_of(ask)
    return [(rule.code, pick(rule.name, ask.language)) for rule in programme.rules]


def _change(ask: Ask, change: ChangeView) -> tuple[ChangeView, str, str]:
    """Return a change on a ladder, the names of the tiers it went between, and its event."""
    ladder = programme_of(ask).parts.get("ladders", {}).get(change.ladder)
    names = {} if ladder is None else {t.code: pick(t.name, ask.language) for t in ladder.tiers}
    before = names.get(change.from_tier or "", change.from_tier or "–")
    after = names.get(change.to_tier or "", change.to_tier or "–")
    return change, before, after


def plain_parts(ask: Ask) -> list[tuple[str, list[str]]]:
    """Return the programme in plain words: a heading and its sentences, empty parts left out."""
    programme, lang = programme_of(ask), ask.language
    parts = [
        (
            "rules.currencies",
            [currency_words(c, programme, lang) for c in programme.currencies.values()],
        ),
        ("rules.earning", [rule_words(rule, programme, lang) for rule in programme.rules]),
    ]
    for code, section in SECTIONS.items():
        entries = programme.parts.get(code, {}).values()
        parts.append((f"rules.{code}", [section.words(e, programme, lang) for e in entries]))
    parts.append(("rules.returns", plain_words(programme, lang)[-1:]))
    return [(ask.t(key), lines) for key, lines in parts if lines]
