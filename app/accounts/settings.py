"""What the operator says about accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, get_args
from urllib.parse import urlsplit

from app.environment import number_from, one_of
from core.errors import InputError

#: Who may have an account: whoever has an invitation, anybody, or whoever the organisation knows (OpenID Connect).
SignUp = Literal["invitation", "open", "organisation"]
OPENID = ("BELCANTO_OIDC_ISSUER", "BELCANTO_OIDC_CLIENT_ID", "BELCANTO_OIDC_CLIENT_SECRET")


@dataclass(frozen=True)
class AccountSettings:
    """How accounts work; off by default: then a cookie of the browser is the key to a library, as on one's own computer."""

    on: bool = False
    sign_up: SignUp = "invitation"
    #: where browsers reach the server, without a slash at its end: passkeys are bound to it. Empty: the request's own address.
    public_url: str = ""
    #: after how long without a request somebody is signed out, and after how long in any case, in hours.
    idle_h: float = 12.0
    longest_h: float = 168.0
    #: the organisation that says who somebody is: its issuer, and how we are known there. Empty: none.
    issuer: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> AccountSettings:
        """`BELCANTO_ACCOUNTS`, `_SIGN_UP`, `_PUBLIC_URL`, `_SESSION_IDLE_HOURS`, `_SESSION_HOURS` and the three `_OIDC_...`.

        Raises InputError for a value that is not accepted, for some of the three without the others, and where only an
        organisation's people may sign up while none is named.
        """
        issuer, client_id, client_secret = (environment.get(name, "").strip() for name in OPENID)
        if len({bool(issuer), bool(client_id), bool(client_secret)}) > 1:
            raise InputError("app.openid_incomplete", names=", ".join(OPENID))
        sign_up = one_of(environment, "BELCANTO_SIGN_UP", get_args(SignUp), cls.sign_up)
        if sign_up == "organisation" and not issuer:
            raise InputError("app.organisation_lacks", name=OPENID[0])
        return cls(
            on=one_of(environment, "BELCANTO_ACCOUNTS", ("0", "1"), "0") == "1",
            sign_up=sign_up,
            public_url=address_from(environment, "BELCANTO_PUBLIC_URL"),
            idle_h=number_from(environment, "BELCANTO_SESSION_IDLE_HOURS", cls.idle_h),
            longest_h=number_from(environment, "BELCANTO_SESSION_HOURS", cls.longest_h),
            issuer=issuer.rstrip("/"),
            client_id=client_id,
            client_secret=client_secret,
        )

    @property
    def idle(self) -> timedelta:
        """After how long without a request a session is over."""
        return timedelta(hours=self.idle_h)

    @property
    def longest(self) -> timedelta:
        """After how long a session is over in any case."""
        return timedelta(hours=self.longest_h)


def address_from(environment: Mapping[str, str], name: str) -> str:
    """The address without a slash at its end. Raises InputError where it is none of the web, or has more than host and port."""
    text = environment.get(name, "").strip().rstrip("/")
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname or text != f"{parts.scheme}://{parts.netloc}"):
        raise InputError("app.public_url_unreadable", name=name, text=text)
    return text
