"""All rows that are about a person, in one list: what the person may take along, and what goes when everything is erased."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, inspect, select
from sqlalchemy.orm import Session

from app.accounts.models import Account, AccountCode, AccountIdentity, AccountSession, Passkey
from app.key_models import DataKeyRow
from app.link_models import ShareLink
from app.model_base import Base
from app.models import Asset, IdempotencyKey, Job, JobEvent, JobInput, Person, Upload, Work, WorkInput
from app.notices.models import NoticeAddress
from app.shelf_models import Album, AlbumAsset, AlbumWork, AssetTag, WorkTag
from app.token_models import ApiToken

Row = dict[str, Any]


@dataclass(frozen=True)
class Belonging:
    """A table with rows about people.

    name: as a person reads it. of: which rows are somebody's. secret: columns that are the server's own or open something, and
    are not given out. at_once: whether the rows go as soon as the person wants all erased; works, assets and jobs go with their
    files, once nobody is at work on them, and an account stays.
    """

    name: str
    model: type[Base]
    of: Callable[[str], ColumnElement[bool]]
    secret: frozenset[str] = frozenset()
    at_once: bool = True


def theirs(model: Any) -> Callable[[str], ColumnElement[bool]]:
    """The rows that name the person themselves."""
    return lambda person_id: model.person_id == person_id


def through(column: Any, model: Any) -> Callable[[str], ColumnElement[bool]]:
    """The rows that hang on a row of `model` that names the person."""
    return lambda person_id: column.in_(select(model.id).where(model.person_id == person_id))


def of_account(model: Any) -> Callable[[str], ColumnElement[bool]]:
    """The rows that hang on the person's account."""
    return through(model.account_id, Account)


#: In the order in which they can be deleted: what points at others comes first.
BELONGINGS: tuple[Belonging, ...] = (
    Belonging("links", ShareLink, theirs(ShareLink), frozenset({"secret_sha256"})),
    Belonging("tokens", ApiToken, theirs(ApiToken), frozenset({"secret_sha256"})),
    Belonging("tags of songs and pictures", AssetTag, theirs(AssetTag)),
    Belonging("tags of films", WorkTag, theirs(WorkTag)),
    Belonging("songs and pictures in albums", AlbumAsset, through(AlbumAsset.album_id, Album)),
    Belonging("films in albums", AlbumWork, through(AlbumWork.album_id, Album)),
    Belonging("albums", Album, theirs(Album)),
    Belonging("browsers that are told", NoticeAddress, theirs(NoticeAddress), frozenset({"p256dh", "auth", "key"})),
    Belonging("answers kept for repeated requests", IdempotencyKey, theirs(IdempotencyKey)),
    Belonging("uploads", Upload, theirs(Upload), frozenset({"origin"})),
    Belonging("what happened to jobs", JobEvent, through(JobEvent.job_id, Job), at_once=False),
    Belonging("what jobs work on", JobInput, through(JobInput.job_id, Job), at_once=False),
    Belonging("jobs", Job, theirs(Job), frozenset({"owner"}), at_once=False),
    Belonging("what films were made of", WorkInput, through(WorkInput.work_id, Work), at_once=False),
    Belonging("films and other works", Work, theirs(Work), at_once=False),
    Belonging("songs, pictures and films given", Asset, theirs(Asset), at_once=False),
    Belonging("keys of files", DataKeyRow, theirs(DataKeyRow), frozenset({"wrapped", "master_id"}), at_once=False),
    Belonging("sign-ins", AccountSession, of_account(AccountSession), frozenset({"token_hash"}), at_once=False),
    Belonging("one-time codes", AccountCode, of_account(AccountCode), frozenset({"code_hash"}), at_once=False),
    Belonging("accounts elsewhere", AccountIdentity, of_account(AccountIdentity), at_once=False),
    Belonging("passkeys", Passkey, of_account(Passkey), frozenset({"credential_hash"}), at_once=False),
    Belonging("account", Account, theirs(Account), frozenset({"password_hash"}), at_once=False),
    Belonging("person", Person, lambda person_id: Person.id == person_id, frozenset({"origin"}), at_once=False),
)


def rows_of(session: Session, belonging: Belonging, person_id: str) -> list[Row]:
    """The person's rows of that table, without what is secret, as JSON has them."""
    query = select(belonging.model).where(belonging.of(person_id)).execution_options(populate_existing=True)
    return [as_json(row, belonging.secret) for row in session.scalars(query).unique()]


def as_json(row: Base, secret: frozenset[str]) -> Row:
    """The row's own columns; those of other kinds of the table, which are empty, are left out."""
    names = [attribute.key for attribute in inspect(type(row)).column_attrs if attribute.key not in secret]
    values = {name: getattr(row, name) for name in names}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def everything_about(session: Session, person_id: str) -> Mapping[str, Sequence[Row]]:
    """All rows about the person, by table; tables without any are left out."""
    found = {each.name: rows_of(session, each, person_id) for each in reversed(BELONGINGS)}
    return {name: rows for name, rows in found.items() if rows}
