"""From a draft to a published version: by two people, at a date, never over what nobody saw."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from coterie.drafts import begin_draft
from coterie.programme.versions import version_numbered, versions
from coterie.storage import Connection, transaction
from tests.acts.house import DEMO, NOW, House
from tests.console.staffed import Desk, desk_of

AT = "/programme/drafts/1/publish"
SPRING = DEMO.replace("limit: 500,", "limit: 600,")


@pytest.fixture
def desk(db: Connection, database_url: str) -> Iterator[Desk]:
    with desk_of(House(db), database_url) as desk:
        yield desk


def drafted(desk: Desk, text: str) -> None:
    with transaction(desk.house.db):
        begin_draft(desk.house.db, "Spring", text, by=1, now_us=NOW, base_version=1)


def fields(desk: Desk, **more: str) -> dict[str, str]:
    page = desk.get(AT)
    hidden = dict(re.findall(r'name="(key|revision)" value="([0-9a-f]+)"', page))
    return {"reason": "A better spring", **hidden, **more}


def test_a_draft_is_published_by_two(desk: Desk) -> None:
    owner, operator = desk.house.person("owner"), desk.house.person("operator")
    drafted(desk, SPRING)
    desk.sit(operator)
    page = desk.get(AT)
    assert "600" in page
    assert "Send for approval" in page
    told = desk.send(AT, AT, fields(desk, at="2099-01-01T08:00"))
    assert "It waits for approval by a second person." in told
    assert len(versions(desk.house.db)) == 1
    desk.sit(owner)
    desk.send("/approvals/1", "/approvals/1/approve", {})
    found = version_numbered(desk.house.db, 2)
    assert found is not None
    # Eight in the morning of Shanghai.
    assert found.active_from_us == 4_070_908_800_000_000
    assert "Scheduled" in desk.get("/programme/versions")


def test_what_cannot_follow_is_not_offered(desk: Desk) -> None:
    drafted(desk, DEMO.replace("Asia/Shanghai", "Europe/Berlin"))
    desk.sit(desk.house.person("owner"))
    page = desk.get(AT)
    assert "not follow the newest" in page
    assert f'action="{AT}"' not in page


def test_what_was_written_since_is_looked_at_again(desk: Desk) -> None:
    drafted(desk, SPRING)
    desk.sit(desk.house.person("owner"))
    seen = fields(desk)
    with transaction(desk.house.db):
        desk.house.db.execute("update drafts.draft set text = text || '# x', revision = 2")
    page = desk.send(AT, AT, seen, status=422)
    assert "The draft was changed meanwhile" in page
    assert len(versions(desk.house.db)) == 1


def test_who_may_only_draft_does_not_publish(desk: Desk) -> None:
    drafted(desk, SPRING)
    desk.sit(desk.house.person("analyst"))
    assert desk.client.get(AT).status_code == 403
    assert AT not in desk.get("/programme/drafts/1")
