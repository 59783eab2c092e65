"""A state of a page, and what is done on many pages to bring one about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Page

#: nobody: who was never here. settled: who has one of everything. busy: who has films in the making. On a server with accounts,
#: stranger: who has none; signed: who has what settled has; administrator.
Who = Literal["nobody", "settled", "busy", "stranger", "signed", "administrator"]
#: Those who are at the server with accounts.
AT_ACCOUNTS: tuple[Who, ...] = ("stranger", "signed", "administrator")
Act = Callable[[Page], None]


@dataclass(frozen=True)
class PageState:
    """name: of its pictures. path: its address, with names of ids in braces. act: what is done there, by the page's script."""

    name: str
    path: str
    who: Who = "settled"
    act: Act | None = None


def unfolded(page: Page) -> None:
    """Open every fold."""
    page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
