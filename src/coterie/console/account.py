"""One's own account: password, second factor, sign-ins."""

from __future__ import annotations

import segno

from coterie import staff
from coterie.console.visitors import machine_us, person_of
from coterie.kernel.errors import Refusal
from coterie.storage import transaction
from coterie.web import SIGNED_IN, Ask, Entry, Pages, Reply, Text, Whole, blank

PAGES = Pages()
PASSWORD = (Text("old", most=1000), Text("new", most=1000))
CODE = (Text("code", most=40),)
REMOVE = (Text("password", most=1000),)
END = (Whole("sign_in_id", least=1),)


@PAGES.get("/account", needs=SIGNED_IN)
def account(ask: Ask) -> Reply:
    """Show one's own account."""
    return _page(ask)


@PAGES.post("/account/password", needs=SIGNED_IN)
def change_password(ask: Ask) -> Reply:
    """Change one's password."""
    entry = ask.form.read(PASSWORD)
    if entry.good:
        try:
            staff.change_password(
                ask.db,
                person_of(ask),
                entry["old"],
                entry["new"],
                ask.network,
                now_us=machine_us(),
            )
        except Refusal as refusal:
            entry.refusal = refusal
    if not entry.good:
        return _page(ask, 422, password=entry)
    return ask.redirect("/account", said="account.password_changed")


@PAGES.post("/account/factor", needs=SIGNED_IN)
def offer_factor(ask: Ask) -> Reply:
    """Make a secret for an app."""
    with transaction(ask.db):
        staff.offer_factor(ask.db, person_of(ask), now_us=machine_us())
    return ask.redirect("/account")


@PAGES.post("/account/factor/confirm", needs=SIGNED_IN)
def confirm_factor(ask: Ask) -> Reply:
    """Take the first code, and show recovery codes this once."""
    entry = ask.form.read(CODE)
    codes: tuple[str, ...] = ()
    if entry.good:
        try:
            with transaction(ask.db):
                codes = staff.confirm_factor(
                    ask.db, person_of(ask), entry["code"], now_us=machine_us()
                )
        except Refusal as refusal:
            entry.refusal = refusal
    if not entry.good:
        return _page(ask, 422, code=entry)
    return _page(ask, codes=codes)


@PAGES.post("/account/factor/remove", needs=SIGNED_IN)
def remove_factor(ask: Ask) -> Reply:
    """Take the second factor away, with the password."""
    entry = ask.form.read(REMOVE)
    if entry.good:
        try:
            with transaction(ask.db):
                staff.remove_factor(ask.db, person_of(ask), entry["password"], now_us=machine_us())
        except Refusal as refusal:
            entry.refusal = refusal
    if not entry.good:
        return _page(ask, 422, remove=entry)
    return ask.redirect("/account", said="account.factor_removed")


@PAGES.post("/account/sign-ins/end", needs=SIGNED_IN)
def end_sign_in(ask: Ask) -> Reply:
    """End one of one's own sign-ins."""
    entry = ask.form.read(END)
    if entry.good:
        person = person_of(ask)
        staff.end_sign_in(ask.db, person.account_id, entry["sign_in_id"], now_us=machine_us())
    return ask.redirect("/account", said="account.ended")


def _page(
    ask: Ask,
    status: int = 200,
    *,
    password: Entry | None = None,
    code: Entry | None = None,
    remove: Entry | None = None,
    codes: tuple[str, ...] = (),
) -> Reply:
    person = person_of(ask)
    with transaction(ask.db):
        offer = staff.standing_offer(ask.db, person)
    sign_ins, _ = staff.list_sign_ins(
        ask.db, account_id=person.account_id, only_open=True, now_us=machine_us()
    )
    return ask.page(
        "console/account.html",
        status,
        account=staff.read_account(ask.db, person.account_id),
        person=person,
        offer=offer,
        # As data, because the policy of the pages allows no style within a drawing.
        square=None if offer is None else segno.make(offer.uri).svg_data_uri(scale=4, border=2),
        left=staff.recovery_codes_left(ask.db, person.account_id),
        sign_ins=sign_ins,
        codes=codes,
        password=password or blank(PASSWORD),
        code=code or blank(CODE),
        remove=remove or blank(REMOVE),
    )
