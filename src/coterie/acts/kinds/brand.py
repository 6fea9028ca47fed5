"""How the pages look, and under which names they answer."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, to_builtins

from coterie import settings
from coterie.acts.kind import ActKind
from coterie.acts.model import Change, Context, Done, Preview, Undo
from coterie.settings import IMAGE_BYTES_MAX, Brand, BrandChange
from coterie.staff import Permission
from coterie.storage import Connection

Place = Annotated[str, Meta(min_length=1, max_length=45)]
NOTHING_NEW = "Nothing would be different."


class SetBrand(ActKind[BrandChange]):
    """Change the brand's name, colours or language."""

    code = "brand.set"
    zh, en = "修改品牌形象", "change the brand"
    permission = Permission.SETTINGS_WRITE
    args = BrandChange

    def preview(self, db: Connection, context: Context, args: BrandChange) -> Preview:
        """Tell what would be different. Raises BadBrand."""
        del context
        before = _told(settings.read_brand(db))
        after = _told(settings.changed(settings.read_brand(db), args))
        changes = tuple(
            Change(name, before[name], value)
            for name, value in after.items()
            if value != before[name]
        )
        return Preview("brand", changes, blocked=None if changes else NOTHING_NEW)

    def run(self, db: Connection, context: Context, args: BrandChange) -> Done:
        """Change it; every process shows it within seconds. Raises BadBrand."""
        before = _told(settings.read_brand(db))
        after = _told(settings.save_brand(db, args, now_us=context.now_us))
        back = {name: "" if value is None else value for name, value in before.items()}
        return Done(before, after, {}, Undo(self.code, BrandChange(**back)))


def _told(brand: Brand) -> dict[str, Any]:
    told: dict[str, Any] = to_builtins(brand)
    del told["images"]
    return told


class NewImage(Struct, frozen=True, forbid_unknown_fields=True):
    """An image and where it is shown: ``logo``, ``card`` or ``card-<tier>``."""

    slot: Place
    content: Annotated[bytes, Meta(min_length=1, max_length=IMAGE_BYTES_MAX)]


class PutImage(ActKind[NewImage]):
    """Show an image of the brand."""

    code = "brand.image"
    zh, en = "上传品牌图片", "put an image of the brand"
    permission = Permission.SETTINGS_WRITE
    args = NewImage

    def preview(self, db: Connection, context: Context, args: NewImage) -> Preview:
        """Tell what it is, and what it takes the place of. Raises BadImage."""
        del context
        settings.check_slot(args.slot)
        measured = settings.measure(args.content)
        said = f"{measured.media_type} {measured.width}x{measured.height}"
        return Preview(f"image:{args.slot}", (Change(args.slot, _image(db, args.slot), said),))

    def run(self, db: Connection, context: Context, args: NewImage) -> Done:
        """Put it. Raises BadImage."""
        before = {args.slot: _image(db, args.slot)}
        settings.save_image(db, args.slot, args.content, now_us=context.now_us)
        return Done(before, {args.slot: _image(db, args.slot)}, {})


class OldImage(Struct, frozen=True, forbid_unknown_fields=True):
    """Where no image shall be shown any more."""

    slot: Place


class RemoveImage(ActKind[OldImage]):
    """Take an image of the brand away."""

    code = "brand.remove_image"
    zh, en = "移除品牌图片", "remove an image of the brand"
    permission = Permission.SETTINGS_WRITE
    args = OldImage

    def preview(self, db: Connection, context: Context, args: OldImage) -> Preview:
        """Tell which one."""
        del context
        found = _image(db, args.slot)
        blocked = None if found else f"There is no image in {args.slot!r}."
        return Preview(f"image:{args.slot}", (Change(args.slot, found, None),), blocked=blocked)

    def run(self, db: Connection, context: Context, args: OldImage) -> Done:
        """Take it away."""
        del context
        before = {args.slot: _image(db, args.slot)}
        settings.remove_image(db, args.slot)
        return Done(before, {args.slot: None}, {})


def _image(db: Connection, slot: str) -> str | None:
    found = next((each for each in settings.list_images(db) if each.slot == slot), None)
    if found is None:
        return None
    return f"{found.media_type} {found.width}x{found.height} {found.sha256}"


class Hosts(Struct, frozen=True, forbid_unknown_fields=True):
    """All names under which the pages answer, beside this machine's own."""

    names: Annotated[tuple[Annotated[str, Meta(max_length=253)], ...], Meta(max_length=20)]


class SetHosts(ActKind[Hosts]):
    """Let the pages answer under other names."""

    code = "site.hosts"
    zh, en = "修改访问域名", "change the host names"
    permission = Permission.SETTINGS_WRITE
    args = Hosts

    def preview(self, db: Connection, context: Context, args: Hosts) -> Preview:
        """Tell the names before and after. Raises BadHosts."""
        del context
        before = sorted(settings.read_hosts(db))
        after = sorted(settings.check_hosts(args.names))
        blocked = NOTHING_NEW if before == after else None
        return Preview("hosts", (Change("hosts", before, after),), blocked=blocked)

    def run(self, db: Connection, context: Context, args: Hosts) -> Done:
        """Save them. Raises BadHosts."""
        del context
        before = sorted(settings.read_hosts(db))
        after = settings.save_hosts(db, args.names)
        return Done({"hosts": before}, {"hosts": after}, {}, Undo(self.code, Hosts(tuple(before))))
