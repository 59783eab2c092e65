"""The blueprint of the accounts' pages, and what several of them need."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response, request, url_for

from app.accounts.guarding import ACCOUNTS_BLUEPRINT
from app.pages.context import safe_address

blueprint = Blueprint(ACCOUNTS_BLUEPRINT, __name__)
View = TypeVar("View", bound=Callable[..., object])


def for_signed_in(view: View) -> View:
    """Keep the view behind the gate; others of these pages are the way in, and open to anybody."""
    view.for_signed_in = True  # type: ignore[attr-defined]
    return view


def onward() -> str:
    """Where to go after signing in: to the page that was asked for, if it is one of ours."""
    return safe_address(request.values.get("next"), url_for("pages.home"))


@blueprint.after_request
def keep_nothing(answer: Response) -> Response:
    """Neither the browser nor anything on the way keeps these pages."""
    answer.headers["Cache-Control"] = "no-store"
    return answer
