"""A face of a picture as the database keeps it."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from app.model_base import Kept


class FoundFace(TypedDict):
    """A face of a picture.

    number: counted from 1, from left to right. box: [left, top, right, bottom] as parts of the picture's width and height (0 to
    1, a little outside where the border cuts it). ok: whether it can sing; reason: why not, else None. person: a
    human face in a drawing, which counts where somebody says that the picture is none; numbered apart from the drawn one.
    animal: most likely an animal's, which sings only where that is allowed. advice: what would make its film better.
    tilt_deg: how far its eyes lean to the right of level; of pictures that were looked at before that was asked it lacks.
    """

    number: int
    box: list[float]
    ok: bool
    reason: NotRequired[Kept | None]
    person: NotRequired[bool]
    animal: NotRequired[bool]
    advice: NotRequired[Kept]
    tilt_deg: NotRequired[float]
