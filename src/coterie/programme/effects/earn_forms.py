"""How an ``earn`` is written: from text, to text, and what makes no sense in it."""

from __future__ import annotations

from typing import Any

from coterie.kernel.errors import Malformed, nearest
from coterie.kernel.numbers import Rounding, format_minor, money_exponent, parse_minor, parse_ratio
from coterie.programme.effects.bands import build_bands, plain_bands
from coterie.programme.effects.kind import RuleChecker
from coterie.programme.effects.tables import (
    build_table,
    by_tender,
    check_table,
    per_line,
    plain_table,
)
from coterie.programme.ground import Ground
from coterie.programme.model import Basis, Earn, FieldType, Programme, RoundBasis, Rule
from coterie.programme.personal import check_taken
from coterie.programme.saying import ratio_text

MILLI_DIGITS = 3


def build_earn(raw: dict[str, Any], path: str, on: str, ground: Ground) -> Earn:
    """Return the effect; units are in the scale of their currency."""
    per_minor, digits = _per(raw, path, on, ground)
    scale = ground.scales.get(raw["currency"], 0)
    if "bands" in raw and ("units" in raw or "by" in raw):
        raise Malformed("`bands` say the units, so `units` and `by` do not.", where=path)
    if "parameter" in raw and {"units", "by", "bands"} & set(raw):
        what = "a `parameter` says the units, so `units`, `by` and `bands` do not."
        raise Malformed(what, where=path)
    if not {"units", "by", "bands", "parameter"} & set(raw):
        raise Malformed("'units' is missing.", where=path)
    units = parse_ratio(raw.get("units", "0"), where=f"{path}.units")
    if units == 0 and "units" in raw and "by" not in raw:
        raise Malformed("a rule gives more than nothing.", where=f"{path}.units")
    field, quantity = raw.get("per_field"), "per_quantity" in raw
    usual = field or ("quantity" if quantity else "amount")
    bands_of = raw.get("bands_of", usual)
    of_digits = {"amount": ground.exponent, "quantity": MILLI_DIGITS}.get(bands_of, 0)
    basis = dict(raw.get("basis", {}))
    for tenders in ("without_tenders", "only_tenders"):
        basis[tenders] = tuple(basis.get(tenders, ()))
    return Earn(
        currency=raw["currency"],
        units=units * 10**scale,
        per_minor=per_minor,
        per_field=field,
        blocks=raw.get("blocks", False),
        rounding=Rounding(raw.get("rounding", Rounding.DOWN)),
        round_each=raw.get("round_each", "order"),
        basis=Basis(**basis, quantity=quantity),
        table=build_table(raw["by"], f"{path}.by", scale) if "by" in raw else None,
        bands=build_bands(raw.get("bands", []), f"{path}.bands", of_digits, scale),
        bands_apply=raw.get("bands_apply", "marginal"),
        bands_of=bands_of,
        round_basis=_round_basis(raw.get("round_basis"), f"{path}.round_basis", digits),
        at_least=parse_minor(raw.get("at_least", "0"), scale, where=f"{path}.at_least"),
        parameter=raw.get("parameter"),
    )


def _per(raw: dict[str, Any], path: str, on: str, ground: Ground) -> tuple[int | None, int]:
    """Return by how much is counted, and the digits in which that is written."""
    if "per_quantity" in raw and ("per" in raw or "per_field" in raw):
        raise Malformed("give one of `per`, `per_field` and `per_quantity`.", where=path)
    if "per_field" in raw:
        key, digits = "per", 0
        per = parse_minor(raw.get("per", "1"), 0, where=f"{path}.per")
    elif "per_quantity" in raw:
        key, digits = "per_quantity", MILLI_DIGITS
        per = parse_minor(raw[key], digits, where=f"{path}.{key}")
    elif "per" in raw:
        if on != "order":
            raise Malformed(
                "an activity has no amount; name its field in `per_field`.", where=f"{path}.per"
            )
        key, digits = "per", ground.exponent
        per = ground.money(raw[key], f"{path}.per")
    else:
        return None, 0
    if per == 0:
        raise Malformed("nothing can be divided by zero.", where=f"{path}.{key}")
    return per, digits


def _round_basis(raw: dict[str, Any] | None, path: str, digits: int) -> RoundBasis | None:
    if raw is None:
        return None
    to = parse_minor(raw["to"], digits, where=f"{path}.to")
    if to == 0:
        raise Malformed("nothing is a multiple of zero.", where=f"{path}.to")
    return RoundBasis(to, Rounding(raw.get("rounding", Rounding.HALF_UP)))


def per_digits(effect: Earn, programme: Programme) -> int:
    """Return the digits in which what is counted is written."""
    if effect.per_field is not None:
        return 0
    return MILLI_DIGITS if effect.basis.quantity else money_exponent(programme.money)


def band_digits(effect: Earn, programme: Programme) -> int:
    """Return the digits in which the bounds of bands are written."""
    digits = {"amount": money_exponent(programme.money), "quantity": MILLI_DIGITS}
    return digits.get(effect.bands_of, 0)


def plain_earn(effect: Earn, programme: Programme) -> dict[str, Any]:
    """Return it as written; what it does not use is not there."""
    scale = programme.currencies[effect.currency].scale
    digits = per_digits(effect, programme)
    said: dict[str, Any] = {"currency": effect.currency}
    if effect.parameter is not None:
        said["parameter"] = effect.parameter
    elif not effect.bands and (effect.units or effect.table is None):
        said["units"] = ratio_text(effect.units / 10**scale)
    if effect.table is not None:
        said["by"] = plain_table(effect.table, scale)
    if effect.bands:
        bounds = band_digits(effect, programme)
        said["bands"] = plain_bands(effect.bands, bounds, scale)
        said |= {"bands_apply": effect.bands_apply, "bands_of": effect.bands_of}
    if effect.per_minor is not None:
        key = "per_quantity" if effect.basis.quantity else "per"
        said[key] = format_minor(effect.per_minor, digits)
    if effect.per_field is not None:
        said["per_field"] = effect.per_field
    said["blocks"] = effect.blocks
    if effect.round_basis is not None:
        to = format_minor(effect.round_basis.to, digits)
        said["round_basis"] = {"to": to, "rounding": effect.round_basis.rounding.value}
    said |= {"rounding": effect.rounding.value, "round_each": effect.round_each}
    if effect.at_least:
        said["at_least"] = format_minor(effect.at_least, scale)
    basis = effect.basis
    said["basis"] = {
        "tax": basis.tax,
        "shipping": basis.shipping,
        "fees": basis.fees,
        "without_tenders": list(basis.without_tenders),
        **({"only_tenders": list(basis.only_tenders)} if basis.only_tenders else {}),
    }
    return said


def check_rate(rule: Rule, effect: Earn, path: str, checker: RuleChecker) -> None:
    """Note fields nobody declares, and ways to cut where nothing is cut."""
    find = checker.find
    counted = effect.per_minor is not None
    if effect.parameter is not None:
        _check_parameter(effect, path, checker)
    if effect.blocks and not counted:
        find(f"{path}.blocks", "without `per` there is nothing to cut into blocks.")
    if effect.round_basis is not None and (not counted or effect.blocks):
        what = "without `per` there is no basis to round." if not counted else "blocks cut it."
        find(f"{path}.round_basis", what)
    if effect.round_each != "order" and (rule.on != "order" or not counted):
        find(f"{path}.round_each", "only units per amount of an order are rounded by line.")
    wide = effect.table is not None or effect.bands or effect.round_basis is not None
    if effect.round_each == "unit" and wide:
        what = "a piece has no table, no bands and no rounded basis of its own."
        find(f"{path}.round_each", what, "order, line")
    if effect.per_field is not None:
        _check_field(rule, effect.per_field, f"{path}.per_field", checker)
    if effect.basis.quantity and rule.on != "order":
        find(f"{path}.per_quantity", f"{rule.on!r} has no lines.", "per_field: a number")
    if effect.basis.quantity and (effect.basis.only_tenders or effect.basis.without_tenders):
        find(f"{path}.basis", "a tender pays an amount, not a quantity.")
    if effect.table is not None:
        _check_table(rule, effect, f"{path}.by", checker)
    if effect.bands:
        _check_bands(rule, effect, path, checker)


def _check_parameter(effect: Earn, path: str, checker: RuleChecker) -> None:
    """Units for every so much may be as fine as anybody likes; those given once may not."""
    currency = checker.programme.currencies.get(effect.currency)
    digits = currency.scale if currency is not None and effect.per_minor is None else None
    check_taken(effect.parameter or "", digits, f"{path}.parameter", checker)
    if effect.round_basis is not None:
        checker.find(f"{path}.round_basis", "a personal rate counts the basis as it is.")


def _check_table(rule: Rule, effect: Earn, path: str, checker: RuleChecker) -> None:
    table = effect.table
    assert table is not None
    check_table(rule, table, path, checker)
    if effect.per_minor is None and (per_line(table) or by_tender(table)):
        checker.find(path, f"an order has several of {table.code!r}, so it needs `per`.")
    if effect.basis.quantity and by_tender(table):
        checker.find(path, "a tender pays an amount, not a quantity.")
    if not any(effect.every_units()):
        checker.find(f"{path}.rates", "a rule gives more than nothing.")


def _check_bands(rule: Rule, effect: Earn, path: str, checker: RuleChecker) -> None:
    of = effect.bands_of
    counted = effect.per_field or ("quantity" if effect.basis.quantity else "amount")
    if effect.bands_apply == "marginal" and (effect.per_minor is None or of != counted):
        what = "a part has its own units only where what is counted is cut into parts."
        checker.find(path, what, "bands_apply: whole")
    if of in ("amount", "quantity"):
        if rule.on != "order":
            checker.find(f"{path}.bands_of", f"{rule.on!r} has no {of}.", "a field of the activity")
    else:
        _check_field(rule, of, f"{path}.bands_of", checker)
    if not any(effect.every_units()):
        checker.find(f"{path}.bands", "a rule gives more than nothing.")


def _check_field(rule: Rule, field: str, path: str, checker: RuleChecker) -> None:
    activity = checker.programme.activities.get(rule.on.partition(":")[2])
    if rule.on == "order":
        checker.find(path, "an order has no declared fields.", "per: an amount")
    elif activity is not None:
        numbers = [f.code for f in activity.fields.values() if f.type is FieldType.INTEGER]
        if field not in numbers:
            what = f"{rule.on!r} has no whole-number field {field!r}."
            checker.find(path, what, nearest(field, numbers).strip())
