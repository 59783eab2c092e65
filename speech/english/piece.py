"""A piece of English text in its place: what stands before and after it decides how it is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """core: without its punctuation. before, after: those of its neighbours, empty at the edges. dotted: a full stop follows."""

    core: str
    before: str
    after: str
    dotted: bool
    british: bool

    @property
    def low(self) -> str:
        """In small letters."""
        return self.core.lower()

    @property
    def low_before(self) -> str:
        """What stands before it, in small letters."""
        return self.before.lower()

    @property
    def low_after(self) -> str:
        """What stands after it, in small letters and without full stops."""
        return self.after.lower().replace(".", "")

    @property
    def before_name(self) -> bool:
        """Whether a word with a capital follows."""
        return self.after[:1].isupper()
