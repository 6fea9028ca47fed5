"""Which acts there are: one line a kind."""

from __future__ import annotations

from typing import Any

from coterie.acts.errors import ActUnknown
from coterie.acts.kind import ActKind
from coterie.acts.kinds import (
    brand,
    counter,
    files,
    house,
    keys,
    members,
    people,
    programme,
    running,
    tiers,
    units,
)
from coterie.kernel.errors import nearest

ACTS: dict[str, ActKind[Any]] = {
    kind.code: kind
    for kind in (
        units.Adjust(),
        units.AdjustAll(),
        units.Reverse(),
        counter.UndoSale(),
        tiers.Decide(),
        members.Set(),
        members.Describe(),
        members.Merge(),
        members.Unmerge(),
        members.Erase(),
        files.AddNote(),
        files.SettleNote(),
        files.Contact(),
        files.PutTrait(),
        files.Consent(),
        files.Tag(),
        programme.Publish(),
        programme.RollBack(),
        keys.Issue(),
        keys.Revoke(),
        people.Add(),
        people.GiveRoles(),
        people.Disable(),
        people.Enable(),
        people.Reset(),
        people.SetPin(),
        people.SaveRole(),
        people.RemoveRole(),
        people.EndSignIns(),
        house.SetPolicy(),
        house.SetClock(),
        house.RegisterTill(),
        house.RevokeTill(),
        running.CancelJob(),
        running.RetryJob(),
        running.DecideWaiting(),
        running.SwitchWebhook(),
        running.ReplayDead(),
        running.PingWebhook(),
        brand.SetBrand(),
        brand.PutImage(),
        brand.RemoveImage(),
        brand.SetHosts(),
    )
}


def act_named(code: str) -> ActKind[Any]:
    """Return a kind by its code. Raises ActUnknown."""
    kind = ACTS.get(code)
    if kind is None:
        raise ActUnknown(f"{code!r}.{nearest(code, ACTS)}", where="act")
    return kind
