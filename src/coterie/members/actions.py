"""What changes members. Every function runs in the caller's transaction and never commits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from msgspec import UNSET

from coterie.events import MemberUnknown
from coterie.kernel.errors import Refusal
from coterie.members import store
from coterie.members.errors import (
    IdentityTaken,
    IdentityUnknown,
    MemberGone,
    TooManyMembers,
)
from coterie.members.lookup import keeping
from coterie.members.model import BATCH_MAX, Member, Newcomer, ProfileChange
from coterie.members.rules import (
    DEFAULT_REGION,
    GONE_STATES,
    check_newcomer,
    check_profile,
    normalise_identity,
)
from coterie.storage import Connection


def create_members(
    db: Connection, newcomers: Sequence[Newcomer], *, now_us: int, region: str = DEFAULT_REGION
) -> list[int | Refusal]:
    """Make members; answer each newcomer with the new id or with why not, in their order.

    An identity that is active already refuses its newcomer with ``identity_taken``; within the
    batch the first one has it. The others go through. Needs READ COMMITTED. Raises
    :class:`TooManyMembers`.
    """
    _bound(newcomers)
    answers: list[int | Refusal] = []
    checked: list[tuple[int, Newcomer]] = []
    claimed: set[tuple[str, str]] = set()
    good: list[Newcomer | Refusal] = []
    for newcomer in newcomers:
        try:
            good.append(check_newcomer(newcomer, now_us=now_us, region=region))
        except Refusal as refusal:
            good.append(refusal)
    wanted = {i for each in good if isinstance(each, Newcomer) for i in each.identities}
    taken = {(kind, value) for kind, value, *_ in store.resolve_identities(db, sorted(wanted))}
    for place, each in enumerate(good):
        if isinstance(each, Refusal):
            answers.append(each)
            continue
        clash = next((i for i in each.identities if i in taken or i in claimed), None)
        if clash is not None:
            answers.append(_taken(each, clash))
            continue
        claimed.update(each.identities)
        checked.append((place, each))
        answers.append(0)
    if checked:
        _insert(db, checked, answers, now_us)
    return answers


def _insert(
    db: Connection,
    checked: Sequence[tuple[int, Newcomer]],
    answers: list[int | Refusal],
    now_us: int,
) -> None:
    """Insert those who passed, and take back those who lost a race for an identity."""
    member_ids = store.new_member_ids(db, len(checked))
    pairs = [(i, newcomer) for i, (_, newcomer) in zip(member_ids, checked, strict=True)]
    store.insert_members(db, pairs)
    rows = [
        (kind, value, member_id, now_us)
        for member_id, newcomer in pairs
        for kind, value in newcomer.identities
    ]
    free = store.insert_identities(db, rows) if rows else set()
    lost: list[int] = []
    for member_id, (place, newcomer) in zip(member_ids, checked, strict=True):
        clash = next((i for i in newcomer.identities if i not in free), None)
        if clash is None:
            answers[place] = member_id
        else:
            answers[place] = _taken(newcomer, clash)
            lost.append(member_id)
    if lost:
        store.forget_newcomers(db, lost)
    keeping.take_in_newcomers(db, [pair for pair in pairs if pair[0] not in lost])


def _taken(newcomer: Newcomer, clash: tuple[str, str]) -> IdentityTaken:
    place = newcomer.identities.index(clash)
    return IdentityTaken(f"It is the {clash[0]}.", where=f"identities[{place}]", kind=clash[0])


def add_identity(
    db: Connection,
    member_id: int,
    kind: str,
    value: str,
    *,
    now_us: int,
    region: str = DEFAULT_REGION,
) -> tuple[str, str]:
    """Let a member be found by one more identity; return it as stored.

    Adding what the member has already changes nothing. Raises :class:`BadIdentity`,
    :class:`~coterie.events.MemberUnknown`, :class:`MemberGone` and :class:`IdentityTaken`.
    """
    written = normalise_identity(kind, value, region=region)
    state = store.state_for_identity(db, member_id)
    if state is None:
        raise MemberUnknown(f"There is no member {member_id}.")
    if state in GONE_STATES:
        raise MemberGone(f"Member {member_id} is {state}.")
    if not store.insert_identities(db, [(kind, written, member_id, now_us)]):
        found = store.active_identity(db, kind, written)
        if found is None or found[1] != member_id:
            raise IdentityTaken(f"It is the {kind}.", kind=kind)
    else:
        keeping.keep_up(db, [member_id])
    return kind, written


def end_identity(
    db: Connection,
    member_id: int,
    kind: str,
    value: str,
    *,
    now_us: int,
    region: str = DEFAULT_REGION,
) -> None:
    """Stop finding a member by an identity; another member may have it from now on.

    Raises :class:`BadIdentity` and :class:`IdentityUnknown`.
    """
    written = normalise_identity(kind, value, region=region)
    if not store.end_identity(db, member_id, kind, written, now_us):
        raise IdentityUnknown(f"Member {member_id} is not found by that {kind}.")
    keeping.keep_up(db, [member_id])


def take_identities(db: Connection, merged_id: int, survivor_id: int, *, now_us: int) -> None:
    """Let who takes over a member be found by what that member was found by."""
    store.take_identities(db, merged_id, survivor_id, now_us)
    keeping.keep_up(db, [merged_id, survivor_id])


def return_identities(db: Connection, merged_id: int, survivor_id: int, *, now_us: int) -> None:
    """Give back what :func:`take_identities` took, as far as it was not ended since."""
    store.return_identities(db, merged_id, survivor_id, now_us)
    keeping.keep_up(db, [merged_id, survivor_id])


def forget_persons(db: Connection, member_id: int) -> list[tuple[str, str]]:
    """Remove names and identities, past ones too, of a member and of all merged into it.

    Returns the (kind, value) that are known no more, for those who keep them elsewhere.
    """
    return store.forget_persons(db, member_id)


def change_profiles(
    db: Connection, changes: Sequence[ProfileChange], *, now_us: int
) -> list[Refusal | None]:
    """Change personal data; answer each change with None or with why not.

    Of several changes of one member the later ones see the earlier. Raises
    :class:`TooManyMembers`.
    """
    _bound(changes)
    # Locked in id order like everything else, so that two files cannot deadlock.
    present = store.lock_and_load(db, sorted({change.member_id for change in changes}))
    answers: list[Refusal | None] = []
    rounds: list[dict[int, ProfileChange]] = []
    for change in changes:
        member = present.get(change.member_id)
        try:
            if member is None:
                raise MemberUnknown(f"There is no member {change.member_id}.")
            if member.state in GONE_STATES:
                raise MemberGone(f"Member {change.member_id} is {member.state}.")
            good = check_profile(change, now_us=now_us)
        except Refusal as refusal:
            answers.append(refusal)
            continue
        answers.append(None)
        # One statement changes a row once: a second change of a member goes into another round.
        free = next((each for each in rounds if change.member_id not in each), None)
        if free is None:
            free = {}
            rounds.append(free)
        free[change.member_id] = good
    for each in rounds:
        store.write_profiles(db, list(each.values()))
    # Names are spellings; what else a profile holds is not.
    renamed = {change for each in rounds for change, said in each.items() if said.name is not UNSET}
    if renamed:
        keeping.keep_up(db, renamed)
    return answers


def lock_and_load(db: Connection, member_ids: Sequence[int]) -> dict[int, Member]:
    """Lock members until the transaction ends and return what decisions read.

    ``member_ids`` are locked in id order whatever order they are given in; who does not exist is
    absent. Raises :class:`TooManyMembers`.
    """
    return lock_and_load_later(db, member_ids)()


def lock_and_load_later(
    db: Connection, member_ids: Sequence[int]
) -> Callable[[], dict[int, Member]]:
    """As :func:`lock_and_load`, asked now and read by calling the answer: for a pipeline."""
    _bound(member_ids)
    return store.lock_and_load_later(db, member_ids)


def write_members(
    db: Connection, members: Sequence[Member], *, with_attributes: Collection[int] = ()
) -> None:
    """Write members that changed, which the caller has locked.

    Attributes are written for the ids ``with_attributes`` only. Raises :class:`TooManyMembers`.
    """
    if not members:
        return
    _bound(members)
    # In a pipeline nobody knows yet how many rows there were; the lock says that all are there.
    store.write_members(db, members)
    if with_attributes:
        changed = [member for member in members if member.member_id in with_attributes]
        store.write_attributes(db, changed)


def _bound(items: Sequence[object]) -> None:
    if len(items) > BATCH_MAX:
        raise TooManyMembers(f"These are {len(items)}.")
