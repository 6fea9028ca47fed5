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
    BadEntry,
    BadIdentity,
    BadNewcomer,
    IdentityTaken,
    IdentityUnknown,
    MemberGone,
    NoteUnknown,
    TooManyMembers,
)
from coterie.members.filing.keeping import (
    add_note,
    drop_trait,
    edit_contact,
    file_of,
    mark_contact,
    pin_note,
    put_trait,
    settle_note,
)
from coterie.members.filing.model import (
    CATEGORIES,
    ContactChange,
    ContactEdit,
    ContactMark,
    File,
    Note,
    Trait,
)
from coterie.members.lookup.asking import Hit, Hits, look_up
from coterie.members.lookup.keeping import TAG, TakingIn, keep_up, tags_of, take_in
from coterie.members.lookup.masking import masked_name, masked_value
from coterie.members.lookup.spelling import folded, readings
from coterie.members.lookup.tokens import tag_token, trait_token
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
    "CATEGORIES",
    "DEFAULT_REGION",
    "IDENTITIES_MAX",
    "MERGES_MAX",
    "TAG",
    "BadEntry",
    "BadIdentity",
    "BadNewcomer",
    "ContactChange",
    "ContactEdit",
    "ContactMark",
    "File",
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
    "Note",
    "NoteUnknown",
    "ProfileChange",
    "TakingIn",
    "TooManyMembers",
    "Trait",
    "add_identity",
    "add_note",
    "beginnings",
    "change_profiles",
    "create_members",
    "drop_trait",
    "due_members",
    "edit_contact",
    "end_identity",
    "file_of",
    "find_member",
    "folded",
    "forget_persons",
    "keep_up",
    "list_newest",
    "load_members",
    "lock_and_load",
    "lock_and_load_later",
    "look_up",
    "mark_contact",
    "masked_name",
    "masked_value",
    "member_ids_after",
    "normalise_identity",
    "pin_note",
    "put_trait",
    "read_member",
    "readings",
    "reference_of",
    "resolve",
    "resolve_ids",
    "return_identities",
    "settle_note",
    "tag_token",
    "tags_of",
    "take_identities",
    "take_in",
    "trait_token",
    "write_members",
]
