"""Who can hold balances: members, what they are found by, and the only personal data.

Owns the schema ``members``. Invariants: an identity finds at most one member at a time, and who
was found by it before stays on record; state, attributes, sequence and clock of a member change
only together with an event, by whoever holds the member's lock; how a member began never changes,
so that a replay begins where history did. Names, birthdays and identities are in no other schema.

Does not promise that a phone number or an address reaches anybody (only that it is spelled in one
way), nor that a chain of more than five merges is followed.
"""

from coterie.members.actions import (
    add_identity,
    change_profiles,
    create_members,
    end_identity,
    forget_persons,
    lock_and_load,
    lock_and_load_later,
    return_identities,
    take_identities,
    write_members,
)
from coterie.members.errors import (
    BadIdentity,
    BadNewcomer,
    IdentityTaken,
    IdentityUnknown,
    MemberGone,
    TooManyMembers,
)
from coterie.members.lookup.asking import Hit, Hits, look_up
from coterie.members.lookup.keeping import TakingIn, take_in
from coterie.members.lookup.masking import masked_name, masked_value
from coterie.members.lookup.spelling import folded, readings
from coterie.members.model import (
    BATCH_MAX,
    IDENTITIES_MAX,
    MERGES_MAX,
    Identity,
    IdentityKind,
    Member,
    MemberKind,
    MemberLine,
    MemberRecord,
    MemberState,
    Newcomer,
    ProfileChange,
)
from coterie.members.rules import DEFAULT_REGION, normalise_identity, reference_of
from coterie.members.views import (
    beginnings,
    due_members,
    find_member,
    list_newest,
    load_members,
    member_ids_after,
    read_member,
    resolve,
    resolve_ids,
)

__all__ = [
    "BATCH_MAX",
    "DEFAULT_REGION",
    "IDENTITIES_MAX",
    "MERGES_MAX",
    "BadIdentity",
    "BadNewcomer",
    "Hit",
    "Hits",
    "Identity",
    "IdentityKind",
    "IdentityTaken",
    "IdentityUnknown",
    "Member",
    "MemberGone",
    "MemberKind",
    "MemberLine",
    "MemberRecord",
    "MemberState",
    "Newcomer",
    "ProfileChange",
    "TakingIn",
    "TooManyMembers",
    "add_identity",
    "beginnings",
    "change_profiles",
    "create_members",
    "due_members",
    "end_identity",
    "find_member",
    "folded",
    "forget_persons",
    "list_newest",
    "load_members",
    "lock_and_load",
    "lock_and_load_later",
    "look_up",
    "masked_name",
    "masked_value",
    "member_ids_after",
    "normalise_identity",
    "read_member",
    "readings",
    "reference_of",
    "resolve",
    "resolve_ids",
    "return_identities",
    "take_identities",
    "take_in",
    "write_members",
]
