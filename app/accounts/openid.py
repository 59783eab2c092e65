"""Signing in by an organisation: OpenID Connect Core 1.0 with discovery, PKCE (RFC 7636), state and nonce, by Authlib.

Authlib carries the requests; what it leaves open is held here: that the metadata are the issuer's own, that the token is meant
for us, and that the answer came from the issuer that was asked (RFC 9207). An account is known by issuer and subject, never by an
e-mail address: those change hands, and nobody may have checked them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, current_app, request
from joserfc.errors import JoseError
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.accounts.codes import use_code
from app.accounts.models import NAME_LENGTH, Account, AccountIdentity, Role
from app.accounts.service import add_account, find_account
from app.accounts.settings import AccountSettings
from app.database import writing
from app.errors import Busy, Conflict, Refused
from core.errors import BelcantoError

#: Where the application keeps its `OAuth`, in `extensions`.
OPENID = "belcanto_openid"
CLIENT = "organisation"
#: How long the organisation's server may take to answer, in seconds, and how far its clock may be from ours.
TIMEOUT_S, LEEWAY_S = 10, 60
#: Longest issuer and subject (OpenID Connect Core, 2), and what names are taken from, the best first.
LONGEST, NAMED_BY = 255, ("preferred_username", "nickname", "name", "email")
#: What goes wrong where somebody's answer is not what it should be: of ours, of Authlib, of its tokens, of keys and JSON.
WRONG = (OAuthError, JoseError, ValueError, KeyError, TypeError, RuntimeError)


@dataclass(frozen=True)
class Identity:
    """Who somebody is for the organisation. name: what they might be called here."""

    issuer: str
    subject: str
    name: str


def register_openid(app: Flask, settings: AccountSettings) -> None:
    """Give the application its way to the organisation, whose server is asked at the first sign-in."""
    oauth = OAuth(app)
    oauth.register(
        CLIENT,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        server_metadata_url=f"{settings.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "default_timeout": TIMEOUT_S},
    )
    app.extensions[OPENID] = oauth


def client_of(settings: AccountSettings) -> tuple[Any, dict[str, Any]]:
    """The client and the organisation's metadata. Raises Refused where they are somebody else's, Busy where none come."""
    client = getattr(current_app.extensions[OPENID], CLIENT)
    try:
        metadata: dict[str, Any] = client.load_server_metadata()
    except (requests.RequestException, ValueError) as error:
        raise Busy("app.organisation_silent") from error
    if str(metadata.get("issuer", "")).rstrip("/") != settings.issuer:
        raise Refused("app.organisation_refused")
    return client, metadata


def ask(settings: AccountSettings, back: str) -> Response:
    """Send the visitor to the organisation; it sends them back to the address `back`. Raises Refused and Busy."""
    client, _ = client_of(settings)
    try:
        answer: Response = client.authorize_redirect(back)
    except requests.RequestException as error:
        raise Busy("app.organisation_silent") from error
    except WRONG as error:
        raise Refused("app.organisation_refused") from error
    return answer


def answered(settings: AccountSettings) -> Identity:
    """Who it is, by the answer that the visitor brings from the organisation. Raises Refused and Busy."""
    client, metadata = client_of(settings)
    told = request.args.get("iss")
    if told != metadata["issuer"] and (told is not None or metadata.get("authorization_response_iss_parameter_supported")):
        raise Refused("app.organisation_refused")
    wanted = {
        "iss": {"essential": True, "values": [metadata["issuer"]]},
        "aud": {"essential": True, "value": settings.client_id},
    }
    try:
        claims = client.authorize_access_token(claims_options=wanted, leeway=LEEWAY_S)["userinfo"]
        issuer, subject = str(claims["iss"]), claims["sub"]
    except requests.RequestException as error:
        raise Busy("app.organisation_silent") from error
    except WRONG as error:
        raise Refused("app.organisation_refused") from error
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST or len(issuer) > LONGEST:
        raise Refused("app.organisation_refused")
    names = (claims.get(each) for each in NAMED_BY)
    return Identity(issuer, subject, next((name for name in names if isinstance(name, str) and name.strip()), subject))


def account_of(session: Session, identity: Identity) -> Account | None:
    """The account that is known by that identity."""
    query = select(Account).join(AccountIdentity, AccountIdentity.account_id == Account.id)
    where = (AccountIdentity.issuer == identity.issuer, AccountIdentity.subject == identity.subject)
    return session.scalars(query.where(*where)).one_or_none()


def identities_of(session: Session, account_id: str) -> list[AccountIdentity]:
    """Who the account is for organisations."""
    return list(session.scalars(select(AccountIdentity).where(AccountIdentity.account_id == account_id)))


def link(session: Session, account: Account, identity: Identity) -> None:
    """Let the account be known by the identity, too. Raises Conflict where another one is."""
    known = account_of(session, identity)
    if known is not None and known.id != account.id:
        raise Conflict("app.identity_taken")
    if known is None:
        with writing(session):
            session.add(AccountIdentity(account_id=account.id, issuer=identity.issuer, subject=identity.subject))


def make_account(session: Session, settings: AccountSettings, identity: Identity, invitation: str | None) -> Account:
    """An account for somebody whom the organisation knows. Raises Refused where new accounts want an invitation that lacks."""
    with writing(session):
        role: Role = "user"
        if invitation:
            role = "administrator" if use_code(session, "invitation", invitation).role == "administrator" else "user"
        elif settings.sign_up == "invitation":
            raise Refused("app.identity_unknown")
        account = add_account(session, free_name(session, identity.name), None, role)
        session.add(AccountIdentity(account_id=account.id, issuer=identity.issuer, subject=identity.subject))
    return account


def free_name(session: Session, wanted: str) -> str:
    """The name, or what is like it and nobody has: it only says what somebody is called, and gives nothing."""
    plain = " ".join(wanted.split())[: NAME_LENGTH // 2]
    plain = plain if len(plain) >= 3 else f"{plain} 000"
    for number in range(1, 10_000):
        name = plain if number == 1 else f"{plain} {number}"
        if find_account(session, name) is None:
            return name
    raise BelcantoError("app.account_name_taken")
