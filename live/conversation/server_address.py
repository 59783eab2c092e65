"""The address of a model's server, checked: what a person types, and where a key may travel."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit

from core.errors import InputError

COMPLETIONS = "/chat/completions"


@dataclass(frozen=True)
class ServerAddress:
    """scheme: http or https. host: its name, with the port where one was given. path: of the request."""

    scheme: str
    host: str
    path: str

    def connection(self, connect_s: float) -> HTTPConnection:
        """A connection that is not yet open. Redirections are not followed: a key goes where it was meant for."""
        if self.scheme == "https":
            return HTTPSConnection(self.host, timeout=connect_s, context=ssl.create_default_context())
        return HTTPConnection(self.host, timeout=connect_s)


def server_address(url: str, has_key: bool) -> ServerAddress:
    """The address in `url`. Raises InputError where it is none, where it holds a password, or where the key would be sent in the
    clear beyond the own network."""
    try:
        parts = urlsplit(url.strip())
        name, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InputError("live.server_address") from error
    odd = any(character <= " " or character > "~" for character in url.strip())
    if parts.scheme not in ("http", "https") or not name or odd or parts.username is not None or parts.query or parts.fragment:
        raise InputError("live.server_address")
    if has_key and parts.scheme == "http" and not _is_near(name):
        raise InputError("live.key_in_the_clear", host=name)
    path = parts.path.rstrip("/")
    if not path.endswith(COMPLETIONS):
        path = f"{path or '/v1'}{COMPLETIONS}"
    shown = f"[{name}]" if ":" in name else name
    return ServerAddress(parts.scheme, f"{shown}:{port}" if port else shown, path)


def _is_near(name: str) -> bool:
    """Whether the host is this machine or stands in the own network."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith((".local", ".localhost", ".lan", ".internal"))
    return address.is_loopback or address.is_private or address.is_link_local
