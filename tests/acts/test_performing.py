"""The one door: who may, what would happen, once, written down."""

from typing import Any

import pytest

from coterie import approvals, audit, staff
from coterie.acts import ACTS, ActBlocked, ActFailed, Actor, ActUnknown, BadReason, shell
from coterie.events import KeyReused
from coterie.kernel.errors import Malformed, Refusal
from coterie.staff import Permission, RoleGrant
from coterie.storage import transaction
from tests.acts.house import House


def test_an_act_is_previewed_done_and_written_down(house: House):
    care = house.person("care")
    args = {"member_id": house.members[0], "currency": "points", "units": 300}
    preview = house.acts.preview(house.db, care, "units.adjust", args)
    assert preview.blocked is None
    assert [change.after for change in preview.changes] == [300]
    assert house.points() == 0
    done = house.adjust(care, 300)
    assert (done.status, done.replayed, house.points()) == ("done", False, 300)
    [entry] = audit.list_entries(house.db)[0]
    assert (entry.act, entry.outcome, entry.actor_name) == ("units.adjust", "done", "care")
    assert entry.target == f"member:{house.members[0]}"
    assert (entry.reason, entry.network) == ("as asked", "192.0.2.0/24")
    assert entry.before == {"balance": 0}
    assert entry.after["units"] == 300
    assert audit.check_chain(house.db) == []


def test_a_key_is_done_once_and_means_one_thing(house: House):
    care = house.person("care")
    first, again = house.adjust(care, 300), house.adjust(care, 300)
    assert (again.replayed, again.facts) == (True, first.facts)
    with pytest.raises(KeyReused):
        house.adjust(care, 301)
    assert house.points() == 300
    assert len(house.trail()) == 1
    # Keys of different people do not meet.
    house.adjust(house.person("operator"), 300)
    assert house.points() == 600


def test_what_a_crash_cut_off_is_finished_by_sending_it_again(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    care = house.person("care")
    with monkeypatch.context() as broken:
        broken.setattr(house.acts, "_finish", _dies)
        with pytest.raises(MemoryError):
            house.adjust(care, 300)
    assert (house.points(), house.trail()) == (300, [])
    house.adjust(care, 300)
    assert house.points() == 300
    assert [outcome for _, _, outcome in house.trail()] == ["done"]


def _dies(*_: Any, **__: Any) -> None:
    raise MemoryError


def test_who_may_not_is_refused_and_that_is_written_down(house: House):
    analyst = house.person("analyst")
    with pytest.raises(staff.PermissionMissing, match="ledger:adjust"):
        house.adjust(analyst, 1)
    with pytest.raises(staff.PermissionMissing):
        house.acts.preview(house.db, analyst, "member.erase", {"member_id": house.members[0]})
    assert [(act, outcome) for _, act, outcome in house.trail()] == [("units.adjust", "refused")]
    assert house.points() == 0


@pytest.mark.parametrize("role", ["analyst", "auditor", "clerk"])
def test_who_only_looks_can_do_no_act_at_all(house: House, role: str):
    person = house.person(role)
    allowed = {code for code, kind in ACTS.items() if _may(person, kind.permission)}
    # A clerk takes back what was just sent at a till, and nothing else.
    assert allowed == ({"till.undo"} if role == "clerk" else set())


def test_a_store_of_ones_own_is_the_only_one(house: House):
    care = house.person("care", RoleGrant("care", ("hz-01",)))
    house.adjust(care, 10, member=0)
    with pytest.raises(staff.PermissionMissing, match="store"):
        house.adjust(care, 10, key="k2", member=1)
    everywhere = {"member_ids": house.members, "currency": "points", "units": 1}
    with pytest.raises(staff.PermissionMissing):
        house.perform(care, "units.adjust_many", everywhere, "k3")


@pytest.mark.parametrize(
    ("act", "args", "refusal"),
    [
        ("units.adjusst", {}, ActUnknown),
        ("units.adjust", {"member_id": 0, "currency": "points", "units": 1}, Malformed),
        ("units.adjust", {"member_id": 1, "currency": "points"}, Malformed),
        ("units.adjust", {"member_id": 1, "currency": "points", "units": 1, "x": 1}, Malformed),
    ],
)
def test_what_cannot_be_read_changes_nothing(
    house: House, act: str, args: dict[str, Any], refusal: type[Refusal]
):
    with pytest.raises(refusal):
        house.perform(house.person("owner"), act, args)
    assert house.trail() == []


def test_an_act_needs_a_reason(house: House):
    args = {"member_id": house.members[0], "currency": "points", "units": 1}
    owner = house.person("owner")
    for reason in (" ", "x" * 201):
        with pytest.raises(BadReason):
            house.acts.perform(house.db, owner, "units.adjust", args, reason=reason, key="k")
    assert house.points() == 0


def test_what_would_be_refused_is_told_before_and_leaves_the_key_free(house: House):
    care = house.person("care")
    first, second = house.members
    itself = {"member_id": first, "into": first}
    assert house.acts.preview(house.db, care, "member.merge", itself).blocked
    with pytest.raises(ActBlocked, match="itself"):
        house.perform(care, "member.merge", itself)
    house.perform(care, "member.merge", {"member_id": first, "into": second})
    assert [outcome for _, _, outcome in house.trail()] == ["refused", "done"]


def test_undo_is_an_act_as_well(house: House):
    care = house.person("care")
    done = house.adjust(care, 300)
    act, args = done.undo
    house.perform(care, act, args, "k2")
    assert house.points() == 0


def test_a_shell_may_everything_and_waits_for_nobody(house: House):
    house.person("owner")
    house.person("operator")
    assert house.adjust(shell("lin"), 1_000_000).status == "done"
    assert house.trail() == [("shell:lin", "units.adjust", "done")]


def test_every_act_has_words_a_permission_and_arguments_that_refuse_what_is_unknown():
    for code, kind in ACTS.items():
        assert kind.code == code
        assert kind.zh
        assert kind.en
        assert kind.permission in Permission
        assert kind.args.__struct_config__.forbid_unknown_fields


def test_members_are_paused_merged_and_described(house: House):
    owner = house.person("owner")
    first, second = house.members
    house.adjust(owner, 40)
    paused = house.perform(owner, "member.state", {"member_id": first, "state": "paused"}, "k2")
    assert paused.undo == ("member.state", {"member_id": first, "state": "active"})
    act, args = paused.undo
    house.perform(owner, act, args, "k3")
    house.perform(owner, "member.merge", {"member_id": first, "into": second}, "k4")
    assert house.points(1) == 40
    house.perform(owner, "member.unmerge", {"member_id": first}, "k5")
    assert (house.points(0), house.points(1)) == (40, 0)


def test_erasing_forgets_what_the_trail_says_and_the_chain_still_holds(house: House):
    owner = house.person("owner")
    house.adjust(owner, 40)
    house.perform(owner, "member.erase", {"member_id": house.members[0]}, "k2")
    shown = {entry.n: entry for entry in audit.list_entries(house.db)[0]}
    assert shown[1].forgotten
    assert shown[1].reason == ""
    assert [act for _, act, _ in house.trail()] == ["units.adjust", "audit.forget", "member.erase"]
    assert audit.check_chain(house.db) == []


def test_an_event_is_reversed(house: House):
    owner = house.person("owner")
    event = house.adjust(owner, 40).facts["event"]
    seq = int(event.partition(":")[2])
    house.perform(owner, "event.reverse", {"member_id": house.members[0], "seq": seq}, "k2")
    assert house.points() == 0
    with pytest.raises((ActBlocked, ActFailed)):
        house.perform(owner, "event.reverse", {"member_id": house.members[0], "seq": seq}, "k3")


def test_secrets_are_told_once_and_kept_nowhere(house: House):
    owner = house.person("owner")
    args = {"source": "shop", "scopes": ["events:write"], "days": 30}
    issued = house.perform(owner, "key.issue", args)
    assert issued.secret.startswith("ctr_")
    assert house.perform(owner, "key.issue", args).secret is None
    invited = house.perform(
        owner, "staff.add", {"login": "yun", "name": "Yun", "roles": [{"role": "care"}]}, "k2"
    )
    for table in ("acts.performed", "audit.detail", "approvals.request", "staff.invitation"):
        kept = str(house.db.execute(f"select x::text from {table} x").fetchall())
        assert issued.secret.split("_", 2)[2] not in kept
        assert invited.secret not in kept


def test_nobody_gives_more_than_they_have(house: House):
    with transaction(house.db):
        permissions = ["staff:write", "members:read"]
        staff.save_role(house.db, "lead", "Lead", permissions, now_us=1)
    lead = house.person("lead", RoleGrant("lead"))
    owner = house.person("owner")
    assert owner.person is not None
    for act, args in (
        ("staff.add", {"login": "yun", "name": "Yun", "roles": [{"role": "owner"}]}),
        ("staff.roles", {"account_id": lead.person.account_id, "roles": [{"role": "owner"}]}),  # type: ignore[union-attr]
        ("staff.roles", {"account_id": owner.person.account_id, "roles": [{"role": "lead"}]}),
        ("staff.disable", {"account_id": owner.person.account_id}),
        ("staff.reset", {"account_id": owner.person.account_id}),
        ("role.save", {"role": "lead", "name": "Lead", "permissions": ["ledger:adjust"]}),
    ):
        with pytest.raises(staff.PermissionMissing, match="Nobody gives"):
            house.perform(lead, act, args, act)


def test_a_clerk_gets_a_pin_and_a_store_its_till(house: House):
    owner = house.person("owner")
    house.db.execute("insert into catalogue.place (place, kind) values ('hz-01', 'store')")
    added = house.perform(
        owner,
        "staff.add",
        {"login": "yun", "name": "Yun", "roles": [{"role": "clerk"}], "staff_code": "S1"},
    )
    pin = house.perform(owner, "staff.pin", {"account_id": added.facts["account_id"]}, "k2").secret
    till = house.perform(owner, "till.register", {"name": "1", "store": "hz-01"}, "k3")
    here = staff.Visitor("?", "?")
    entered = staff.sign_in_at_till(
        house.db, till.secret, "S1", pin, here, "192.0.2.1", now_us=house.machine.at_us
    )
    found = staff.who(house.db, entered.token, now_us=house.machine.at_us)
    assert found.store == "hz-01"
    house.perform(owner, "till.revoke", {"device_id": till.facts["device_id"]}, "k4")
    with pytest.raises(staff.SignedOut):
        staff.who(house.db, entered.token, now_us=house.machine.at_us)


def test_the_policy_is_data(house: House):
    owner = house.person("owner")
    assert approvals.policy(house.db) == approvals.Policy()
    house.perform(owner, "policy.set", {"adjust_units_max": 5})
    assert approvals.policy(house.db).adjust_units_max == 5
    with pytest.raises(approvals.BadPolicy):
        house.perform(owner, "policy.set", {"adjust_units_max": -5}, "k2")


def _may(person: Actor, permission: Permission) -> bool:
    try:
        person.reach(permission)
    except staff.PermissionMissing:
        return False
    return True
