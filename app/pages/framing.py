"""The frame around a drawn face, as the second step shows it: found by the program, or set by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from app.models import Picture
from app.pages.choice import EDGES, Choice
from app.pages.view import drawn_faces
from app.services.orders import check_frame, meant_face
from app.wording import in_person_words, in_words
from core.errors import BelcantoError
from core.options import option_of
from faces.upright import TURNED
from pipeline.film_option_kinds import Frame
from pipeline.film_settings import SongToVideoSettings


@dataclass(frozen=True)
class Framing:
    """typed: the four fields, as they are shown. found: where the program found the face.

    own: a frame set by hand that can be used; problem: why the one that was set can't.
    """

    typed: tuple[str, ...]
    found: Frame | None
    own: Frame | None = None
    problem: str | None = None

    @property
    def edges(self) -> Frame | None:
        """The frame in effect: left, top, right, bottom in pixels of the picture."""
        return self.own or (None if self.problem else self.found)

    @property
    def fields(self) -> dict[str, str]:
        """The fields' values by name."""
        return dict(zip(EDGES, self.typed, strict=True))

    def carried(self) -> str:
        """As the address carries it: nothing where the program's own frame is meant."""
        return text_of(self.own) if self.own and self.own != self.found else ""


def text_of(frame: Frame) -> str:
    """The frame as the address carries it."""
    return ",".join(f"{edge:.0f}" for edge in frame)


def framing_of(picture: Picture, choice: Choice) -> Framing | None:
    """How the picture's face is framed; None for a picture in which human faces are counted."""
    if choice.kind == "photo" or not (choice.takes_for_drawing(picture) or choice.frame):
        return None
    found = found_frame(picture)
    if not choice.frame:
        return Framing(tuple(text_of(found).split(",")) if found else ("",) * 4, found)
    typed = (*choice.frame.split(","), "", "", "", "")[:4]
    try:
        own = option_of(SongToVideoSettings, "frame").read(choice.frame)
        check_frame(picture, own)
    except BelcantoError as error:
        return Framing(typed, found, problem=in_person_words(error))
    return Framing(tuple(text_of(own).split(",")), found, own)


def found_frame(picture: Picture) -> Frame | None:
    """Where the program found the face of a drawing, or the largest of what it took for a photo; None where it found none."""
    faces = drawn_faces(picture)
    if not faces:
        return None
    face = max(faces, key=lambda each: each.height)
    left, top, right, bottom = (float(round(edge)) for edge in (face.x, face.y, face.x + face.width, face.y + face.height))
    return left, top, right, bottom


def singer_of(picture: Picture, choice: Choice) -> dict[str, Any] | None:
    """The options of the order that say who sings; None where the person must still choose or frame."""
    framing = framing_of(picture, choice)
    if framing is None:
        shown = face_choice(picture, choice)
        if shown["chosen_face"] is None or (shown["animal"] and not choice.animals):
            return None
        turn_back = bool(picture.turned and choice.lying)
        return {"face": shown["chosen_face"], "allow_animals": shown["animal"], "turn_back": turn_back}
    if framing.edges is None:
        return None
    if not picture.drawing:  # whose faces were not looked for as drawn ones: the one that is shown is the one that is meant
        return {"frame": text_of(framing.edges)}
    return {"frame": framing.carried() or None}


def picture_choice(picture: Picture, choice: Choice, onward: bool) -> dict[str, Any]:
    """What the page of the second step shows of the picture.

    onward: whether the person wants to go on, so that it is said what lacks.
    """
    shown = face_choice(picture, choice)
    framing = framing_of(picture, choice)
    if framing is None:
        problem = lacking_face(shown, choice) if onward else None
        onward_as = {"framing": None, "problem": problem, "turned": in_words(TURNED[picture.turned]) if picture.turned else None}
        return {**shown, **kind_shown(picture, choice), **onward_as}
    problem = framing.problem
    if onward and framing.edges is None and problem is None:
        problem = gettext("Frame the face first: no face was found in this drawing.")
    drawn = {"faces": [], "usable": True, "many": False, "chosen_face": None, "animal": False}
    return {**drawn, **kind_shown(picture, choice), "framing": framing, "problem": problem, "turned": None}


def lacking_face(shown: dict[str, Any], choice: Choice) -> str | None:
    """What the person must say first of the picture's faces; None where nothing lacks."""
    if shown["animal"] and not choice.animals:
        if choice.drive:
            return gettext("Allow an animal to move first, or choose a picture of a person.")
        return gettext("Allow an animal to sing first, or choose a picture of a person.")
    if not shown["usable"] or shown["chosen_face"] is not None:
        return None
    return gettext("Choose the face that is to move.") if choice.drive else gettext("Choose the face that sings.")


def kind_shown(picture: Picture, choice: Choice) -> dict[str, Any]:
    """What the picture is taken for, and what it was found to be; where that is the same, the address needs not say it."""
    as_drawing = choice.takes_for_drawing(picture) or bool(choice.frame and choice.kind is None)
    found = "drawing" if picture.drawing else "photo"
    return {"kind": "drawing" if as_drawing else "photo", "found_kind": found}


def face_choice(picture: Picture, choice: Choice) -> dict[str, Any]:
    """The picture's faces, whether one of them can sing, and which one is chosen; None where the person must say.

    animal: whether they are animals', which sing only where the person says so.
    """
    faces, counted = drawn_faces(picture, drawing=False), picture.faces_as(drawing=False)
    able = [face.number for face in faces if face.ok]
    asked = int(choice.face) if choice.face and choice.face.isascii() and choice.face.isdecimal() else None
    chosen = asked if asked in able else meant_face(counted) if able else None
    return {
        "faces": faces,
        "usable": bool(able),
        "many": len(faces) > 1,
        "chosen_face": chosen if chosen in able else None,
        "animal": any(face.animal for face in faces),
    }
