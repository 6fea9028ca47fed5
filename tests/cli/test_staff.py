"""People who sign in, from the command line: added, changed, seen, let out."""

from coterie import staff
from coterie.kernel.clock import SystemClock
from coterie.staff import Visitor
from coterie.storage import Connection, transaction
from tests.acts.house import House
from tests.cli.test_commands import Run, lines
from tests.cli.test_commands import run as run  # noqa: PLC0414 (a fixture)

PASSWORD = "seven herons at dusk"


def test_an_owner_is_added_signs_in_is_seen_and_let_out(run: Run, db: Connection):
    told = run("staff", "add", "mei@tea.example", "--role", "owner", "--name", "Mei")
    code = told.stdout.strip()
    assert "/invitation" in told.stderr
    assert code not in told.stderr
    now_us = SystemClock().now_us()
    with transaction(db):
        staff.set_password_by_code(db, code, PASSWORD, now_us=now_us)
    here = Visitor("Firefox · Linux", "192.0.2.0/24")
    staff.sign_in(db, "mei@tea.example", PASSWORD, here, "192.0.2.7", now_us=now_us)
    assert lines(run("staff", "list"))[1][1:5] == ["mei@tea.example", "Mei", "active", "owner"]
    [seen] = lines(run("staff", "sign-ins", "mei@tea.example", "--open"))[1:]
    assert seen[4:6] == ["Firefox · Linux", "192.0.2.0/24"]
    assert run("staff", "end", "mei@tea.example").stdout == "Ended: 1.\n"
    assert not lines(run("staff", "sign-ins", "1", "--open"))[1:]
    assert "(last_owner)" in run("staff", "disable", "1", code=1).stderr


def test_roles_are_changed_and_a_password_is_set_anew(run: Run):
    run("staff", "add", "mei", "--role", "owner")
    run("staff", "add", "yun", "--role", "clerk", "--store", "hz-01", "--staff-code", "S1")
    assert lines(run("staff", "list"))[2][4] == "clerk (hz-01)"
    run("staff", "role", "yun", "care", "analyst")
    assert lines(run("staff", "list"))[2][4] == "analyst, care"
    assert len(run("staff", "reset", "yun").stdout.strip()) == 43
    run("staff", "disable", "yun")
    assert "(account_unknown)" in run("staff", "reset", "yun", code=1).stderr
    run("staff", "enable", "yun")
    assert lines(run("staff", "list"))[2][3] == "invited"
    assert "(role_unknown)" in run("staff", "role", "yun", "carer", code=1).stderr
    assert "(login_taken)" in run("staff", "add", "MEI", "--role", "care", code=1).stderr


def test_what_the_command_line_does_is_on_record_and_proven(run: Run) -> None:
    run("staff", "add", "mei", "--role", "owner")
    run("keys", "issue", "shop", "--scope", "events:write")
    rows = lines(run("audit", "list"))[1:]
    assert [(row[3], row[5]) for row in rows] == [("key.issue", "done"), ("staff.add", "done")]
    assert all(row[2].startswith("shell:") for row in rows)
    assert '"scopes":["events:write"]' in run("audit", "show", "2").stdout.replace(" ", "").replace(
        "\n", ""
    )
    assert len(run("audit", "export").stdout.splitlines()) == 2
    head = run("audit", "head").stdout.strip()
    assert run("audit", "check", "--head", head).stdout == "The audit trail holds.\n"
    assert "Damage" in run("audit", "check", "--head", "1:" + "00" * 32, code=4).stdout


def test_a_request_is_listed_shown_approved_and_refused(run: Run, db: Connection) -> None:
    house = House(db)
    house.machine.at_us = SystemClock().now_us()
    care = house.person("care")
    house.person("operator")
    first = house.adjust(care, 5_000, "k1").request_id
    second = house.adjust(care, 6_000, "k2").request_id
    rows = lines(run("approvals", "list"))[1:]
    assert [row[0] for row in rows] == [str(second), str(first)]
    assert '"units": 5000' in run("approvals", "show", str(first)).stdout
    told = run("approvals", "approve", str(first), "--as", "care@tea.example", code=1)
    assert "(permission_missing)" in told.stderr
    run("approvals", "approve", str(first), "--as", "operator@tea.example")
    run("approvals", "refuse", str(second), "--as", "operator@tea.example", "--note", "no")
    assert house.points() == 5_000
    assert not lines(run("approvals", "list"))[1:]
    assert [row[1] for row in lines(run("approvals", "list", "--all"))[1:]] == ["refused", "run"]
