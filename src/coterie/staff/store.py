"""One typed function a statement; nobody outside this room calls them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import psycopg

from coterie.staff.errors import OpenHouseRefused
from coterie.staff.model import (
    Account,
    AccountState,
    Device,
    RoleGrant,
    Secrets,
    SignIn,
    Stage,
    Visitor,
    Way,
)
from coterie.storage import Connection, load_queries, texts

_queries = load_queries("coterie.staff")
_ID_MAX = 2**63 - 1


class FoundSignIn(NamedTuple):
    """A sign-in by its token, with its account, its roles, and one's own roles among them."""

    sign_in_id: int
    account_id: int
    way: Way
    stage: Stage
    store: str | None
    seen_us: int
    expires_us: int
    login: str
    name: str
    language: str
    roles: tuple[RoleGrant, ...]
    own_roles: tuple[tuple[str, str, list[str]], ...]


def insert_account(
    db: Connection, login: str, name: str, language: str, staff_code: str | None, now_us: int
) -> int | None:
    """Store an account; None where its login or staff code is taken."""
    row = db.execute(
        _queries.insert_account,
        {
            "login": login,
            "name": name,
            "language": language,
            "staff_code": staff_code,
            "now_us": now_us,
        },
    ).fetchone()
    return row[0] if row else None


def set_account_roles(db: Connection, account_id: int, roles: Iterable[RoleGrant]) -> None:
    """Replace the roles of an account."""
    db.execute(_queries.delete_account_roles, {"account_id": account_id})
    for grant in roles:
        stores = None if grant.stores is None else texts(sorted(set(grant.stores)))
        given = {"account_id": account_id, "role": grant.role, "stores": stores}
        db.execute(_queries.insert_account_role, given)


def lock_owners(db: Connection) -> list[int]:
    """Lock the owners and return them."""
    return [row[0] for row in db.execute(_queries.lock_owners)]


def lock_account(db: Connection, account_id: int) -> str | None:
    """Lock an account and return its state; None where there is none."""
    row = db.execute(_queries.lock_account, {"account_id": account_id}).fetchone()
    return row[1] if row else None


def find_accounts(
    db: Connection,
    *,
    account_id: int | None = None,
    login: str | None = None,
    after: int = 0,
    limit: int = 1,
) -> list[Account]:
    """Return accounts by number or login, or after a number."""
    given = {"account_id": account_id, "login": login, "after": after, "limit": limit}
    return [
        Account(
            row[0],
            row[1],
            row[2],
            row[3],
            AccountState(row[4]),
            row[5],
            row[6],
            row[7],
            _grants(row[9]),
            row[8],
        )
        for row in db.execute(_queries.find_accounts, given)
    ]


def _grants(text: str) -> tuple[RoleGrant, ...]:
    pairs = msgspec.json.decode(text, type=list[tuple[str, tuple[str, ...] | None]])
    return tuple(RoleGrant(role, stores) for role, stores in pairs)


def find_secrets(
    db: Connection,
    *,
    account_id: int | None = None,
    login: str | None = None,
    staff_code: str | None = None,
) -> Secrets | None:
    """Lock an account and return what judging it needs."""
    given = {"account_id": account_id, "login": login, "staff_code": staff_code}
    row = db.execute(_queries.find_secrets, given).fetchone()
    return Secrets(*row) if row else None


def set_profile(db: Connection, account_id: int, name: str, language: str, now_us: int) -> None:
    """Change name and language."""
    given = {"account_id": account_id, "name": name, "language": language, "now_us": now_us}
    db.execute(_queries.set_profile, given)


def set_enabled(db: Connection, account_id: int, enabled: bool, now_us: int) -> None:  # noqa: FBT001
    """Disable an account or enable it again."""
    db.execute(_queries.set_state, {"account_id": account_id, "enabled": enabled, "now_us": now_us})


def set_password_hash(db: Connection, account_id: int, hashed: str, now_us: int) -> None:
    """Store what a password became."""
    given = {"account_id": account_id, "hash": hashed, "now_us": now_us}
    db.execute(_queries.set_password_hash, given)


def set_pin_hash(db: Connection, account_id: int, hashed: str, now_us: int) -> None:
    """Store what a PIN became."""
    db.execute(_queries.set_pin_hash, {"account_id": account_id, "hash": hashed, "now_us": now_us})


def set_factor(
    db: Connection,
    account_id: int,
    secret: str | None,
    since_us: int | None,
    step: int,
    now_us: int,
) -> None:
    """Offer, confirm or end a second factor."""
    db.execute(
        _queries.set_factor,
        {
            "account_id": account_id,
            "secret": secret,
            "since_us": since_us,
            "step": step,
            "now_us": now_us,
        },
    )


def use_totp_step(db: Connection, account_id: int, step: int) -> bool:
    """Use a step of a second factor; tell whether it and all later ones were unused."""
    given = {"account_id": account_id, "step": step}
    return db.execute(_queries.use_totp_step, given).rowcount == 1


def set_recovery_codes(db: Connection, account_id: int, digests: Sequence[bytes]) -> None:
    """Replace the recovery codes."""
    db.execute(_queries.delete_recovery_codes, {"account_id": account_id})
    codes = texts([each.hex() for each in digests])
    db.execute(_queries.insert_recovery_codes, {"account_id": account_id, "codes": codes})


def use_recovery_code(db: Connection, account_id: int, code_sha256: bytes, now_us: int) -> bool:
    """Use a recovery code; tell whether it was one, unused."""
    given = {"account_id": account_id, "code_sha256": code_sha256, "now_us": now_us}
    return db.execute(_queries.use_recovery_code, given).rowcount == 1


def count_recovery_codes(db: Connection, account_id: int) -> int:
    """Return how many are left."""
    row = db.execute(_queries.count_recovery_codes, {"account_id": account_id}).fetchone()
    assert row is not None
    return int(row[0])


def insert_invitation(
    db: Connection, account_id: int, code_sha256: bytes, now_us: int, expires_us: int
) -> None:
    """Store a code that sets a password; those before it end."""
    end_invitations(db, account_id, now_us)
    db.execute(
        _queries.insert_invitation,
        {
            "account_id": account_id,
            "code_sha256": code_sha256,
            "now_us": now_us,
            "expires_us": expires_us,
        },
    )


def end_invitations(db: Connection, account_id: int, now_us: int) -> None:
    """End what codes there are."""
    db.execute(_queries.end_invitations, {"account_id": account_id, "now_us": now_us})


def find_invitation(db: Connection, code_sha256: bytes, now_us: int) -> tuple[int, str, str] | None:
    """Return whose code that is: number, login and name."""
    given = {"code_sha256": code_sha256, "now_us": now_us}
    row = db.execute(_queries.find_invitation, given).fetchone()
    return (row[0], row[1], row[2]) if row else None


def list_roles(db: Connection, limit: int) -> list[tuple[str, str, list[str]]]:
    """Return one's own roles: code, name, permissions."""
    rows = db.execute(_queries.list_roles, {"limit": limit})
    return [(row[0], row[1], row[2]) for row in rows]


def save_role(
    db: Connection, role: str, name: str, permissions: Iterable[str], now_us: int
) -> None:
    """Store one's own role."""
    allowed = texts(sorted(permissions))
    given = {"role": role, "name": name, "permissions": allowed, "now_us": now_us}
    db.execute(_queries.save_role, given)


def delete_role(db: Connection, role: str) -> bool:
    """Remove a role; tell whether it was there and nobody had it."""
    return db.execute(_queries.delete_role, {"role": role}).rowcount == 1


def insert_sign_in(
    db: Connection,
    token_sha256: bytes,
    account_id: int,
    way: Way,
    stage: Stage,
    visitor: Visitor,
    now_us: int,
    expires_us: int,
    device: Device | None = None,
) -> int:
    """Store a sign-in and return its number."""
    row = db.execute(
        _queries.insert_sign_in,
        {
            "token_sha256": token_sha256,
            "account_id": account_id,
            "way": way.value,
            "stage": stage.value,
            "store": None if device is None else device.store,
            "device_id": None if device is None else device.device_id,
            "client": visitor.client,
            "network": visitor.network,
            "now_us": now_us,
            "expires_us": expires_us,
        },
    ).fetchone()
    assert row is not None
    return int(row[0])


def find_sign_in(db: Connection, token_sha256: bytes) -> FoundSignIn | None:
    """Return a sign-in that was not ended, of an account that is not disabled."""
    row = db.execute(_queries.find_sign_in, {"token_sha256": token_sha256}).fetchone()
    if row is None:
        return None
    own: Any = msgspec.json.decode(row[11], type=tuple[tuple[str, str, list[str]], ...])
    return FoundSignIn(
        sign_in_id=row[0],
        account_id=row[1],
        way=Way(row[2]),
        stage=Stage(row[3]),
        store=row[4],
        seen_us=row[5],
        expires_us=row[6],
        login=row[7],
        name=row[8],
        language=row[9],
        roles=_grants(row[10]),
        own_roles=own,
    )


def touch_sign_in(db: Connection, sign_in_id: int, now_us: int) -> None:
    """Note that somebody is there, at most once a minute."""
    db.execute(_queries.touch_sign_in, {"sign_in_id": sign_in_id, "now_us": now_us})


def open_sign_in(
    db: Connection, sign_in_id: int, token_sha256: bytes, now_us: int, expires_us: int
) -> bool:
    """Open a sign-in whose second factor was shown."""
    given = {
        "sign_in_id": sign_in_id,
        "token_sha256": token_sha256,
        "now_us": now_us,
        "expires_us": expires_us,
    }
    return db.execute(_queries.open_sign_in, given).rowcount == 1


def end_sign_ins(
    db: Connection,
    account_id: int,
    now_us: int,
    *,
    sign_in_id: int | None = None,
    but: int | None = None,
) -> int:
    """End one sign-in of an account, or all but one; return how many."""
    given = {"account_id": account_id, "sign_in_id": sign_in_id, "but": but, "now_us": now_us}
    return db.execute(_queries.end_sign_ins, given).rowcount


def list_sign_ins(
    db: Connection,
    account_id: int | None,
    now_us: int,
    *,
    only_open: bool,
    below: int | None,
    limit: int,
) -> list[SignIn]:
    """Return sign-ins, the newest first."""
    given = {
        "account_id": account_id,
        "open": only_open,
        "now_us": now_us,
        "below": _ID_MAX if below is None else below,
        "limit": limit,
    }
    rows = db.execute(_queries.list_sign_ins, given)
    return [SignIn(row[0], row[1], Way(row[2]), Stage(row[3]), *row[4:]) for row in rows]


def insert_device(db: Connection, token_sha256: bytes, name: str, store: str, now_us: int) -> int:
    """Store a till and return its number."""
    given = {"token_sha256": token_sha256, "name": name, "store": store, "now_us": now_us}
    row = db.execute(_queries.insert_device, given).fetchone()
    assert row is not None
    return int(row[0])


def find_device(db: Connection, token_sha256: bytes) -> Device | None:
    """Return a till by its token."""
    row = db.execute(_queries.find_device, {"token_sha256": token_sha256}).fetchone()
    return Device(*row) if row else None


def list_devices(db: Connection, after: int, limit: int) -> list[Device]:
    """Return tills after a number."""
    rows = db.execute(_queries.list_devices, {"after": after, "limit": limit})
    return [Device(*row) for row in rows]


def revoke_device(db: Connection, device_id: int, now_us: int) -> bool:
    """Revoke a till; tell whether there is one."""
    given = {"device_id": device_id, "now_us": now_us}
    return db.execute(_queries.revoke_device, given).rowcount == 1


def waits_until(db: Connection, subjects: Iterable[bytes]) -> int:
    """Return until when nobody may try under any of these names."""
    given = {"subjects": texts([each.hex() for each in subjects])}
    row = db.execute(_queries.find_attempts, given).fetchone()
    assert row is not None
    return int(row[0])


def add_attempt(db: Connection, name: bytes, now_us: int, forget_us: int) -> int:
    """Count a failure and return how many there are."""
    given = {"subject": name, "now_us": now_us, "forget_us": forget_us}
    row = db.execute(_queries.add_attempt, given).fetchone()
    assert row is not None
    return int(row[0])


def wait_until(db: Connection, name: bytes, until_us: int) -> None:
    """Let nobody try under a name before a moment."""
    db.execute(_queries.wait_until, {"subject": name, "until_us": until_us})


def forget_attempts(db: Connection, subjects: Iterable[bytes]) -> None:
    """Forget the failures under these names."""
    given = {"subjects": texts([each.hex() for each in subjects])}
    db.execute(_queries.forget_attempts, given)


def forget_old_attempts(db: Connection, forget_us: int) -> None:
    """Forget some of the oldest failures."""
    db.execute(_queries.forget_old_attempts, {"forget_us": forget_us})


def open_house(db: Connection, now_us: int) -> None:
    """Let people in without a password. Raises OpenHouseRefused."""
    try:
        db.execute(_queries.open_house, {"now_us": now_us})
    except psycopg.errors.CheckViolation:
        raise OpenHouseRefused from None


def is_open_house(db: Connection) -> bool:
    """Tell whether people get in without a password."""
    row = db.execute(_queries.is_open_house).fetchone()
    return bool(row and row[0])
