"""Between a recipe and the film that it writes: a recipe says by `accounted` what it makes films of, and its films are signed.

That is all that a recipe knows of it. The film's frames are marked on their way, and the whole film is signed before it gets its
name (`core/finishing.py`).
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from core.errors import InputError
from core.finishing import FrameMarker, finishing, note_signed, stated
from provenance import ledger
from provenance.account import Account, file_digest, text_digest, told_options
from provenance.identity import remember_signer, signing_identity
from provenance.signing import MEDIA_TYPES, sign_film
from weights.used import opened_since

Asked = ParamSpec("Asked")
Made = TypeVar("Made")
#: The role of the film that is changed into another one.
FILM = "film"
MARK_VARIABLE, ON, OFF = "BELCANTO_MARK", "on", "off"


@dataclass
class FilmAccount:
    """A `Finisher` by what one recipe was given: files by role, texts by role, and its settings."""

    recipe: str
    files: Mapping[str, Path] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    settings: object = None
    mark: str = field(default_factory=ledger.new_mark)
    _marked: bool = False

    def marker(self, width: int, height: int) -> FrameMarker | None:
        """See `Finisher`. Whoever runs the program may have turned marks off."""
        if not marks_films():
            return None
        from provenance.mark.embedding import FilmMark

        self._marked = True
        return FilmMark(int(self.mark, 16), width, height)

    def finish(self, part: Path, suffix: str, engines: tuple[str, ...]) -> None:
        """See `Finisher`. Files of a kind that holds no manifest stay as they are."""
        if suffix not in MEDIA_TYPES:
            return
        account, identity = self.account(engines), signing_identity()
        sign_film(part, suffix, account, identity, self.files.get(FILM))
        try:
            remember_signer(identity)
            self._keep(account, part)
        except OSError as error:
            raise InputError("provenance.not_signed", reason=error.strerror or error) from error

    def account(self, engines: tuple[str, ...]) -> Account:
        """What is told of the film."""
        ingredients: dict[str, Any] = {role: file_digest(path) for role, path in self.files.items()}
        options = told_options(self.settings) | {role: text_digest(text) for role, text in self.texts.items()}
        return Account(
            self.recipe,
            engines,
            opened_since(),
            options,
            ingredients,
            FILM in self.files,
            stated(),
            self.mark,
            self._marked,
        )

    def _keep(self, account: Account, signed: Path) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        told = account.as_json() | {"stated": dict(account.stated)}
        note_signed(self.mark)
        ledger.keep(ledger.KeptAccount(self.mark, at, file_digest(signed), signed.stat().st_size, told))


def marks_films(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether films get the invisible mark: `BELCANTO_MARK`, on or off. Raises `InputError` for anything else."""
    value = environment.get(MARK_VARIABLE) or ON
    if value not in (ON, OFF):
        raise InputError("provenance.mark_on_or_off", value=value)
    return value == ON


def accounted(recipe: str, *roles: str) -> Callable[[Callable[Asked, Made]], Callable[Asked, Made]]:
    """Around a recipe: the films that it writes are signed.

    recipe: what the account calls it. roles: those of its parameters that are its ingredients, each a path, several, a text, or
    None; its parameter `settings` is what it was told. The parameter `film` is the film that it changes into another one.
    """

    def around(make: Callable[Asked, Made]) -> Callable[Asked, Made]:
        signature = inspect.signature(make)

        @wraps(make)
        def made(*given: Asked.args, **named: Asked.kwargs) -> Made:
            bound = signature.bind(*given, **named)
            values = {role: bound.arguments.get(role) for role in roles}
            texts = {role: value for role, value in values.items() if isinstance(value, str)}
            with finishing(FilmAccount(recipe, files_of(values), texts, bound.arguments.get("settings"))):
                return make(*given, **named)

        return made

    return around


def files_of(values: Mapping[str, object]) -> dict[str, Path]:
    """The files among a recipe's ingredients; several of one role are numbered from 1."""
    files = {role: value for role, value in values.items() if isinstance(value, Path)}
    for role, value in values.items():
        if isinstance(value, Iterable) and not isinstance(value, str):
            files |= {f"{role} {number}": each for number, each in enumerate(value, start=1) if isinstance(each, Path)}
    return files
