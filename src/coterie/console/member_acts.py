"""Acts on a member: a form, then what it would do, then done or waiting for a second person."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from coterie.acts import ACTS
from coterie.consent import latest_wordings
from coterie.console.visitors import actor_of, acts_of
from coterie.kernel.errors import Refusal
from coterie.members import CATEGORIES, IdentityKind, MemberRecord, read_member
from coterie.programme.model import Programme
from coterie.web import (
    Amount,
    Ask,
    Check,
    Choice,
    Day,
    Entry,
    Pages,
    PageUnknown,
    Reply,
    Text,
    Whole,
    blank,
    status_of,
)
from coterie.web.forms import Field

PAGES = Pages()
REASON = Text("reason", most=200)
Options = list[tuple[str, str]]


class Control(NamedTuple):
    """A field as the page shows it: with options it is a list to choose from."""

    field: Field
    options: Options | None = None


Make = Callable[[int, Entry], dict[str, Any]]


class ActForm(NamedTuple):
    """An act as a form: its code, its controls, and its arguments of what was entered."""

    act: str
    controls: Callable[[Ask, MemberRecord], Sequence[Control]]
    args: Make


def _programme(ask: Ask) -> Programme:
    if ask.programme is None:
        raise PageUnknown
    return ask.programme


def _name(ask: Ask, words: Any) -> str:
    return str(words.zh if ask.language == "zh" else words.en)


def _adjust(ask: Ask, _: MemberRecord) -> Sequence[Control]:
    currencies = _programme(ask).currencies
    options = [(code, _name(ask, each.name)) for code, each in currencies.items()]
    scale = max((each.scale for each in currencies.values()), default=0)
    chosen = currencies.get(ask.form.get("currency"))
    amount = Amount("units", scale=scale if chosen is None else chosen.scale, least=-(10**15))
    return (Control(Choice("currency", tuple(currencies)), options), Control(amount))


def _tier(ask: Ask, _: MemberRecord) -> Sequence[Control]:
    tiers: Options = []
    for code, ladder in _programme(ask).parts.get("ladders", {}).items():
        for tier in ladder.tiers:
            told = f"{_name(ask, ladder.name)} · {_name(ask, tier.name)}"
            tiers.append((f"{code}/{tier.code}", told))
    kinds = ("grant", "lifetime", "pin", "correct")
    options = [(kind, ask.t(f"acts.tier_{kind}")) for kind in kinds]
    return (
        Control(Choice("tier", tuple(value for value, _ in tiers)), tiers),
        Control(Choice("action", kinds), options),
        Control(Day("until", required=False)),
    )


def _tier_args(member_id: int, entry: Entry) -> dict[str, Any]:
    ladder, _, tier = entry["tier"].partition("/")
    args = {"member_id": member_id, "ladder": ladder, "tier": tier, "action": entry["action"]}
    if entry["until"] is not None:
        args["until"] = entry.raw["until"]
    return args


def _state(ask: Ask, _: MemberRecord) -> Sequence[Control]:
    states = ("active", "paused", "closed")
    options = [(state, ask.t(f"members.state_{state}")) for state in states]
    return (Control(Choice("state", states), options),)


def _contact(ask: Ask, record: MemberRecord) -> Sequence[Control]:
    kinds = tuple(kind.value for kind in IdentityKind)
    kind_options = [(kind, ask.t(f"members.kind_{kind}")) for kind in kinds]
    active = [i for i in record.identities if i.valid_to_us is None]
    numbers = [str(number) for number, _ in enumerate(active)]
    ends = [
        (n, f"{ask.t(f'members.kind_{each.kind}')} ···{each.value[-4:]}")
        for n, each in zip(numbers, active, strict=True)
    ]
    languages = ("zh-CN", "en")
    return (
        Control(Text("name", required=False)),
        Control(Day("born_on", required=False)),
        Control(Choice("language", languages, required=False), [(x, x) for x in languages]),
        Control(Choice("add_kind", kinds, required=False), kind_options),
        Control(Text("add_value", required=False)),
        Control(Choice("end", tuple(numbers), required=False), ends),
    )


def _contact_args(member_id: int, entry: Entry) -> dict[str, Any]:
    edit: dict[str, Any] = {
        "name": entry["name"],
        "born_on": entry.raw["born_on"] or None,
        "language": entry["language"],
    }
    if entry["add_kind"] and entry["add_value"]:
        edit["add"] = [(entry["add_kind"], entry["add_value"])]
    return {"member_id": member_id, "edit": edit, "end": entry["end"]}


def _tags(_: Ask, __: MemberRecord) -> Sequence[Control]:
    return (Control(Text("add", required=False)), Control(Text("remove", required=False)))


def _words(text: str | None) -> list[str]:
    return (text or "").replace("，", " ").replace(",", " ").split()[:50]


def _note(ask: Ask, _: MemberRecord) -> Sequence[Control]:
    options = [(each, ask.t(f"members.note_{each}")) for each in CATEGORIES]
    return (
        Control(Choice("category", CATEGORIES), options),
        Control(Text("body", most=2_000, lines=True)),
        Control(Check("pinned")),
    )


def _trait(ask: Ask, _: MemberRecord) -> Sequence[Control]:
    bases = ("declared", "inferred")
    return (
        Control(Text("trait", most=64)),
        Control(Text("value", most=64)),
        Control(Choice("basis", bases), [(each, ask.t(f"members.{each}")) for each in bases]),
    )


def _consent(ask: Ask, _: MemberRecord) -> Sequence[Control]:
    asked = [(f"{w.kind}/{w.version}", f"{w.kind} v{w.version}") for w in latest_wordings(ask.db)]
    answers = ("yes", "no")
    return (
        Control(Choice("wording", tuple(value for value, _ in asked)), asked),
        Control(Choice("answer", answers), [(each, ask.t(f"acts.{each}")) for each in answers]),
        Control(Text("channel", most=64)),
    )


def _consent_args(member_id: int, entry: Entry) -> dict[str, Any]:
    kind, _, version = entry["wording"].partition("/")
    return {
        "member_id": member_id,
        "kind": kind,
        "version": int(version),
        "granted": entry["answer"] == "yes",
        "channel": entry["channel"],
    }


def _just(*names: str) -> Make:
    return lambda member_id, entry: {"member_id": member_id, **{n: entry[n] for n in names}}


def _number(name: str) -> Callable[[Ask, MemberRecord], Sequence[Control]]:
    return lambda _, __: (Control(Whole(name, least=1, most=2**62)),)


FORMS: Mapping[str, ActForm] = {
    "adjust": ActForm("units.adjust", _adjust, _just("currency", "units")),
    "tier": ActForm("tier.decide", _tier, _tier_args),
    "state": ActForm("member.state", _state, _just("state")),
    "merge": ActForm("member.merge", _number("into"), _just("into")),
    "unmerge": ActForm("member.unmerge", lambda _, __: (), _just()),
    "erase": ActForm("member.erase", lambda _, __: (), _just()),
    "reverse": ActForm("event.reverse", _number("seq"), _just("seq")),
    "contact": ActForm("member.contact", _contact, _contact_args),
    "tags": ActForm(
        "member.tags",
        _tags,
        lambda member_id, entry: {
            "member_id": member_id,
            "add": _words(entry["add"]),
            "remove": _words(entry["remove"]),
        },
    ),
    "note": ActForm("member.note", _note, _just("category", "body", "pinned")),
    "settle": ActForm("member.note_settle", _number("note_no"), _just("note_no")),
    "trait": ActForm("member.trait", _trait, _just("trait", "value", "basis")),
    "consent": ActForm("member.consent", _consent, _consent_args),
}
AT_ONCE = frozenset({"note", "settle"})
"""Acts that need no second look: nothing that counts follows from them."""


@PAGES.get("/members/{member_id:int}/do/{what:str}", needs="members:read")
def begin(ask: Ask) -> Reply:
    """Show the form of an act."""
    form, record, controls = _form(ask)
    given = {c.field.name: ask.query.get(c.field.name) for c in controls}
    if form.act == "member.contact":
        known = {n: getattr(record, n) or "" for n in ("name", "born_on", "language")}
        given |= known
    fields = tuple(c.field for c in controls)
    return _page(ask, 200, blank((*fields, REASON), **given), form, record, controls)


@PAGES.post("/members/{member_id:int}/do/{what:str}", needs="members:read")
def go_on(ask: Ask) -> Reply:
    """Preview an act, or do it when its preview was confirmed; who may is judged by the act."""
    form, record, controls = _form(ask)
    entry = ask.form.read((*(c.field for c in controls), REASON))
    if not entry.good:
        return _page(ask, 422, entry, form, record, controls)
    args = form.args(record.member_id, entry)
    if form.act == "member.contact":
        args = _ending(args, record)
    acts, actor = acts_of(ask), actor_of(ask)
    at_once = ask.text("what") in AT_ONCE
    try:
        if not (ask.form.get("confirmed") or at_once):
            preview = acts.preview(ask.db, actor, form.act, args)
            waits = acts.waits_for(ask.db, form.act, args, preview)
            return _page(ask, 200, entry, form, record, controls, preview=preview, waits=waits)
        key = ask.form.get("key") or secrets.token_urlsafe(12)
        done = acts.perform(ask.db, actor, form.act, args, reason=entry["reason"], key=key)
    except Refusal as refusal:
        entry.refusal = refusal
        status = status_of(refusal.code, refusal.kind)
        return _page(ask, status, entry, form, record, controls)
    back = f"/members/{record.member_id}" + ("/file" if at_once else "")
    if done.status == "waiting":
        return ask.redirect(back, said="acts.waiting", tone="info", number=str(done.request_id))
    return ask.redirect(back, said="acts.done")


def _ending(args: dict[str, Any], record: MemberRecord) -> dict[str, Any]:
    """Let the identity that was chosen by its place end."""
    end = args.pop("end")
    if end is not None:
        active = [i for i in record.identities if i.valid_to_us is None]
        chosen = active[int(end)]
        args["edit"]["end"] = [(chosen.kind, chosen.value)]
    return args


def _form(ask: Ask) -> tuple[ActForm, MemberRecord, Sequence[Control]]:
    form = FORMS.get(ask.text("what"))
    if form is None:
        raise PageUnknown
    record = read_member(ask.db, ask.number("member_id"))
    return form, record, form.controls(ask, record)


def _page(
    ask: Ask,
    status: int,
    entry: Entry,
    form: ActForm,
    record: MemberRecord,
    controls: Sequence[Control],
    **facts: object,
) -> Reply:
    kind = ACTS[form.act]
    shown: dict[str, object] = {"preview": None, "waits": None, **facts}
    return ask.page(
        "console/member_act.html",
        status,
        member=record,
        what=ask.text("what"),
        verb=kind.zh if ask.language == "zh" else kind.en,
        controls=controls,
        entry=entry,
        key=secrets.token_urlsafe(12),
        dangerous=ask.text("what") in {"merge", "erase", "reverse", "unmerge"},
        **shown,
    )
