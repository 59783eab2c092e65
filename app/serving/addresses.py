"""Whose address a request has: the unit in which limits are counted."""

from __future__ import annotations

from app.client_address import household_of, parsed

UNKNOWN = "unknown"


def network_of(address: str | None) -> str:
    """The address in which limits are counted: IPv4 as it is, also where it is wrapped in IPv6; of IPv6 the /64 network."""
    found = parsed(address or "")
    if found is None:
        return UNKNOWN
    return str(household_of(found)) if found.version == 6 else str(found)
