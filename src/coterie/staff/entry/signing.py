"""Coming in. Each function opens its own transaction: a failure must be counted, not undone."""

from __future__ import annotations

import hmac
import secrets

import pyotp

from coterie.kernel.time import SECOND_US
from coterie.staff import rules, store
from coterie.staff.entry import throttle
from coterie.staff.entry.hashing import hash_secret, is_outdated, is_secret
from coterie.staff.errors import SignedOut, SignInRefused, WeakPassword
from coterie.staff.model import (
    Device,
    Entered,
    Permission,
    Person,
    Role,
    Secrets,
    Stage,
    Visitor,
    Way,
)
from coterie.staff.views import device_of, read_account, roles
from coterie.storage import Connection, transaction

TOKEN_BYTES = 32


def sign_in(
    db: Connection, login: str, password: str, visitor: Visitor, address: str, *, now_us: int
) -> Entered:
    """Sign in by password; ``address`` is where from, of which only digests are kept.

    Where a second factor is set, the sign-in is at stage ``factor`` and opens nothing but
    :func:`pass_factor`. Raises SignInRefused and TooManyTries, for known and unknown people alike.
    """
    who = rules.normal_login(login)
    person = throttle.counted("login", who)
    names = [person, throttle.counted("network", address)]
    throttle.check(db, names, now_us)
    with transaction(db):
        found = store.find_secrets(db, login=who)
    # Judged outside a transaction: it takes long, and nobody shall wait for the row meanwhile.
    right = is_secret(found.password_hash if found else None, password[:1000])
    with transaction(db):
        # Again: of many tries at once, those beyond the free ones must not learn anything.
        throttle.check(db, names, now_us)
        if not right or found is None or found.state != "active":
            throttle.failed(db, names, now_us)
            entered = None
        else:
            throttle.succeeded(db, person)
            entered = _enter(db, found, Way.PASSWORD, visitor, now_us)
            if is_outdated(found.password_hash or ""):
                store.set_password_hash(db, found.account_id, hash_secret(password), now_us)
    if entered is None:
        raise SignInRefused
    return entered


def pass_factor(db: Connection, token: str, code: str, address: str, *, now_us: int) -> Entered:
    """Show the second factor, or a recovery code in its place; the sign-in goes on by a new token.

    A code is good for one sign-in, also within its half minute. Raises SignedOut, SignInRefused
    and TooManyTries.
    """
    found = store.find_sign_in(db, rules.digest(token))
    if found is None or found.stage is not Stage.FACTOR or found.expires_us <= now_us:
        raise SignedOut
    person = throttle.counted("factor", str(found.account_id))
    names = [person, throttle.counted("network", address)]
    throttle.check(db, names, now_us)
    fresh = secrets.token_urlsafe(TOKEN_BYTES)
    expires_us = now_us + rules.ABSOLUTE_US[Way.PASSWORD]
    with transaction(db):
        right = factor_is_right(db, found.account_id, code, now_us)
        if right:
            throttle.succeeded(db, person)
            opened = store.open_sign_in(
                db, found.sign_in_id, rules.digest(fresh), now_us, expires_us
            )
        else:
            throttle.failed(db, names, now_us)
    if not right:
        raise SignInRefused
    if not opened:
        raise SignedOut
    return Entered(found.sign_in_id, fresh, Stage.OPEN, expires_us)


def sign_in_at_till(
    db: Connection,
    device_token: str,
    staff_code: str,
    pin: str,
    visitor: Visitor,
    address: str,
    *,
    now_us: int,
) -> Entered:
    """Sign a clerk in at a registered till by staff code and PIN.

    The clerk may use the till in its store, or has to be told so. Raises DeviceUnknown,
    SignInRefused and TooManyTries.
    """
    device = device_of(db, device_token)
    person = throttle.counted("pin", staff_code)
    names = [
        person,
        throttle.counted("device", str(device.device_id)),
        throttle.counted("network", address),
    ]
    throttle.check(db, names, now_us)
    with transaction(db):
        found = store.find_secrets(db, staff_code=staff_code)
    right = is_secret(found.pin_hash if found else None, pin[:100])
    with transaction(db):
        throttle.check(db, names, now_us)
        if not right or found is None or not _may_use(db, found, device):
            throttle.failed(db, names, now_us)
            entered = None
        else:
            throttle.succeeded(db, person)
            entered = _enter(db, found, Way.PIN, visitor, now_us, device)
    if entered is None:
        raise SignInRefused
    return entered


def enter_demo(
    db: Connection, login: str, visitor: Visitor, *, now_us: int, device: Device | None = None
) -> Entered:
    """Enter a demo as one of its people, without a password; in no other world.

    ``device`` is the till somebody stands at. That the server answers on this machine alone is for
    the face to know. Raises SignInRefused.
    """
    with transaction(db):
        if not store.is_open_house(db):
            raise SignInRefused
        found = store.find_secrets(db, login=rules.normal_login(login))
        # Whoever was given a password in a demo signs in by it.
        if found is None or found.state != "invited":
            raise SignInRefused
        return _enter(db, found, Way.DEMO, visitor, now_us, device)


def _may_use(db: Connection, found: Secrets, device: Device) -> bool:
    if found.state != "active":
        return False
    account = read_account(db, found.account_id)
    reach = rules.grants_of(account.roles, roles(db)).get(Permission.TILL_USE, frozenset())
    return reach is None or device.store in reach


def _enter(
    db: Connection,
    found: Secrets,
    way: Way,
    visitor: Visitor,
    now_us: int,
    device: Device | None = None,
) -> Entered:
    factor = way is Way.PASSWORD and found.totp_since_us is not None
    stage = Stage.FACTOR if factor else Stage.OPEN
    expires_us = now_us + (rules.FACTOR_US if factor else rules.ABSOLUTE_US[way])
    token = secrets.token_urlsafe(TOKEN_BYTES)
    number = store.insert_sign_in(
        db,
        rules.digest(token),
        found.account_id,
        way,
        stage,
        visitor,
        now_us,
        expires_us,
        device,
    )
    return Entered(number, token, stage, expires_us)


def factor_is_right(db: Connection, account_id: int, code: str, now_us: int) -> bool:
    """Use up a code of somebody's second factor or a recovery code; to be called in a transaction.

    A clock may be half a minute off in either direction.
    """
    kept = store.find_secrets(db, account_id=account_id)
    if kept is None or kept.totp_secret is None or kept.totp_since_us is None:
        return False
    plain = "".join(code.split()).replace("-", "").lower()
    step = matching_step(kept.totp_secret, plain, now_us)
    if step is not None:
        return store.use_totp_step(db, account_id, step)
    return store.use_recovery_code(db, account_id, rules.digest(plain), now_us)


def matching_step(secret: str, code: str, now_us: int) -> int | None:
    """Return the half minute a code belongs to, one of three, or None."""
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return None
    maker = pyotp.TOTP(secret)
    now = now_us // SECOND_US // rules.TOTP_STEP_S
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(maker.generate_otp(step), code):
            return step
    return None


def who(db: Connection, token: str, *, now_us: int) -> Person:
    """Return who shows this token, and what they may at this moment.

    Raises SignedOut: ended, expired, idle for too long, waiting for its second factor, disabled.
    """
    found = store.find_sign_in(db, rules.digest(token))
    if found is None or found.stage is not Stage.OPEN:
        raise SignedOut
    if now_us >= min(found.expires_us, found.seen_us + rules.IDLE_US[found.way]):
        raise SignedOut
    store.touch_sign_in(db, found.sign_in_id, now_us)
    own = {
        code: Role(code, name, name, frozenset(p for p in Permission if p.value in allowed), False)
        for code, name, allowed in found.own_roles
    }
    grants = rules.grants_of(found.roles, {**rules.BUILT_IN, **own})
    if found.store is not None:
        # At a till nobody is more than a clerk of its store: others stand beside the screen.
        here = frozenset({found.store})
        grants = {Permission.TILL_USE: here} if Permission.TILL_USE in grants else {}
    return Person(
        found.account_id,
        found.login,
        found.name,
        found.language,
        found.sign_in_id,
        found.way,
        grants,
        found.store,
    )


def change_password(
    db: Connection, person: Person, old: str, new: str, address: str, *, now_us: int
) -> None:
    """Change one's own password; all other sign-ins end.

    Raises SignInRefused where the old one is wrong, TooManyTries and WeakPassword.
    """
    rules.check_password(new, person.login, person.name)
    if old == new:
        raise WeakPassword("It is the old one.", where="password")
    names = [throttle.counted("login", person.login), throttle.counted("network", address)]
    throttle.check(db, names, now_us)
    found = store.find_secrets(db, account_id=person.account_id)
    if not is_secret(found.password_hash if found else None, old[:1000]):
        with transaction(db):
            throttle.failed(db, names, now_us)
        raise SignInRefused
    with transaction(db):
        store.set_password_hash(db, person.account_id, hash_secret(new), now_us)
        store.end_invitations(db, person.account_id, now_us)
        store.end_sign_ins(db, person.account_id, now_us, but=person.sign_in_id)


def demo_people(db: Connection) -> list[str]:
    """Return the logins a demo offers; none in any other world."""
    if not store.is_open_house(db):
        return []
    accounts = store.find_accounts(db, after=0, limit=20)
    return [account.login for account in accounts if account.state.value == "invited"]
