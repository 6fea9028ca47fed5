"""Where a message may go: a name is looked up once, and what was judged is what is connected to.

Otherwise a subscriber could name a host that leads to a public address while it is judged, and into
one's own network a moment later.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import ip_address

from coterie.webhooks import rules
from coterie.webhooks.model import Network


class AddressRefused(Exception):
    """Nothing may be sent there."""


async def address_of(host: str, port: int, scheme: str, networks: Sequence[Network]) -> str:
    """Return the address to connect to.

    Raises :class:`AddressRefused` when any address of the host is private, or public and not
    encrypted, and :class:`OSError` when the host has none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    for address in addresses:
        if not rules.allowed(address, networks):
            raise AddressRefused(f"{host} leads to {address}, which is no public address.")
        own = rules.named(ip_address(address.partition("%")[0]), networks)
        if scheme != "https" and not own:
            raise AddressRefused("Messages go to public addresses by https only.")
    if not addresses:
        raise OSError(f"{host} has no address")
    # IPv4 first: machines without a way for IPv6 are common, and there is one try only.
    return min(addresses, key=lambda each: (":" in each, addresses.index(each)))
