"""Coming in and going out."""

from __future__ import annotations

from coterie import staff
from coterie.console.visitors import cookie_name, demo_is_open, from_where, machine_us, person_of
from coterie.kernel.errors import Refusal
from coterie.staff import Entered, Stage
from coterie.storage import transaction
from coterie.web import OPEN, SIGNED_IN, Ask, Pages, Reply, Text, blank, status_of

PAGES = Pages()
SIGN_IN = (Text("login", most=254), Text("password", most=1000), Text("next", required=False))
FACTOR = (Text("code", most=40), Text("next", required=False))
INVITATION = (Text("code", most=200), Text("password", most=1000))
DEMO = (Text("login", most=254), Text("next", required=False))


@PAGES.get("/sign-in", needs=OPEN)
def sign_in_page(ask: Ask) -> Reply:
    """Ask for login and password; in a demo, offer its people."""
    return _page(ask, 200, blank(SIGN_IN, next=_next(ask.query.get("next"))))


@PAGES.post("/sign-in", needs=OPEN)
def sign_in(ask: Ask) -> Reply:
    """Sign in by login and password."""
    entry = ask.form.read(SIGN_IN)
    if not entry.good:
        return _page(ask, 422, entry)
    try:
        entered = staff.sign_in(
            ask.db,
            entry["login"],
            entry["password"],
            from_where(ask),
            ask.network,
            now_us=machine_us(),
        )
    except (staff.SignInRefused, staff.TooManyTries) as refusal:
        entry.refusal = refusal
        return _page(ask, _status(refusal), entry)
    return _entered(ask, entered, entry["next"])


@PAGES.post("/demo-entry", needs=OPEN)
def enter_demo(ask: Ask) -> Reply:
    """Enter a demo as one of its people."""
    entry = ask.form.read(DEMO)
    if not entry.good or not demo_is_open(ask):
        raise staff.SignInRefused
    entered = staff.enter_demo(ask.db, entry["login"], from_where(ask), now_us=machine_us())
    return _entered(ask, entered, entry["next"])


@PAGES.get("/sign-in/factor", needs=OPEN)
def factor_page(ask: Ask) -> Reply:
    """Ask for the second factor."""
    entry = blank(FACTOR, next=_next(ask.query.get("next")))
    return ask.page("console/factor.html", entry=entry)


@PAGES.post("/sign-in/factor", needs=OPEN)
def factor(ask: Ask) -> Reply:
    """Take the second factor, or a recovery code."""
    entry = ask.form.read(FACTOR)
    if not entry.good:
        return ask.page("console/factor.html", 422, entry=entry)
    token = ask.cookies.get(cookie_name(ask), "")
    try:
        entered = staff.pass_factor(ask.db, token, entry["code"], ask.network, now_us=machine_us())
    except staff.SignedOut:
        return ask.redirect("/sign-in", said="entry.again", tone="warning")
    except (staff.SignInRefused, staff.TooManyTries) as refusal:
        entry.refusal = refusal
        return ask.page("console/factor.html", _status(refusal), entry=entry)
    return _entered(ask, entered, entry["next"])


@PAGES.get("/invitation", needs=OPEN)
def invitation_page(ask: Ask) -> Reply:
    """Ask for the one-time code and a new password."""
    return ask.page("console/invitation.html", entry=blank(INVITATION))


@PAGES.post("/invitation", needs=OPEN)
def invitation(ask: Ask) -> Reply:
    """Set a password by a one-time code."""
    entry = ask.form.read(INVITATION)
    if entry.good:
        try:
            with transaction(ask.db):
                staff.set_password_by_code(
                    ask.db, entry["code"], entry["password"], now_us=machine_us()
                )
        except (staff.InvitationRefused, staff.WeakPassword) as refusal:
            entry.refusal = refusal
    if not entry.good:
        return ask.page("console/invitation.html", 422, entry=entry)
    return ask.redirect("/sign-in", said="entry.password_set")


@PAGES.post("/sign-out", needs=SIGNED_IN)
def sign_out(ask: Ask) -> Reply:
    """End this sign-in."""
    staff.sign_out(ask.db, person_of(ask), now_us=machine_us())
    ask.set_cookie(cookie_name(ask), "", seconds=0)
    return ask.redirect("/sign-in", said="entry.signed_out")


def _page(ask: Ask, status: int, entry: object) -> Reply:
    people = []
    if demo_is_open(ask):
        known = staff.roles(ask.db)
        for login in staff.demo_people(ask.db):
            account = staff.find_account(ask.db, login)
            role = known[account.roles[0].role]
            people.append((login, account.name, role.zh if ask.language == "zh" else role.en))
    return ask.page("console/sign_in.html", status, entry=entry, people=people)


def _entered(ask: Ask, entered: Entered, onwards: str | None) -> Reply:
    ask.set_cookie(cookie_name(ask), entered.token, seconds=None)
    if entered.stage is Stage.FACTOR:
        return ask.redirect("/sign-in/factor")
    return ask.redirect(_next(onwards))


def _next(url: str | None) -> str:
    """Return where to go on: a path of ours, whatever was asked."""
    if url is None or not url.startswith("/") or url.startswith(("//", "/\\")):
        return "/"
    return url if url.isprintable() and not url.startswith("/sign-in") else "/"


def _status(refusal: Refusal) -> int:
    return status_of(refusal.code, refusal.kind)
