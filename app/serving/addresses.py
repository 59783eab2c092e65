"""Whose address a request has: the unit in which limits are counted."""

from __future__ import annotations

import ipaddress

#: A household or a rented machine has at least so much of IPv6 to itself, and may change its address within it at will.
IPV6_PREFIX = 64
UNKNOWN = "unknown"


def network_of(address: str | None) -> str:
    """The address in which limits are counted: IPv4 as it is, also where it is wrapped in IPv6; of IPv6 the /64 network."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
        parsed = parsed.ipv4_mapped
    return str(parsed)
