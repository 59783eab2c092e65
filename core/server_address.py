"""The address of somebody's server, checked: what a person types, where a key may travel, and which machines may be called.

Who serves others must not let them call what only his own machine reaches (server-side request forgery, OWASP): there
`Reach.PUBLIC` is chosen, and the connection goes to the very address that was looked up and found public, not to what the name
says a moment later.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from enum import Enum
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from core.errors import InputError


class Reach(Enum):
    """Which servers a visitor's address may name."""

    ANY = "any"
    PUBLIC = "public"
    NONE = "none"


#: Says it for the processes of a server.
REACH_VARIABLE = "BELCANTO_VISITORS_SERVERS"


class NotPublic(OSError):
    """The name leads to a machine that visitors may not have called."""


@dataclass(frozen=True)
class ServerAddress:
    """scheme: http or https. host: its name, with the port where one was given. path: without a slash at its end."""

    scheme: str
    host: str
    path: str
    reach: Reach = Reach.ANY

    @property
    def url(self) -> str:
        """As it is called."""
        return f"{self.scheme}://{self.host}{self.path}"

    def connection(self, connect_s: float) -> HTTPConnection:
        """A connection that is not yet open. Redirections are not followed: a key goes where it was meant for.

        Opening it raises OSError, `NotPublic` where the server may not be called.
        """
        made: Any
        if self.scheme == "https":
            made = HTTPSConnection(self.host, timeout=connect_s, context=ssl.create_default_context())
        else:
            made = HTTPConnection(self.host, timeout=connect_s)
        if self.reach is not Reach.ANY:
            made._create_connection = connected_to_public  # the one seam that http.client has for it
        connection: HTTPConnection = made
        return connection


def server_address(url: str, has_key: bool, reach: Reach = Reach.ANY) -> ServerAddress:
    """The address in `url`.

    Raises InputError where it is none, where it holds a password, where the key would be sent in the clear beyond the own
    network, or where no server may be named.
    """
    if reach is Reach.NONE:
        raise InputError("core.no_servers")
    try:
        parts = urlsplit(url.strip())
        name, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InputError("core.no_server_address") from error
    odd = any(character <= " " or character > "~" for character in url.strip())
    wrong = parts.scheme not in ("http", "https") or not name or odd or port == 0
    if wrong or parts.username is not None or parts.query or parts.fragment:
        raise InputError("core.no_server_address")
    if has_key and parts.scheme == "http" and not _is_near(name):
        raise InputError("core.key_in_the_clear", host=name)
    shown = f"[{name}]" if ":" in name else name
    return ServerAddress(parts.scheme, f"{shown}:{port}" if port else shown, parts.path.rstrip("/"), reach)


def connected_to_public(
    address: tuple[str, int],
    timeout_s: Any = None,
    source: tuple[str, int] | None = None,
    look_up: Callable[..., list[Any]] = socket.getaddrinfo,
) -> socket.socket:
    """As `socket.create_connection`, but to public addresses alone. Raises `NotPublic` where the name has none."""
    found = [place for *_, place in look_up(*address, type=socket.SOCK_STREAM)]
    public = [place for place in found if is_public(place[0])]
    if found and not public:
        raise NotPublic(address[0])
    failure = OSError("no address")
    for place in public:
        try:
            return socket.create_connection(place[:2], timeout_s, source)
        except OSError as error:
            failure = error
    raise failure


def is_public(text: str) -> bool:
    """Whether an IP address is one of the open internet's; those that hold an older one in them count as that."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        address = inner or address
    return address.is_global and not address.is_multicast


def reach_of_environment() -> Reach:
    """What the environment says; without it any server. Raises InputError for a value that is none."""
    text = os.environ.get(REACH_VARIABLE, "") or Reach.ANY.value
    if text not in [each.value for each in Reach]:
        raise InputError("core.reach_not_among", name=REACH_VARIABLE, value=text, list=[each.value for each in Reach])
    return Reach(text)


def retry_after_s(headers: Message) -> float | None:
    """Seconds of `Retry-After`, given as seconds or as a date (RFC 9110, 10.2.3); None where there is none that can be read."""
    text = (headers.get("Retry-After") or "").strip()
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except ValueError:
        return None


def _is_near(name: str) -> bool:
    """Whether the host is this machine or stands in the own network."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith((".local", ".localhost", ".lan", ".internal"))
    return address.is_loopback or address.is_private or address.is_link_local
