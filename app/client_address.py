"""Where a request comes from. Limits that count by cookie alone count nothing: whoever wants another one only throws it away.

Kept is no address but its origin: a keyed hash, from which nobody can tell the address without the server's key.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from functools import lru_cache

from core.errors import InputError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
#: A household has that many bits of an IPv6 address in common; what follows it may choose at will.
IPV6_PREFIX = 64
ORIGIN_DIGITS = 32


@lru_cache
def networks(text: str) -> tuple[Network, ...]:
    """The networks in a list like `127.0.0.1, 10.0.0.0/8`. Raises InputError where one is none."""
    found = []
    for name in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ipaddress.ip_network(name, strict=False))
        except ValueError as error:
            raise InputError("app.trusted_proxies_unreadable", name=name) from error
    return tuple(found)


def client_address(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> Address | None:
    """The address that the request comes from: the peer's, or where that is a trusted proxy, the nearest that is none.

    peer: who has the connection. forwarded: the values of the X-Forwarded-For headers, each a list to which every proxy has added
    whom it served; what stands left of the first untrusted address was written by that client and proves nothing. None where no
    address is known, as on a socket in the file system.
    """
    address = parsed(peer or "")
    for name in reversed([part for value in forwarded for part in value.split(",")]):
        if address is None or not any(address in network for network in trusted):
            break
        address = parsed(name) or address
    return address


def parsed(text: str) -> Address | None:
    """The address in the text, which may carry a port; IPv4 within IPv6 is IPv4. None where it is none."""
    text = text.strip().partition("%")[0]
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address


def household_of(address: Address) -> Network:
    """The addresses that are counted as one: of IPv4 that address alone, of IPv6 what a household has."""
    return ipaddress.ip_network((address, IPV6_PREFIX if address.version == 6 else address.max_prefixlen), strict=False)


def origin_of_address(address: Address | None, key: str) -> str | None:
    """The address's origin, alike for all addresses of one IPv6 network; None where there is no address."""
    if address is None:
        return None
    return hmac.new(key.encode(), household_of(address).network_address.packed, hashlib.sha256).hexdigest()[:ORIGIN_DIGITS]
