"""Four eyes: what waits, who decides, and what happens when it runs."""

import psycopg
import pytest

from coterie import approvals, audit, staff
from coterie.acts import ActFailed, PreviewChanged
from coterie.approvals import State
from coterie.kernel.time import HOUR_US
from coterie.staff import RoleGrant
from coterie.storage import transaction
from tests.acts.house import House


def test_an_adjustment_over_the_limit_waits_and_is_run_by_another_persons_approval(house: House):
    care, operator = house.person("care"), house.person("operator")
    asked = house.adjust(care, 5_000)
    assert (asked.status, asked.why, house.points()) == ("waiting", "adjust_units_max", 0)
    assert house.adjust(care, 5_000).request_id == asked.request_id
    assert approvals.count_waiting(house.db, now_us=house.machine.at_us) == 1
    request, preview = house.deciding.look(house.db, operator, asked.request_id)
    assert (request.reason, [c.after for c in preview.changes]) == ("as asked", [5_000])
    assert house.deciding.approve(house.db, operator, asked.request_id).status == "done"
    assert house.points() == 5_000
    assert approvals.read_request(house.db, asked.request_id).state is State.RUN
    assert [(who.split(":")[1] == care.actor, outcome) for who, _, outcome in house.trail()] == [
        (True, "asked"),
        (False, "approved"),
        (True, "done"),
    ]
    with pytest.raises(approvals.DecidedAlready):
        house.deciding.approve(house.db, operator, asked.request_id)
    assert house.points() == 5_000


def test_below_the_limit_nobody_waits(house: House):
    house.person("operator")
    assert house.adjust(house.person("care"), 1_000).status == "done"


def test_nobody_approves_their_own_and_the_database_says_so_too(house: House):
    house.person("operator")
    owner = house.person("owner")
    asked = house.adjust(owner, 5_000)
    with pytest.raises(approvals.OwnRequest):
        house.deciding.approve(house.db, owner, asked.request_id)
    with pytest.raises(approvals.OwnRequest):
        house.deciding.refuse(house.db, owner, asked.request_id, note="no")
    with pytest.raises(psycopg.errors.CheckViolation):
        house.db.execute(
            "update approvals.request set state = 'approved', decided_by = asked_by, decided_us = 1"
        )
    assert house.points() == 0


def test_who_may_not_do_it_or_not_decide_decides_nothing(house: House):
    house.person("operator")
    asked = house.adjust(house.person("care"), 5_000)
    with transaction(house.db):
        staff.save_role(house.db, "judge", "Judge", ["approvals:decide"], now_us=1)
    for actor in (
        house.person("judge", RoleGrant("judge")),
        house.person("care2", RoleGrant("care")),
        house.person("local", RoleGrant("operator", ("hz-01",))),
    ):
        with pytest.raises(staff.PermissionMissing):
            house.deciding.approve(house.db, actor, asked.request_id)
        with pytest.raises(staff.PermissionMissing):
            house.deciding.look(house.db, actor, asked.request_id)


def test_refused_withdrawn_and_lapsed_requests_never_run(house: House):
    care, operator = house.person("care"), house.person("operator")
    numbers = [house.adjust(care, 5_000, key=f"k{n}").request_id for n in range(3)]
    house.deciding.refuse(house.db, operator, numbers[0], note="too much")
    with pytest.raises(approvals.OwnRequest):
        house.deciding.withdraw(house.db, operator, numbers[1])
    house.deciding.withdraw(house.db, care, numbers[1])
    house.machine.step(72 * HOUR_US)
    with pytest.raises(approvals.RequestLapsed):
        house.deciding.approve(house.db, operator, numbers[2])
    assert house.deciding.lapse(house.db, house.machine.at_us, 0) == 1
    states = [approvals.read_request(house.db, number).state for number in numbers]
    assert states == [State.REFUSED, State.WITHDRAWN, State.LAPSED]
    for number in numbers:
        with pytest.raises((approvals.DecidedAlready, approvals.RequestLapsed)):
            house.deciding.approve(house.db, operator, number)
    assert house.points() == 0


def test_a_requester_who_lost_the_permission_gets_nothing(house: House):
    care, owner = house.person("care"), house.person("owner")
    asked = house.adjust(care, 5_000)
    assert care.person is not None
    with transaction(house.db):
        roles = (RoleGrant("analyst"),)
        staff.change_roles(house.db, care.person.account_id, roles, now_us=1)
    with pytest.raises(PreviewChanged):
        house.deciding.approve(house.db, owner, asked.request_id)
    assert house.deciding.look(house.db, owner, asked.request_id)[1].blocked
    with pytest.raises(staff.PermissionMissing):
        house.deciding.approve(house.db, owner, asked.request_id)
    assert approvals.read_request(house.db, asked.request_id).state is State.FAILED
    assert house.points() == 0


def test_what_would_do_something_else_asks_again(house: House):
    operator, owner = house.person("operator"), house.person("owner")
    house.person("second", RoleGrant("operator"))
    tier = {"member_id": house.members[0], "ladder": "status", "action": "grant"}
    tier = {**tier, "until": "2026-12-31"}
    asked = house.perform(operator, "tier.decide", {**tier, "tier": "gold"})
    assert (asked.status, asked.why) == ("waiting", "tier_grants")
    silver = house.perform(owner, "tier.decide", {**tier, "tier": "silver"}, "k2")
    house.deciding.approve(house.db, operator, silver.request_id)
    with pytest.raises(PreviewChanged):
        house.deciding.approve(house.db, owner, asked.request_id)
    assert approvals.read_request(house.db, asked.request_id).state is State.WAITING
    assert house.deciding.approve(house.db, owner, asked.request_id).status == "done"


def test_what_fails_when_it_runs_has_failed(house: House, monkeypatch: pytest.MonkeyPatch):
    operator, owner = house.person("operator"), house.person("owner")
    house.adjust(operator, 900)
    asked = house.adjust(operator, 5_000, "k2")

    def refuse(*_: object) -> None:
        raise ActFailed("not now")

    monkeypatch.setattr("coterie.acts.kinds.units.send", refuse)
    with pytest.raises(ActFailed):
        house.deciding.approve(house.db, owner, asked.request_id)
    assert approvals.read_request(house.db, asked.request_id).state is State.FAILED
    assert house.trail()[-1][1:] == ("units.adjust", "failed")


def test_what_a_crash_left_approved_is_finished_once(house: House, monkeypatch: pytest.MonkeyPatch):
    operator, owner = house.person("operator"), house.person("owner")
    asked = house.adjust(operator, 5_000)

    def die(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(house.deciding, "_settle", die)
        with pytest.raises(MemoryError):
            house.deciding.approve(house.db, owner, asked.request_id)
    assert approvals.read_request(house.db, asked.request_id).state is State.APPROVED
    house.deciding.finish(house.db, asked.request_id)
    assert house.points() == 5_000
    assert approvals.read_request(house.db, asked.request_id).state is State.RUN


def test_whoever_is_alone_goes_on_and_the_trail_says_so(house: House):
    owner = house.person("owner")
    done = house.adjust(owner, 5_000)
    assert (done.status, done.alone) == ("done", True)
    assert audit.list_entries(house.db)[0][0].after["alone"] is True


def test_a_policy_can_let_also_the_lonely_wait(house: House):
    owner = house.person("owner")
    house.perform(owner, "policy.set", {"waits_alone": True})
    assert house.adjust(owner, 5_000, "k2").status == "waiting"
    # Also the policy itself now waits.
    assert house.perform(owner, "policy.set", {}, "k3").status == "waiting"


@pytest.mark.parametrize(
    ("act", "args", "why"),
    [
        ("policy.set", {"adjust_units_max": 5}, "policy"),
        ("programme.roll_back", {"version": 1}, "programme"),
        ("staff.add", {"login": "yun", "name": "Y", "roles": [{"role": "care"}]}, "roles"),
        ("role.save", {"role": "desk", "name": "Desk", "permissions": ["till:use"]}, "roles"),
    ],
)
def test_changes_of_programme_roles_and_policy_wait(
    house: House, act: str, args: dict[str, object], why: str
):
    owner = house.person("owner")
    second = house.person("second", RoleGrant("owner"))
    asked = house.perform(owner, act, args)
    assert (asked.status, asked.why) == ("waiting", why)
    assert house.deciding.approve(house.db, second, asked.request_id).status == "done"


def test_what_touches_many_members_waits_and_runs_for_each(house: House):
    operator, owner = house.person("operator"), house.person("owner")
    args = {"member_ids": house.members, "currency": "points", "units": 10}
    asked = house.perform(operator, "units.adjust_many", args)
    assert (asked.status, asked.why) == ("waiting", "bulk_members_max")
    done = house.deciding.approve(house.db, owner, asked.request_id)
    assert done.facts == {"done": 2, "refused": {}}
    assert (house.points(0), house.points(1)) == (10, 10)
    act, undo = done.undo or ("", {})
    undone = house.perform(operator, act, undo, "k2")
    house.deciding.approve(house.db, owner, undone.request_id)
    assert (house.points(0), house.points(1)) == (0, 0)


def test_requests_and_policies_are_kept_as_they_were(house: House):
    house.person("operator")
    house.adjust(house.person("owner"), 5_000)
    house.perform(
        house.person("care"),
        "units.adjust",
        {"member_id": house.members[0], "currency": "points", "units": 1},
    )
    for statement in (
        "update approvals.request set args = '{}'",
        "update approvals.request set asked_by = 99",
        "delete from approvals.request",
        "truncate approvals.request",
        "delete from approvals.policy",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation):
            house.db.execute(statement)
