"""Images for tests, made by hand: nothing is drawn, only what their first bytes say."""

from __future__ import annotations

import struct
import zlib


def png(width: int = 64, height: int = 32, colour: tuple[int, int, int] = (29, 95, 191)) -> bytes:
    """A PNG of one colour that a browser can show."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        tail = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + tail

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes(colour) * width) * height
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def jpeg(width: int = 64, height: int = 32) -> bytes:
    """What begins like a JPEG of that size."""
    start = b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + bytes(9)
    return start + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", height, width) + bytes(12)


def webp(width: int = 64, height: int = 32) -> bytes:
    """What begins like a WebP of that size, with an extended header."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + bytes(4) + b"WEBPVP8X" + bytes(8) + sides + bytes(8)
