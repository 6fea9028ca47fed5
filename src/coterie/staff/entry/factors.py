"""Second factors, recovery codes, and ending sign-ins."""

from __future__ import annotations

import base64
import secrets

import pyotp

from coterie.staff import rules, store
from coterie.staff.entry.hashing import is_secret
from coterie.staff.entry.signing import factor_is_right, matching_step
from coterie.staff.errors import AccountUnknown, FactorSet, SignInRefused, SignInUnknown
from coterie.staff.model import FactorOffer, Person
from coterie.storage import Connection

RECOVERY_CODES = 10
RECOVERY_BYTES = 10
ISSUER = "Coterie"


def offer_factor(db: Connection, person: Person, *, now_us: int) -> FactorOffer:
    """Make a secret for somebody's telephone; it asks for nothing until it was confirmed.

    To be called in a transaction. Raises FactorSet and AccountUnknown.
    """
    kept = store.find_secrets(db, account_id=person.account_id)
    if kept is None:
        raise AccountUnknown
    if kept.totp_since_us is not None:
        raise FactorSet
    secret = pyotp.random_base32()
    store.set_factor(db, person.account_id, secret, None, 0, now_us)
    return FactorOffer(secret, _address(secret, person))


def standing_offer(db: Connection, person: Person) -> FactorOffer | None:
    """Return the offer that waits for its confirmation; to be called in a transaction."""
    kept = store.find_secrets(db, account_id=person.account_id)
    if kept is None or kept.totp_secret is None or kept.totp_since_us is not None:
        return None
    return FactorOffer(kept.totp_secret, _address(kept.totp_secret, person))


def _address(secret: str, person: Person) -> str:
    maker = pyotp.TOTP(secret)
    return maker.provisioning_uri(name=person.login, issuer_name=ISSUER)


def confirm_factor(db: Connection, person: Person, code: str, *, now_us: int) -> tuple[str, ...]:
    """Confirm a second factor by its first code; return recovery codes, shown this once.

    To be called in a transaction. Other sign-ins end: they came in without it. Raises FactorSet
    and SignInRefused.
    """
    kept = store.find_secrets(db, account_id=person.account_id)
    if kept is None or kept.totp_secret is None:
        raise SignInRefused
    if kept.totp_since_us is not None:
        raise FactorSet
    step = matching_step(kept.totp_secret, "".join(code.split()), now_us)
    if step is None:
        raise SignInRefused(where="code")
    store.set_factor(db, person.account_id, kept.totp_secret, now_us, step, now_us)
    store.end_sign_ins(db, person.account_id, now_us, but=person.sign_in_id)
    return _new_codes(db, person.account_id)


def renew_recovery_codes(
    db: Connection, person: Person, code: str, *, now_us: int
) -> tuple[str, ...] | None:
    """Replace the recovery codes of somebody who shows a code; None where it is wrong.

    To be called in a transaction that commits either way: a code is used up.
    """
    if not factor_is_right(db, person.account_id, code, now_us):
        return None
    return _new_codes(db, person.account_id)


def remove_factor(db: Connection, person: Person, password: str, *, now_us: int) -> None:
    """Take one's own second factor away, with one's password. Raises SignInRefused."""
    kept = store.find_secrets(db, account_id=person.account_id)
    if not is_secret(kept.password_hash if kept else None, password[:1000]):
        raise SignInRefused(where="password")
    reset_factor(db, person.account_id, now_us=now_us)


def reset_factor(db: Connection, account_id: int, *, now_us: int) -> None:
    """Take somebody's second factor and recovery codes away, as who lost both asks for."""
    if store.lock_account(db, account_id) is None:
        raise AccountUnknown
    store.set_factor(db, account_id, None, None, 0, now_us)
    store.set_recovery_codes(db, account_id, ())


def _new_codes(db: Connection, account_id: int) -> tuple[str, ...]:
    codes = []
    for _ in range(RECOVERY_CODES):
        plain = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
        codes.append("-".join(plain[i : i + 4] for i in range(0, 16, 4)))
    store.set_recovery_codes(
        db, account_id, [rules.digest(code.replace("-", "")) for code in codes]
    )
    return tuple(codes)


def sign_out(db: Connection, person: Person, *, now_us: int) -> None:
    """End the sign-in somebody came by."""
    store.end_sign_ins(db, person.account_id, now_us, sign_in_id=person.sign_in_id)


def end_sign_in(db: Connection, account_id: int, sign_in_id: int, *, now_us: int) -> None:
    """End one sign-in of an account. Raises SignInUnknown."""
    if not store.end_sign_ins(db, account_id, now_us, sign_in_id=sign_in_id):
        raise SignInUnknown


def end_all_sign_ins(
    db: Connection, account_id: int, *, now_us: int, but: int | None = None
) -> int:
    """End the sign-ins of an account (but one), and return how many."""
    return store.end_sign_ins(db, account_id, now_us, but=but)
