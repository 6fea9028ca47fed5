"""The bundles: under names that change with them, as small as may be, nothing from elsewhere."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from coterie.web import assets
from tests.house.support import PACKAGE, ROOT, tracked_files
from tests.web.site import site_over

FRONTEND = ROOT / "frontend"
ICON = re.compile(r"""(?:ui\.)?\bicon\('([a-z0-9-]+)'""")


@pytest.fixture
def client(database_url: str) -> Iterator[TestClient[Litestar]]:
    with site_over(database_url) as client:
        yield client


def test_an_asset_is_kept_for_good_and_sent_small(client: TestClient[Litestar]):
    url = assets.asset_url("app.css")
    plain = client.get(url, headers={"accept-encoding": "identity"})
    assert plain.status_code == 200
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "content-encoding" not in plain.headers
    packed = client.get(url, headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) // 5
    asset = assets.read_asset(url.removeprefix(assets.PREFIX), "br, gzip")
    assert asset.encoding == "br"
    assert gzip.compress(b"") != asset.content


@pytest.mark.parametrize(
    "name", ["manifest.json", "app.css", "../assets.py", "x", "built-from.txt"]
)
def test_nothing_else_is_served(client: TestClient[Litestar], name: str):
    assert client.get(f"/assets/{name}").status_code == 404


def test_the_licences_travel_along(client: TestClient[Litestar]):
    told = client.get("/assets/LICENSES.txt").text
    for name in ("@tabler/icons", "codemirror", "echarts", "htmx.org", "zrender"):
        assert re.search(rf"^{re.escape(name)} \d", told, re.MULTILINE), name


def test_bundles_are_of_a_size_that_a_phone_can_take():
    folder = PACKAGE / "web" / "assets"
    sent = {
        name: (folder / f"{stamped}.br").stat().st_size
        for name, stamped in assets.manifest().items()
    }
    assert sent["app.css"] + sent["light.js"] + sent["theme.js"] < 90_000
    assert sent["charts.js"] < 200_000


def test_the_lock_names_no_address_and_every_version_exactly():
    lock = json.loads((FRONTEND / "package-lock.json").read_text("utf-8"))
    assert not [name for name, each in lock["packages"].items() if "resolved" in each]
    assert all("integrity" in each for name, each in lock["packages"].items() if name)
    told = json.loads((FRONTEND / "package.json").read_text("utf-8"))
    versions = [*told["dependencies"].values(), *told["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)


def test_every_icon_that_is_shown_is_in_the_sprite():
    there = set((FRONTEND / "icons.txt").read_text("utf-8").split())
    shown = {
        name for path in PACKAGE.rglob("*.html") for name in ICON.findall(path.read_text("utf-8"))
    }
    from coterie.console import CONSOLE

    shown |= {entry.icon for entry in CONSOLE.navigation}
    assert shown
    assert not shown - there


def test_nothing_third_party_is_committed():
    foreign = [
        path
        for path in tracked_files()
        if path.suffix in {".js", ".css", ".svg", ".woff2"}
        and FRONTEND / "src" not in path.parents
        and path.stat().st_size > 30_000
    ]
    assert not foreign
