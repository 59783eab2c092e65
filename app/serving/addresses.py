"""Whose address a request has: the unit in which limits are counted."""

from __future__ import annotations

import ipaddress

from app.client_address import IPV6_PREFIX, parsed

UNKNOWN = "unknown"


def network_of(address: str | None) -> str:
    """The address in which limits are counted: IPv4 as it is, also where it is wrapped in IPv6; of IPv6 the /64 network."""
    found = parsed(address or "")
    if found is None:
        return UNKNOWN
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
    return str(found)
