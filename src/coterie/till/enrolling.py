"""Taking somebody down in seconds: name, phone, what is read out; a card number at once."""

from __future__ import annotations

import hashlib
import re
import secrets

from coterie.intake.engine import Engine
from coterie.intake.keyed import once
from coterie.kernel.errors import Refusal
from coterie.members import (
    BadIdentity,
    IdentityTaken,
    Newcomer,
    create_members,
    give_card,
    normalise_identity,
    resolve,
)
from coterie.storage import Connection
from coterie.till.sending import SOURCE, ticket
from coterie.till.visitors import USES, clerk_of
from coterie.web.agreeing import NEEDED, decide, text_of, wordings
from coterie.web.asking import Ask, Reply
from coterie.web.faces import Pages
from coterie.web.forms import Entry, Text, blank

ENROL = (Text("phone", most=40), Text("name", required=False, most=80), Text("key", most=64))
_KEY = re.compile(r"[0-9a-f]{16,64}")


def pages(engine: Engine) -> Pages:
    """Return the page of enrolling."""
    area = Pages()

    @area.get("/till/enrol", needs=USES)
    def enrol(ask: Ask) -> Reply:
        return _page(ask, blank(ENROL))

    @area.post("/till/enrol/begin", needs=USES)
    def begin(ask: Ask) -> Reply:
        # What was looked for in vain goes along in the body: it may be somebody's number.
        asked = ask.form.get("q")
        field = "phone" if sum(char.isdigit() for char in asked) > 6 else "name"
        return _page(ask, blank(ENROL, **{field: asked}))

    @area.post("/till/enrol", needs=USES)
    def become(ask: Ask) -> Reply:
        return _become(ask, engine)

    return area


def _page(ask: Ask, entry: Entry, status: int = 200) -> Reply:
    asked = [(each.kind, text_of(ask, each), each.kind in NEEDED) for each in wordings(ask)]
    entry.many.setdefault("consent", ask.form.all("consent"))
    key = entry.raw.get("key") or ticket()
    return ask.page("till/enrol.html", status, entry=entry, asked=asked, key=key)


def _become(ask: Ask, engine: Engine) -> Reply:
    entry = ask.form.read(ENROL)
    agreed = set(ask.form.all("consent"))
    phone = _phone(entry)
    if any(each.kind in NEEDED - agreed for each in wordings(ask)):
        entry.refuse("consent", "till.enrol.needed")
    if not _KEY.fullmatch(entry.raw.get("key", "")):
        entry.raw["key"] = secrets.token_hex(16)
    if not entry.good:
        return _page(ask, entry, 422)
    known = resolve(ask.db, [("phone", phone)]).get(("phone", phone))
    if known is not None:
        return ask.redirect(f"/till/m/{known}", "till.enrol.known", tone="info")
    try:
        member_id = _take_down(ask, entry, phone, agreed)
    except IdentityTaken:
        return ask.redirect("/till/enrol", "till.enrol.known", tone="warning")
    except Refusal as refusal:
        entry.refusal = refusal
        return _page(ask, entry, 422)
    engine.unpark(ask.db, [("phone", phone)], ask.now_us)
    return ask.redirect(f"/till/m/{member_id}", "till.enrol.done")


def _phone(entry: Entry) -> str:
    if entry["phone"] is None:
        return ""
    try:
        return normalise_identity("phone", entry["phone"])
    except BadIdentity:
        entry.refuse("phone", "till.enrol.no_phone")
        return ""


def _take_down(ask: Ask, entry: Entry, phone: str, agreed: set[str]) -> int:
    clerk = clerk_of(ask)
    newcomer = Newcomer(
        identities=(("phone", phone),),
        name=entry["name"],
        language="zh-CN" if ask.language == "zh" else "en",
        # Until the member answers a code on that phone, it is the clerk's word alone.
        state="unverified",
        channel="pos",
        store=clerk.device.store,
        enrolled_us=ask.now_us,
    )
    digest = hashlib.sha256(phone.encode()).digest()[:16]

    def make(db: Connection) -> int:
        made = create_members(db, [newcomer], now_us=ask.now_us)[0]
        if isinstance(made, Refusal):
            raise made
        give_card(db, made, now_us=ask.now_us)
        decide(ask, made, agreed, channel="pos", actor=clerk.actor(ask).ref)
        return made

    key = f"enrol:{clerk.device.device_id}:{entry.raw['key']}"
    return once(ask.db, source=SOURCE, key=key, digest=digest, make=make)[0]
