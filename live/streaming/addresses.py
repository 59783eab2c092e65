"""Where browsers reach this machine for calls: its own addresses, or those that the operator names, and servers in between.

`BELCANTO_LIVE_ADDRESS`: addresses to offer, with commas between them. One of this machine's own is listened on; any other, such
as the public one of a router, is told in place of them. `BELCANTO_LIVE_ICE_SERVERS`: STUN and TURN servers, with blanks between
them: `stun:stun.example.org:3478 turn:name:password@turn.example.org:3478`.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from core.errors import InputError

ADDRESS_VARIABLE, SERVERS_VARIABLE = "BELCANTO_LIVE_ADDRESS", "BELCANTO_LIVE_ICE_SERVERS"
LOOPBACK = "127.0.0.1"
_SERVER = re.compile(
    r"(?P<scheme>stun|turn|turns):(?:(?P<user>[^:@\s]+):(?P<password>[^@\s]+)@)?(?P<rest>[\w.\-\[\]:]+(\?transport=\w+)?)"
)


@dataclass(frozen=True)
class IceServer:
    """url: as browsers have it, without name and password."""

    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class IceSettings:
    """own: addresses of this machine to listen on; empty: all but the loopback, and that one where there is no other. told: what
    browsers are told in their place; empty: themselves."""

    own: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    servers: tuple[IceServer, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> IceSettings:
        """Raises InputError for what can't be read."""
        named = [text.strip() for text in environment.get(ADDRESS_VARIABLE, "").split(",") if text.strip()]
        for text in named:
            try:
                ipaddress.ip_address(text)
            except ValueError as error:
                raise InputError("live.streaming.address_form", name=ADDRESS_VARIABLE, text=text) from error
        machine = {*machine_addresses(), LOOPBACK, "::1"}
        servers = tuple(ice_server(text) for text in environment.get(SERVERS_VARIABLE, "").split())
        return cls(
            tuple(each for each in named if each in machine), tuple(each for each in named if each not in machine), servers
        )


def ice_server(text: str) -> IceServer:
    """One server of the setting. Raises InputError for what is none."""
    found = _SERVER.fullmatch(text)
    if found is None or (found["scheme"] != "stun" and found["user"] is None):
        scheme, _, rest = text.partition(":")
        raise InputError("live.streaming.ice_server_form", name=SERVERS_VARIABLE, text=f"{scheme}:{rest.rpartition('@')[2]}")
    return IceServer(f"{found['scheme']}:{found['rest']}", found["user"], found["password"])


@cache
def _gathering() -> Any:
    """aioice's own way to find addresses."""
    import aioice.ice

    return aioice.ice.get_host_addresses


def machine_addresses(use_ipv4: bool = True, use_ipv6: bool = True) -> list[str]:
    """The machine's addresses but the loopback."""
    return list(_gathering()(use_ipv4, use_ipv6))


def offer_own_addresses(settings: IceSettings) -> None:
    """Have calls of this process listen where the settings say; aioice alone leaves the loopback out, whatever is wanted."""
    import aioice.ice

    find = _gathering()

    def addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return list(settings.own) or list(find(use_ipv4, use_ipv6)) or [LOOPBACK]

    vars(aioice.ice)["get_host_addresses"] = addresses


def without_candidates(sdp: str) -> str:
    """An offer without the browser's addresses: it comes to us, and we send nothing to addresses that a page names.

    The names that browsers give in place of their addresses (`....local`) could mostly not be found anyway.
    """
    return "".join(line for line in sdp.splitlines(keepends=True) if not line.startswith(("a=candidate:", "a=end-of-candidates")))


def as_offered(sdp: str, settings: IceSettings) -> str:
    """An answer with the addresses that browsers are to be told in place of the machine's own."""
    return sdp if not settings.told else "".join(told_line(line, settings.told) for line in sdp.splitlines(keepends=True))


def told_line(line: str, told: Sequence[str]) -> str:
    """A line of an answer, once for each of the addresses where it names one of the machine's own."""
    parts = line.split(" ")
    if not line.startswith("a=candidate:") or "host" not in [part.strip() for part in parts]:
        return line
    version = ipaddress.ip_address(parts[4]).version
    fit = [each for each in told if ipaddress.ip_address(each).version == version]
    return "".join(" ".join([f"{parts[0]}{place}", *parts[1:4], each, *parts[5:]]) for place, each in enumerate(fit))
