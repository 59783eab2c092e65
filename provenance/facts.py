"""An account of a film in plain words and lines, for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.messages import Message, message

Row = tuple[Message, Message | str]


def account_rows(account: Mapping[str, Any]) -> Iterator[Row]:
    """What is told of how a film was made, each with its name."""
    if not account:
        return
    yield message("provenance.row_recipe"), str(account.get("recipe", ""))
    if account.get("engines"):
        yield message("provenance.row_engines"), ", ".join(map(str, account["engines"]))
    for weight in account.get("weights", ()):
        digest = str(weight.get("sha256", ""))[:16]
        yield message("provenance.row_weight", name=weight.get("name", "")), f"{weight.get('licence', '')}, SHA-256 {digest} …"
    for name, value in dict(account.get("options", {})).items():
        yield message("provenance.row_option", name=name), option_words(value)
    for role, digest in dict(account.get("ingredients", {})).items():
        yield message("provenance.row_ingredient", role=role), f"SHA-256 {str(digest)[:16]} …"
    stated = dict(account.get("stated") or {})
    if stated.get("at"):
        yield (
            message("provenance.row_stated"),
            message("provenance.stated_at", at=stated["at"], wording=stated.get("wording", "?")),
        )
    else:
        yield message("provenance.row_stated"), message("provenance.not_stated")


def option_words(value: Any) -> str | Message:
    """An option's value; of a text, what is kept of it."""
    if isinstance(value, Mapping) and "sha256" in value:
        return message("provenance.hidden_text", digest=value["sha256"][:16], count=value.get("characters", 0))
    return str(value)


def account_lines(account: Mapping[str, Any]) -> list[str]:
    """The same for a terminal."""
    return [f"{name}: {value}" for name, value in account_rows(account)]
