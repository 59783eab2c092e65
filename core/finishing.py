"""What is done to every film before it gets its name: its frames are marked, and it is signed with an account of how it was made.

A recipe opens `finishing` around its work; whoever writes a finished film (`media/film_writer.py`, and what ffmpeg writes in one
run) asks `finisher()` and hands the whole file to `publish`. Films that no recipe makes, as those of benchmarks, have none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Protocol

from core.contracts import ByteArray
from core.output_files import give_usual_rights


class Finisher(Protocol):
    """Marks and signs one film. mark: the number that its frames are marked with, in hexadecimal digits."""

    mark: str

    def marker(self, width: int, height: int) -> FrameMarker | None:
        """What marks the film's frames of that size, in pixels; None where they stay as they are."""
        ...

    def finish(self, part: Path, suffix: str, engines: tuple[str, ...]) -> None:
        """Sign the whole film that lies at `part`, in its place. suffix: of its name, `.mp4`. engines: names of those that drew.

        Raises `InputError` where that can't be done; then the film must not get its name.
        """
        ...


class FrameMarker(Protocol):
    """Marks frames of one size."""

    def mark(self, luma: ByteArray) -> None:
        """Mark a frame's luma (H, W) uint8 in its place."""
        ...


_finisher: ContextVar[Finisher | None] = ContextVar("finisher", default=None)
_stated: ContextVar[Mapping[str, Any]] = ContextVar("stated", default={})  # noqa: B039 (never changed)


_signed: list[str] = []


def note_signed(number: str) -> None:
    """Remember that a film of that number was signed in this process."""
    _signed.append(number)


def signed_films() -> tuple[str, ...]:
    """The numbers of the films that were signed in this process, in their order."""
    return tuple(_signed)


def finisher() -> Finisher | None:
    """Who marks and signs the film that is being made; None: nobody."""
    return _finisher.get()


@contextmanager
def finishing(by: Finisher) -> Iterator[None]:
    """Around a recipe. Of a recipe that another one calls, the inner one's finisher counts: it knows what it makes films of."""
    token = _finisher.set(by)
    try:
        yield
    finally:
        _finisher.reset(token)


def stated() -> Mapping[str, Any]:
    """What the person stated before the film was made, see `stating`; empty: nothing."""
    return _stated.get()


@contextmanager
def stating(statement: Mapping[str, Any]) -> Iterator[None]:
    """Around work that a person ordered. statement: `at`, a time in ISO 8601, and `wording`, the version of what was said."""
    token = _stated.set(dict(statement))
    try:
        yield
    finally:
        _stated.reset(token)


def publish(part: Path, path: Path, engines: tuple[str, ...] = ()) -> None:
    """Sign the finished film at `part`, and give it its name, all at once. Raises OSError, and what the finisher raises."""
    if (by := finisher()) is not None:
        by.finish(part, path.suffix.lower(), engines)
    give_usual_rights(part)
    part.replace(path)
