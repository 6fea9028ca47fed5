"""Coming in: a contact, a code, and whoever is not a member yet becomes one with a name."""

from __future__ import annotations

import hashlib
import secrets

import msgspec

from coterie.console import demo_is_open
from coterie.events import MemberRef, StateChange
from coterie.insight import lively_members
from coterie.intake.keyed import once
from coterie.kernel.errors import Refusal
from coterie.members import (
    BadIdentity,
    IdentityTaken,
    MemberState,
    Newcomer,
    add_identity,
    create_members,
    give_card,
    normalise_identity,
    read_member,
    resolve,
)
from coterie.portal.errors import MessengerRefused
from coterie.portal.senders import CodeMessage
from coterie.portal.services import SOURCE, Services, envelope
from coterie.portal.visitors import COOKIE, COOKIE_S, MACHINE, MemberVisitor, member_of
from coterie.signins import (
    CODE_MINUTES,
    CodeOutcome,
    ask_code,
    check_code,
    end_visit,
    open_visit,
)
from coterie.storage import Connection, transaction
from coterie.web.agreeing import NEEDED, decide, text_of, wordings
from coterie.web.asking import Ask, Reply
from coterie.web.errors import PageUnknown
from coterie.web.faces import OPEN, SIGNED_IN, Pages
from coterie.web.forms import Entry, Text, blank
from coterie.web.guarding import seal, unseal

CONTACT = (Text("contact", most=200),)
CODE = (Text("code", most=20),)
JOIN = (Text("name", most=80),)
PASS_S = 900
_ENTERING = "entering"
_MESSENGER = "messenger"
DEMO_MEMBERS = 3


class Pass(msgspec.Struct, frozen=True):
    """What a browser carries between two pages of coming in: sealed, for minutes, in a cookie.

    ``handle`` is the code's that was asked for; ``proven``: the contact answered with it.
    """

    kind: str
    value: str
    handle: str
    until_us: int
    proven: bool = False
    shown: str = ""


def pages(services: Services) -> Pages:
    """Return the pages of coming in and going out."""
    area = Pages()

    @area.get("/me/enter", needs=OPEN)
    def enter(ask: Ask) -> Reply:
        return _enter(ask, services, blank(CONTACT))

    @area.post("/me/enter", needs=OPEN)
    def send(ask: Ask) -> Reply:
        return _send(ask, services)

    @area.get("/me/code", needs=OPEN)
    def code(ask: Ask) -> Reply:
        carried = carried_of(ask)
        if carried is None:
            return ask.redirect("/me/enter")
        return code_page(ask, carried)

    @area.post("/me/code", needs=OPEN)
    def judge(ask: Ask) -> Reply:
        return _judge(ask, services)

    @area.get("/me/join", needs=OPEN)
    def join(ask: Ask) -> Reply:
        carried = carried_of(ask)
        if carried is None or not carried.proven:
            return ask.redirect("/me/enter")
        return _join_page(ask, blank(JOIN))

    @area.post("/me/join", needs=OPEN)
    def become(ask: Ask) -> Reply:
        return _become(ask, services)

    @area.get("/me/messenger/{code:str}", needs=OPEN)
    def messenger(ask: Ask) -> Reply:
        return _to_messenger(ask, services)

    @area.get("/me/messenger/{code:str}/back", needs=OPEN)
    def back(ask: Ask) -> Reply:
        return _from_messenger(ask, services)

    @area.post("/me/demo/{member_id:int}", needs=OPEN)
    def demo(ask: Ask) -> Reply:
        member_id = ask.number("member_id")
        if not demo_is_open(ask) or member_id not in _demo_members(ask):
            raise PageUnknown
        return welcome(ask, services, member_id)

    @area.post("/me/leave", needs=SIGNED_IN)
    def leave(ask: Ask) -> Reply:
        visitor = member_of(ask)
        end_visit(ask.db, visitor.member_id, visitor.visit.name)
        ask.set_cookie(COOKIE, "", seconds=0)
        return ask.redirect("/me/enter", "enter.left")

    return area


def _enter(ask: Ask, services: Services, entry: Entry, status: int = 200) -> Reply:
    demo = _demo_members(ask) if demo_is_open(ask) else []
    return ask.page(
        "portal/enter.html",
        status,
        entry=entry,
        demo=[read_member(ask.db, each) for each in demo],
        messengers=sorted(services.messengers),
    )


def _demo_members(ask: Ask) -> list[int]:
    return lively_members(ask.db, DEMO_MEMBERS)


def contact_of(text: str) -> tuple[str, str]:
    """Return kind and spelling of a phone number or an e-mail address as typed.

    Raises :class:`~coterie.members.BadIdentity`.
    """
    kind = "email" if "@" in text else "phone"
    return kind, normalise_identity(kind, text)


def _send(ask: Ask, services: Services) -> Reply:
    entry = ask.form.read(CONTACT)
    if not entry.good:
        return _enter(ask, services, entry, 400)
    try:
        kind, value = contact_of(entry.values["contact"])
    except BadIdentity:
        entry.refuse("contact", "enter.contact_unreadable")
        return _enter(ask, services, entry, 400)
    carry(ask, send_code(ask, services, kind, value))
    return ask.redirect("/me/code")


def send_code(ask: Ask, services: Services, kind: str, value: str) -> Pass:
    """Make a code for a contact, send it, and return what the browser carries on.

    Raises :class:`~coterie.signins.TooManyCodes` and :class:`~coterie.portal.errors.NotSent`.
    """
    now_us = MACHINE.now_us()
    shown = ""
    with transaction(ask.db):
        asked = ask_code(ask.db, kind, value, network=ask.network, now_us=now_us)
    if services.sender.reaches(kind):
        text = ask.t("enter.message", code=asked.code, brand=ask.brand_name, minutes=CODE_MINUTES)
        subject = ask.t("enter.subject", brand=ask.brand_name)
        services.sender.send(CodeMessage(kind, value, asked.code, ask.language, subject, text))
    elif demo_is_open(ask):
        shown = asked.code
    else:
        # Where nobody is reached the answer is the same for everybody, too.
        services.sender.send(CodeMessage(kind, value, asked.code, ask.language, "", ""))
    return Pass(kind, value, asked.handle, now_us + PASS_S * 1_000_000, shown=shown)


def code_page(ask: Ask, carried: Pass, action: str = "/me/code", wrong: str = "") -> Reply:
    """Return the page on which a code is typed; ``wrong`` is a key of what is wrong with one."""
    entry = blank(CODE)
    if wrong:
        entry.refuse("code", wrong)
    return ask.page(
        "portal/code.html",
        400 if wrong else 200,
        entry=entry,
        action=action,
        to=masked(carried.kind, carried.value),
        shown=carried.shown,
    )


def masked(kind: str, value: str) -> str:
    """Return a contact with its middle hidden."""
    if kind == "email":
        name, _, domain = value.partition("@")
        return f"{name[:1]}***@{domain}"
    return f"{value[:-8]}****{value[-4:]}"


def judged(ask: Ask, carried: Pass) -> CodeOutcome:
    """Judge the code that was typed for the contact the browser carries."""
    with transaction(ask.db):
        return check_code(
            ask.db,
            carried.handle,
            carried.kind,
            carried.value,
            ask.form.get("code") or "",
            now_us=MACHINE.now_us(),
        )


def _judge(ask: Ask, services: Services) -> Reply:
    carried = carried_of(ask)
    if carried is None:
        return ask.redirect("/me/enter", "enter.over", tone="warning")
    outcome = judged(ask, carried)
    if outcome is CodeOutcome.WRONG:
        return code_page(ask, carried, wrong="enter.code_wrong")
    if outcome is CodeOutcome.OVER:
        carry(ask, None)
        return ask.redirect("/me/enter", "enter.over", tone="warning")
    found = resolve(ask.db, [(carried.kind, carried.value)])
    member_id = found.get((carried.kind, carried.value))
    if member_id is None:
        carry(ask, msgspec.structs.replace(carried, proven=True, shown=""))
        return ask.redirect("/me/join")
    _confirm(ask, services, member_id)
    return welcome(ask, services, member_id)


def _confirm(ask: Ask, services: Services, member_id: int) -> None:
    """Whom a clerk took down becomes a full member by answering."""
    record = read_member(ask.db, member_id)
    if record.state != MemberState.UNVERIFIED:
        return
    carried = envelope(member_id, ask.now_us, f"confirmed:{member_id}:{record.seq}")
    reference = MemberRef(id=member_id)
    event = StateChange(member=reference, state="active", reason="confirmed", **carried)  # type: ignore[arg-type]
    services.happen(ask.db, event, ask.now_us)


def _join_page(ask: Ask, entry: Entry) -> Reply:
    asked = [(each.kind, text_of(ask, each)) for each in wordings(ask)]
    entry.many.setdefault("consent", ask.form.all("consent"))
    return ask.page("portal/join.html", 200 if entry.good else 400, entry=entry, asked=asked)


def _become(ask: Ask, services: Services) -> Reply:
    carried = carried_of(ask)
    if carried is None or not carried.proven:
        return ask.redirect("/me/enter", "enter.over", tone="warning")
    entry = ask.form.read(JOIN)
    agreed = set(ask.form.all("consent"))
    if any(each.kind in NEEDED - agreed for each in wordings(ask)):
        entry.refuse("consent", "join.terms_needed")
    if not entry.good:
        return _join_page(ask, entry)
    programme = ask.programme
    entered = programme is not None and bool(programme.parts.get("entry"))
    newcomer = Newcomer(
        identities=((carried.kind, carried.value),),
        name=entry.values["name"],
        language="zh-CN" if ask.language == "zh" else "en",
        # Where a purchase is what makes a member, signing up makes somebody known.
        state="prospect" if entered else "active",
        channel="portal",
        enrolled_us=ask.now_us,
    )
    digest = hashlib.sha256(carried.handle.encode()).digest()[:16]

    def make(db: Connection) -> int:
        made = create_members(db, [newcomer], now_us=ask.now_us)[0]
        if isinstance(made, Refusal):
            raise made
        give_card(db, made, now_us=ask.now_us)
        decide(ask, made, agreed, channel="portal", actor=f"member:{made}")
        return made

    key = f"join:{carried.handle}"
    member_id, _ = once(ask.db, source=SOURCE, key=key, digest=digest, make=make)
    services.engine.unpark(ask.db, [(carried.kind, carried.value)], ask.now_us)
    carry(ask, None)
    return welcome(ask, services, member_id, "join.welcome")


def welcome(ask: Ask, services: Services, member_id: int, said: str = "") -> Reply:
    """Let a member in: a visit, a cookie, and what fell due meanwhile."""
    with transaction(ask.db):
        token = open_visit(
            ask.db, member_id, device=ask.headers.get("user-agent", ""), now_us=MACHINE.now_us()
        )
    services.engine.settle(ask.db, [member_id], ask.now_us)
    ask.set_cookie(COOKIE, token, seconds=COOKIE_S)
    return ask.redirect("/me", said)


# What the browser carries from page to page


def carry(ask: Ask, carried: Pass | None) -> None:
    """Let the browser carry this to the next page; None: nothing any more."""
    if carried is None:
        ask.set_cookie(_ENTERING, "", seconds=0)
        return
    text = seal(ask.facts.secret, _ENTERING, msgspec.json.encode(carried))
    ask.set_cookie(_ENTERING, text, seconds=PASS_S)


def carried_of(ask: Ask) -> Pass | None:
    """Return what the browser carries, or None for nothing, something old or something forged."""
    raw = unseal(ask.facts.secret, _ENTERING, ask.cookies.get(_ENTERING, ""))
    if raw is None:
        return None
    try:
        carried = msgspec.json.decode(raw, type=Pass)
    except msgspec.MsgspecError:
        return None
    return carried if carried.until_us > MACHINE.now_us() else None


# Messengers


def _to_messenger(ask: Ask, services: Services) -> Reply:
    messenger = services.messengers.get(ask.text("code"))
    if messenger is None:
        raise PageUnknown
    state = secrets.token_urlsafe(24)
    ask.set_cookie(_MESSENGER, seal(ask.facts.secret, _MESSENGER, state.encode()), seconds=PASS_S)
    scheme = "https" if ask.secure else "http"
    back = f"{scheme}://{ask.headers.get('host', '')}/me/messenger/{messenger.code}/back"
    return Reply(303, headers=[("location", messenger.authorise_url(back, state))])


def _from_messenger(ask: Ask, services: Services) -> Reply:
    messenger = services.messengers.get(ask.text("code"))
    if messenger is None:
        raise PageUnknown
    kept = unseal(ask.facts.secret, _MESSENGER, ask.cookies.get(_MESSENGER, ""))
    ask.set_cookie(_MESSENGER, "", seconds=0)
    state, code = ask.query.get("state") or "", ask.query.get("code") or ""
    if kept is None or not secrets.compare_digest(kept, state.encode()) or not code:
        raise MessengerRefused
    identity = ("messenger", f"{messenger.code}:{messenger.identify(code)}")
    if isinstance(ask.visitor, MemberVisitor):
        return _bind(ask, ask.visitor, identity)
    member_id = resolve(ask.db, [identity]).get(identity)
    if member_id is not None:
        return welcome(ask, services, member_id)
    carry(
        ask,
        Pass(*identity, secrets.token_hex(16), MACHINE.now_us() + PASS_S * 1_000_000, proven=True),
    )
    return ask.redirect("/me/join")


def _bind(ask: Ask, visitor: MemberVisitor, identity: tuple[str, str]) -> Reply:
    """Let a member who is signed in also come in by a messenger."""
    try:
        with transaction(ask.db):
            add_identity(ask.db, visitor.member_id, *identity, now_us=ask.now_us)
    except IdentityTaken:
        return ask.redirect("/me/profile", "profile.messenger_taken", tone="warning")
    return ask.redirect("/me/profile", "profile.messenger_bound")
