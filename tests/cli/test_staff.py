"""People who sign in, from the command line: added, changed, seen, let out."""

from coterie import staff
from coterie.kernel.clock import SystemClock
from coterie.staff import Visitor
from coterie.storage import Connection, transaction
from tests.cli.test_commands import Run, lines
from tests.cli.test_commands import run as run  # noqa: PLC0414 (a fixture)

PASSWORD = "seven herons at dusk"


def test_an_owner_is_added_signs_in_is_seen_and_let_out(run: Run, db: Connection):
    told = run("staff", "add", "mei@tea.example", "--role", "owner", "--name", "Mei")
    address, _, code = told.stdout.strip().partition("#")
    assert address == "/staff/invitation"
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
    assert run("staff", "reset", "yun").stdout.startswith("/staff/invitation#")
    run("staff", "disable", "yun")
    assert "(account_unknown)" in run("staff", "reset", "yun", code=1).stderr
    run("staff", "enable", "yun")
    assert lines(run("staff", "list"))[2][3] == "invited"
    assert "(role_unknown)" in run("staff", "role", "yun", "carer", code=1).stderr
    assert "(login_taken)" in run("staff", "add", "MEI", "--role", "care", code=1).stderr
