"""How the web server treats connections."""

from __future__ import annotations

from dataclasses import dataclass

from app.client_address import Network, parsed


@dataclass(frozen=True)
class ServerSettings:
    """What connections may take. A thread works only while an answer is computed; nobody waits in one."""

    #: threads that compute answers.
    threads: int = 32
    #: how long a connection may be silent between its requests, and before the first one, in seconds.
    idle_s: float = 60.0
    #: longest time from a request's first byte to the end of its headers, in seconds.
    header_s: float = 15.0
    #: longest silence within a body, in seconds.
    body_idle_s: float = 30.0
    #: bytes a second that a body must bring on average, once it has taken longer than `body_grace_s`.
    body_bytes_per_s: float = 500.0
    #: time before a slow body is judged by its rate, in seconds.
    body_grace_s: float = 20.0
    #: how long a client may take nothing of an answer that is ready, in seconds; a paused film comes back by itself.
    stalled_s: float = 300.0
    #: open connections; beyond them, those that wait for a request give way.
    connections: int = 8000
    #: open connections of one address (of one network, by IPv6), those of trusted proxies excepted.
    connections_per_address: int = 256
    #: largest body, in bytes; None: whatever comes.
    body_bytes: int | None = None
    #: bytes of unfinished bodies that one address may have on the disk at once; None: no limit.
    body_bytes_per_address: int | None = None
    #: free room on the disk that bodies must leave, in bytes.
    free_bytes: int = 0
    #: networks of proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are believed.
    trusted_proxies: tuple[Network, ...] = ()

    def trusts(self, address: str | None) -> bool:
        """Whether that is a proxy's address that is believed."""
        found = parsed(address or "")
        return found is not None and any(found in network for network in self.trusted_proxies)
