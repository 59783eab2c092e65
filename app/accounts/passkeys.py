"""Passkeys: WebAuthn Level 2, by the package webauthn. The device asks its owner who they are; we ask the device.

Bound to the server's public address. A challenge is good once and for some minutes: it stands in the visitor's own signed cookie,
and that it was used is counted where tries are.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from flask import request
from flask import session as cookie
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.accounts.guarding import guesses
from app.accounts.models import Account, AccountIdentity, Passkey
from app.accounts.settings import AccountSettings
from app.database import writing
from app.errors import Conflict, LimitReached, NotFound, Refused
from app.models import now
from app.unguessable import hash_of

#: What the cookie has of a challenge, and how long it is good, in seconds.
CHALLENGE, GOOD_FOR_S = "passkey_challenge", 300
#: Passkeys of one account, and signs of a name.
MOST, LONGEST_NAME = 20, 80
#: Beside what the package raises: what is no answer of a browser at all.
WRONG = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)


def origin(settings: AccountSettings) -> str:
    """Where browsers reach the server: scheme, host and port."""
    asked = urlsplit(request.root_url)
    return settings.public_url or f"{asked.scheme}://{asked.netloc}"


def rp_id(settings: AccountSettings) -> str:
    """The host that passkeys are bound to."""
    return urlsplit(origin(settings)).hostname or ""


def new_challenge(purpose: str) -> bytes:
    """A challenge for this visitor, in the place of any before."""
    challenge = secrets.token_bytes(32)
    cookie[CHALLENGE] = [purpose, bytes_to_base64url(challenge), time.time()]
    return challenge


def use_challenge(purpose: str) -> bytes:
    """The visitor's challenge, which is used up by this. Raises Refused where there is none that is good."""
    kept = cookie.pop(CHALLENGE, None)
    if not isinstance(kept, list) or kept[0] != purpose or time.time() - kept[2] > GOOD_FOR_S:
        raise Refused("app.passkey_too_late")
    if not guesses().once(f"challenge {kept[1]}", GOOD_FOR_S + 1):
        raise Refused("app.passkey_too_late")
    return base64url_to_bytes(kept[1])


def options_to_register(session: Session, settings: AccountSettings, account: Account) -> dict[str, Any]:
    """What the browser is asked for, to make a passkey. Raises LimitReached."""
    known = passkeys_of(session, account.id)
    if len(known) >= MOST:
        raise LimitReached("app.most_passkeys", count=MOST)
    made = generate_registration_options(
        rp_id=rp_id(settings),
        rp_name="Belcanto",
        user_name=account.name,
        user_id=bytes.fromhex(account.id),
        challenge=new_challenge("register"),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential_id)) for row in known],
    )
    options: dict[str, Any] = json.loads(options_to_json(made))
    return options


def register(session: Session, settings: AccountSettings, account: Account, credential: Any, name: str) -> Passkey:
    """Keep the passkey that the browser made. Raises Refused for an answer that does not hold."""
    challenge = use_challenge("register")
    try:
        found = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=rp_id(settings),
            expected_origin=origin(settings),
            require_user_verification=True,
        )
    except WRONG as error:
        raise Refused("app.passkey_wrong") from error
    credential_id = bytes_to_base64url(found.credential_id)
    row = Passkey(account_id=account.id, credential_id=credential_id, credential_hash=hash_of(credential_id))
    row.name = clean_name(name) or "Passkey"
    row.public_key = base64.b64encode(found.credential_public_key).decode("ascii")
    row.sign_count, row.backed_up = found.sign_count, found.credential_backed_up
    with writing(session):
        if session.scalar(select(Passkey.id).where(Passkey.credential_hash == row.credential_hash)) is not None:
            raise Conflict("app.passkey_wrong")
        session.add(row)
    return row


def options_to_sign_in(settings: AccountSettings) -> dict[str, Any]:
    """What the browser is asked for, to sign in: any passkey of ours that it has. No name is asked for, so none is told."""
    made = generate_authentication_options(
        rp_id=rp_id(settings),
        challenge=new_challenge("sign-in"),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    options: dict[str, Any] = json.loads(options_to_json(made))
    return options


def sign_in(session: Session, settings: AccountSettings, credential: Any) -> Account:
    """Whose passkey has signed the challenge. Raises Refused for all else, in the same words."""
    challenge = use_challenge("sign-in")
    try:
        row = session.scalars(select(Passkey).where(Passkey.credential_hash == hash_of(str(credential["id"])))).one_or_none()
        account = session.get(Account, row.account_id) if row is not None else None
        if row is None or account is None or account.disabled_at is not None:
            raise Refused("app.passkey_wrong")
        handle = credential["response"].get("userHandle")
        if handle and base64url_to_bytes(handle) != bytes.fromhex(account.id):
            raise Refused("app.passkey_wrong")
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=rp_id(settings),
            expected_origin=origin(settings),
            credential_public_key=base64.b64decode(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except WRONG as error:
        raise Refused("app.passkey_wrong") from error
    with writing(session):
        row.sign_count, row.used_at, row.backed_up = found.new_sign_count, now(), found.credential_backed_up
    return account


def passkeys_of(session: Session, account_id: str) -> list[Passkey]:
    """The account's passkeys, the oldest first."""
    return list(session.scalars(select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.created_at, Passkey.id)))


def get_passkey(session: Session, account_id: str, passkey_id: str) -> Passkey:
    """One of the account's. Raises NotFound, also where it is somebody else's."""
    row = session.get(Passkey, passkey_id)
    if row is None or row.account_id != account_id:
        raise NotFound("app.no_such_passkey")
    return row


def rename(session: Session, account_id: str, passkey_id: str, name: str) -> None:
    """Call it otherwise. Raises NotFound, Refused for an empty name."""
    cleaned = clean_name(name)
    if not cleaned:
        raise Refused("app.title_empty")
    with writing(session):
        get_passkey(session, account_id, passkey_id).name = cleaned


def remove(session: Session, account: Account, passkey_id: str) -> None:
    """Take it away. Raises NotFound, and Conflict where the account could not be reached any more."""
    with writing(session):
        row = get_passkey(session, account.id, passkey_id)
        identities = select(func.count()).select_from(AccountIdentity).where(AccountIdentity.account_id == account.id)
        others = len(passkeys_of(session, account.id)) > 1 or session.scalars(identities).one()
        if account.password_hash is None and not others:
            raise Conflict("app.last_way_in")
        session.delete(row)


def clean_name(name: str) -> str:
    """The name on one line, as long as one may be."""
    return " ".join("".join(sign for sign in name if sign.isprintable()).split())[:LONGEST_NAME]
