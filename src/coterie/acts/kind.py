"""What an act is: one small file a kind, one line in the registry."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from msgspec import Struct

from coterie.acts.model import Context, Done, Preview
from coterie.approvals import Policy
from coterie.members import read_member
from coterie.staff import Permission
from coterie.storage import Connection

Args = TypeVar("Args", bound=Struct)


class ActKind(ABC, Generic[Args]):
    """A kind of act. It keeps nothing: everything stands in its arguments.

    ``sends``: it hands events to the engine, which commits them itself under the context's key, so
    running it again changes nothing. Otherwise :meth:`run` is called in the transaction that also
    writes the audit trail.
    """

    code: ClassVar[str]
    zh: ClassVar[str]
    en: ClassVar[str]
    permission: ClassVar[Permission]
    sends: ClassVar[bool] = False
    args: type[Args]

    @abstractmethod
    def preview(self, db: Connection, context: Context, args: Args) -> Preview:
        """Tell what it would do; write nothing. Raises refusals for what is not there."""

    @abstractmethod
    def run(self, db: Connection, context: Context, args: Args) -> Done:
        """Do it. Raises refusals, which undo it as a whole."""

    def eyes(self, policy: Policy, args: Args, preview: Preview) -> str | None:
        """Return which line of the policy wants a second person, None where none does."""
        del policy, args, preview
        return None

    def store(self, db: Connection, args: Args) -> str | None:
        """Return the store it belongs to, for whoever may act in some stores only; None: none."""
        del db, args
        return None


class MemberAct(ActKind[Args]):
    """An act on one member, named ``member_id`` by its arguments; it sends events."""

    sends = True

    def store(self, db: Connection, args: Args) -> str | None:
        """Return the store where the member was enrolled."""
        member_id: int = args.member_id  # type: ignore[attr-defined]
        return read_member(db, member_id).enrolled_store
