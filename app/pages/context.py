"""What the pages need of a request: the application's parts under short names, and addresses to come back to."""

from __future__ import annotations

from typing import TypeAlias
from urllib.parse import urlsplit

from flask import request
from flask import session as cookie_session
from werkzeug.wrappers import Response

from app.context import app_settings, current_person_id, db_session
from app.languages import LANGUAGES

#: What a page's function may give back.
Answer: TypeAlias = str | Response | tuple[str | Response, int]

settings = app_settings
session = db_session
person_id = current_person_id


def asked_days() -> int:
    """For how many days something shall hold, as the form's field `days` says; 0, which is refused, for what is no number."""
    text = request.form.get("days", "")
    return int(text) if text.isdecimal() and len(text) < 5 else 0


def keep_language(code: str) -> None:
    """Remember the language, if it is one of ours."""
    if code in LANGUAGES:
        cookie_session["language"] = code
        cookie_session.permanent = True


def safe_address(wanted: str | None, otherwise: str) -> str:
    """The address to go to, if it is one of this site; a page from elsewhere must not send people away."""
    if not wanted or not wanted.startswith("/") or any(character in wanted for character in "\\\r\n\t"):
        return otherwise
    parts = urlsplit(wanted)
    return wanted if not parts.scheme and not parts.netloc and not wanted.startswith("//") else otherwise
