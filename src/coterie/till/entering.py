"""Making a browser a till, signing in by staff code and PIN, going and changing."""

from __future__ import annotations

from coterie.catalogue import PlaceKind, list_places
from coterie.console import demo_is_open
from coterie.staff import (
    Device,
    DeviceUnknown,
    Entered,
    SignedOut,
    SignInRefused,
    TooManyTries,
    Visitor,
    coarse_client,
    coarse_network,
    demo_people,
    device_of,
    enter_demo,
    find_account,
    register_device,
    sign_in_at_till,
    sign_out,
    who,
)
from coterie.storage import transaction
from coterie.till.visitors import (
    CLERK_COOKIE,
    CLERK_S,
    DEVICE_COOKIE,
    DEVICE_S,
    MACHINE,
    device_here,
    touch,
)
from coterie.web.asking import Ask, Reply
from coterie.web.errors import PageUnknown
from coterie.web.faces import OPEN, Pages
from coterie.web.forms import Entry, Text, blank

ENTER = (Text("code", most=64), Text("pin", most=20))
DEVICE = (Text("token", most=200),)
PLACES_READ = 100
STORES_OFFERED = 3
DEMO_TILL = "Demo"


def pages() -> Pages:
    """Return the pages of coming and going."""
    area = Pages()

    @area.get("/till/enter", needs=OPEN)
    def enter(ask: Ask) -> Reply:
        return _page(ask, blank(ENTER))

    @area.post("/till/enter", needs=OPEN)
    def judge(ask: Ask) -> Reply:
        return _judge(ask)

    @area.post("/till/device", needs=OPEN)
    def become(ask: Ask) -> Reply:
        entry = ask.form.read(DEVICE)
        if entry.good:
            try:
                device_of(ask.db, entry["token"])
            except DeviceUnknown as refusal:
                entry.refusal = refusal
        if not entry.good:
            return _page(ask, entry, 422)
        ask.set_cookie(DEVICE_COOKIE, entry["token"], seconds=DEVICE_S)
        return ask.redirect("/till/enter", "till.enter.registered")

    @area.post("/till/demo", needs=OPEN)
    def demo(ask: Ask) -> Reply:
        return _demo(ask)

    @area.post("/till/leave", needs=OPEN)
    def leave(ask: Ask) -> Reply:
        token = ask.cookies.get(CLERK_COOKIE, "")
        ask.set_cookie(CLERK_COOKIE, "", seconds=0)
        try:
            person = who(ask.db, token, now_us=MACHINE.now_us())
        except SignedOut:
            return ask.redirect("/till/enter")
        with transaction(ask.db):
            sign_out(ask.db, person, now_us=MACHINE.now_us())
        return ask.redirect("/till/enter", "till.enter.left", tone="info", name=person.name)

    return area


def _page(ask: Ask, entry: Entry, status: int = 200) -> Reply:
    return ask.page(
        "till/enter.html",
        status,
        entry=entry,
        device=device_here(ask),
        stores=_demo_stores(ask) if demo_is_open(ask) else [],
    )


def _judge(ask: Ask) -> Reply:
    entry = ask.form.read(ENTER)
    if entry.good:
        try:
            entered = sign_in_at_till(
                ask.db,
                ask.cookies.get(DEVICE_COOKIE, ""),
                entry["code"],
                entry["pin"],
                _from(ask),
                ask.network,
                now_us=MACHINE.now_us(),
            )
        except (SignInRefused, TooManyTries, DeviceUnknown) as refusal:
            entry.refusal = refusal
        else:
            return _inside(ask, entered)
    return _page(ask, entry, 422)


def _inside(ask: Ask, entered: Entered) -> Reply:
    ask.set_cookie(CLERK_COOKIE, entered.token, seconds=CLERK_S)
    touch(ask)
    return ask.redirect("/till")


def _from(ask: Ask) -> Visitor:
    return Visitor(coarse_client(ask.headers.get("user-agent", "")), coarse_network(ask.network))


def _demo_stores(ask: Ask) -> list[tuple[str, str]]:
    places = list_places(ask.db, limit=PLACES_READ)[0]
    stores = [(p.place, p.name or p.place) for p in places if p.kind == PlaceKind.STORE]
    return stores[:STORES_OFFERED]


def _demo(ask: Ask) -> Reply:
    """Enter a demo's shop by one click: this browser becomes its till."""
    place = ask.form.get("store")
    if not demo_is_open(ask) or place not in dict(_demo_stores(ask)):
        raise PageUnknown
    device = _demo_device(ask, place)
    for login in demo_people(ask.db):
        if find_account(ask.db, login).staff_code is not None:
            now_us = MACHINE.now_us()
            return _inside(ask, enter_demo(ask.db, login, _from(ask), now_us=now_us, device=device))
    raise PageUnknown


def _demo_device(ask: Ask, place: str) -> Device:
    device = device_here(ask)
    if device is not None and device.store == place:
        return device
    with transaction(ask.db):
        token = register_device(ask.db, DEMO_TILL, place, now_us=MACHINE.now_us())[1]
    ask.set_cookie(DEVICE_COOKIE, token, seconds=DEVICE_S)
    return device_of(ask.db, token)
