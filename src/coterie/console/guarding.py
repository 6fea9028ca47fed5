"""Who comes in and with what: accounts, API keys and tills, each changed by acts."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from coterie import staff
from coterie.access import Scope, list_keys
from coterie.acts import ACTS
from coterie.console.visitors import actor_of, acts_of, machine_us
from coterie.kernel.errors import Refusal
from coterie.web import (
    Ask,
    Check,
    Choice,
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
ACCOUNT = Whole("account_id", least=1, most=2**62)
LANGUAGES = ("zh", "en")


class Control(NamedTuple):
    """A field as the page shows it: hidden without a label; with options one chooses."""

    field: Field
    label: str | None = None
    options: list[tuple[str, str]] | None = None


class HouseForm(NamedTuple):
    """An act as a form: its code, its controls, and its arguments of what was entered."""

    act: str
    controls: Callable[[Ask], Sequence[Control]]
    args: Callable[[Entry], dict[str, Any]]


def _role_controls(ask: Ask) -> list[Control]:
    known = staff.roles(ask.db).values()
    named = [(each.role, each.zh if ask.language == "zh" else each.en) for each in known]
    checks = [Control(Check(f"role.{code}"), name) for code, name in named]
    return [*checks, Control(Text("stores", required=False), ask.t("staffing.stores"))]


def _roles(entry: Entry) -> list[dict[str, Any]]:
    stores = (entry["stores"] or "").replace("，", " ").replace(",", " ").split()[:50] or None
    return [{"role": code, "stores": stores} for code in _chosen(entry, "role.")]


def _chosen(entry: Entry, prefix: str) -> list[str]:
    return [
        name.removeprefix(prefix)
        for name, value in entry.values.items()
        if name.startswith(prefix) and value
    ]


def _newcomer(ask: Ask) -> Sequence[Control]:
    languages = [("zh", ask.t("staffing.zh")), ("en", ask.t("staffing.en"))]
    return (
        Control(Text("login", most=254), ask.t("staffing.login")),
        Control(Text("name", most=100), ask.t("staffing.name")),
        Control(Choice("language", LANGUAGES), ask.t("staffing.language"), languages),
        Control(Text("staff_code", most=64, required=False), ask.t("staffing.staff_code")),
        *_role_controls(ask),
    )


def _newcomer_args(entry: Entry) -> dict[str, Any]:
    plain = {name: entry[name] for name in ("login", "name", "language")}
    return {**plain, "staff_code": entry["staff_code"] or None, "roles": _roles(entry)}


def _scopes(ask: Ask) -> Sequence[Control]:
    return (
        Control(Text("source", most=64), ask.t("staffing.source")),
        Control(Whole("days", least=1, most=3_650, required=False), ask.t("staffing.days")),
        Control(Text("note", most=200, required=False), ask.t("staffing.note")),
        *(Control(Check(f"scope.{each.value}"), each.value) for each in Scope),
    )


def _key_args(entry: Entry) -> dict[str, Any]:
    return {
        "source": entry["source"],
        "scopes": _chosen(entry, "scope."),
        "days": entry["days"],
        "note": entry["note"] or None,
    }


def _account(_: Ask) -> Sequence[Control]:
    return (Control(ACCOUNT),)


def _account_args(entry: Entry) -> dict[str, Any]:
    return {"account_id": entry["account_id"]}


STAFF: Mapping[str, HouseForm] = {
    "add": HouseForm("staff.add", _newcomer, _newcomer_args),
    "roles": HouseForm(
        "staff.roles",
        lambda ask: (Control(ACCOUNT), *_role_controls(ask)),
        lambda entry: {"account_id": entry["account_id"], "roles": _roles(entry)},
    ),
    "disable": HouseForm("staff.disable", _account, _account_args),
    "enable": HouseForm("staff.enable", _account, _account_args),
    "reset": HouseForm(
        "staff.reset",
        lambda ask: (
            Control(ACCOUNT),
            Control(Check("second_factor"), ask.t("staffing.take_factor")),
        ),
        lambda entry: {
            "account_id": entry["account_id"],
            "second_factor": bool(entry["second_factor"]),
        },
    ),
    "pin": HouseForm("staff.pin", _account, _account_args),
    "end": HouseForm("staff.end_sign_ins", _account, _account_args),
}
KEYS: Mapping[str, HouseForm] = {
    "issue": HouseForm("key.issue", _scopes, _key_args),
    "revoke": HouseForm(
        "key.revoke",
        lambda _: (Control(Text("key_id", most=64)),),
        lambda entry: {"key_id": entry["key_id"]},
    ),
}
TILLS: Mapping[str, HouseForm] = {
    "register": HouseForm(
        "till.register",
        lambda ask: (
            Control(Text("name", most=100), ask.t("staffing.till_name")),
            Control(Text("store", most=64), ask.t("staffing.store")),
        ),
        lambda entry: {"name": entry["name"], "store": entry["store"]},
    ),
    "revoke": HouseForm(
        "till.revoke",
        lambda _: (Control(Whole("device_id", least=1, most=2**62)),),
        lambda entry: {"device_id": entry["device_id"]},
    ),
}


@PAGES.get("/staff", needs="staff:read")
def accounts(ask: Ask) -> Reply:
    """List who may sign in."""
    rows, after = staff.list_accounts(ask.db, cursor=ask.query.get("after") or None)
    known = {
        code: role.zh if ask.language == "zh" else role.en
        for code, role in staff.roles(ask.db).items()
    }
    return ask.page("console/staff.html", rows=rows, next=after, names=known)


@PAGES.get("/staff/{account_id:int}", needs="staff:read")
def account(ask: Ask) -> Reply:
    """Show an account and where it is signed in."""
    found = staff.read_account(ask.db, ask.number("account_id"))
    sign_ins, _ = staff.list_sign_ins(
        ask.db, account_id=found.account_id, only_open=True, now_us=machine_us()
    )
    known = staff.roles(ask.db)
    roles = [
        ((known[g.role].zh if ask.language == "zh" else known[g.role].en), g.stores)
        for g in found.roles
        if g.role in known
    ]
    return ask.page("console/staff_one.html", account=found, sign_ins=sign_ins, roles=roles)


@PAGES.get("/keys", needs="keys:write")
def keys(ask: Ask) -> Reply:
    """List API keys."""
    rows, after = list_keys(ask.db, cursor=ask.query.get("after") or None)
    return ask.page("console/keys.html", rows=rows, next=after, now_us=ask.now_us)


@PAGES.get("/tills", needs="settings:read")
def tills(ask: Ask) -> Reply:
    """List registered tills."""
    rows, after = staff.list_devices(ask.db, cursor=ask.query.get("after") or None)
    return ask.page("console/tills.html", rows=rows, next=after)


@PAGES.get("/staff/do/{what:str}", needs="staff:write")
def begin_staff(ask: Ask) -> Reply:
    """Show the form of an act on staff."""
    return _begin(ask, STAFF, "/staff")


@PAGES.post("/staff/do/{what:str}", needs="staff:write")
def do_staff(ask: Ask) -> Reply:
    """Preview an act on staff, or do it."""
    return _go_on(ask, STAFF, "/staff")


@PAGES.get("/keys/do/{what:str}", needs="keys:write")
def begin_key(ask: Ask) -> Reply:
    """Show the form of an act on keys."""
    return _begin(ask, KEYS, "/keys")


@PAGES.post("/keys/do/{what:str}", needs="keys:write")
def do_key(ask: Ask) -> Reply:
    """Preview an act on keys, or do it."""
    return _go_on(ask, KEYS, "/keys")


@PAGES.get("/tills/do/{what:str}", needs="settings:write")
def begin_till(ask: Ask) -> Reply:
    """Show the form of an act on tills."""
    return _begin(ask, TILLS, "/tills")


@PAGES.post("/tills/do/{what:str}", needs="settings:write")
def do_till(ask: Ask) -> Reply:
    """Preview an act on tills, or do it."""
    return _go_on(ask, TILLS, "/tills")


def _begin(ask: Ask, forms: Mapping[str, HouseForm], back: str) -> Reply:
    form = _form(ask, forms)
    controls = form.controls(ask)
    fields = tuple(each.field for each in controls)
    given = {each.name: ask.query.get(each.name) for each in fields}
    return _page(ask, 200, blank((*fields, REASON), **given), form, controls, back)


def _go_on(ask: Ask, forms: Mapping[str, HouseForm], back: str) -> Reply:
    form = _form(ask, forms)
    controls = form.controls(ask)
    entry = ask.form.read((*(each.field for each in controls), REASON))
    if not entry.good:
        return _page(ask, 422, entry, form, controls, back)
    args, acts, actor = form.args(entry), acts_of(ask), actor_of(ask)
    try:
        if not ask.form.get("confirmed"):
            preview = acts.preview(ask.db, actor, form.act, args)
            waits = acts.waits_for(ask.db, form.act, args, preview)
            return _page(ask, 200, entry, form, controls, back, preview=preview, waits=waits)
        key = ask.form.get("key") or secrets.token_urlsafe(12)
        done = acts.perform(ask.db, actor, form.act, args, reason=entry["reason"], key=key)
    except Refusal as refusal:
        entry.refusal = refusal
        status = status_of(refusal.code, refusal.kind)
        return _page(ask, status, entry, form, controls, back)
    if done.status == "waiting":
        return ask.redirect(back, said="acts.waiting", tone="info", number=str(done.request_id))
    if done.secret is not None:
        # Shown in the reply itself: an address or a cookie would keep it.
        return ask.page(
            "console/told_once.html", verb=_verb(ask, form), secret=done.secret, back=back
        )
    return ask.redirect(back, said="acts.done")


def _form(ask: Ask, forms: Mapping[str, HouseForm]) -> HouseForm:
    form = forms.get(ask.text("what"))
    if form is None:
        raise PageUnknown
    return form


def _verb(ask: Ask, form: HouseForm) -> str:
    kind = ACTS[form.act]
    return kind.zh if ask.language == "zh" else kind.en


def _page(
    ask: Ask,
    status: int,
    entry: Entry,
    form: HouseForm,
    controls: Sequence[Control],
    back: str,
    **facts: object,
) -> Reply:
    shown: dict[str, object] = {"preview": None, "waits": None, **facts}
    return ask.page(
        "console/house_act.html",
        status,
        url=f"{back}/do/{ask.text('what')}",
        back=back,
        verb=_verb(ask, form),
        controls=controls,
        entry=entry,
        key=secrets.token_urlsafe(12),
        dangerous=ask.text("what") in {"disable", "revoke", "reset"},
        **shown,
    )
