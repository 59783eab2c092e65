"""The people in a film as its dub's page shows them: being looked for, or with their pictures, to be ticked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import format_percent, gettext

from app.models import Clip, Job
from app.pages.choice import Part
from app.pages.context import person_id, session, settings
from app.services.film_faces import ask_faces, faces_found
from app.wording import in_person_words, kept_in_words
from core.errors import BelcantoError, InputError
from pipeline.dub_option_kinds import ALL, face_numbers

#: By how much less somebody is seen clearly than at all, as a share of the part, so that it is said.
NOTABLE = 0.005


@dataclass(frozen=True)
class ShownPerson:
    """One of them. seen: for how much of the part, in words. reason: why it can't have other lips."""

    number: int
    seen: str
    ticked: bool
    picture: str
    reason: str


@dataclass(frozen=True)
class ShownPeople:
    """What the page shows of them.

    address: where the script asks for them. sought: whether they are still being found; share: how much of that is done, 0 to 1.
    problem: why nobody can be shown. everybody: whether all are ticked, whoever they are.
    """

    address: str
    sought: bool = False
    share: float = 0.0
    problem: str = ""
    people: tuple[ShownPerson, ...] = ()
    everybody: bool = False

    @property
    def able(self) -> int:
        """How many of them can have other lips."""
        return sum(not person.reason for person in self.people)


def people_in(clip: Clip, part: Part, faces: str) -> ShownPeople:
    """Who is in that part of the clip; asked for the first time, they begin to be looked for, in place of other parts' people.

    faces: who is chosen, as the option `face` has it.
    """
    asked = {"start_s": part.start_s, "duration_s": part.duration_s}
    in_address = {name: f"{value:.10g}" for name, value in asked.items() if value}
    address = url_for("api.clip_faces", clip_id=clip.id, **in_address)  # type: ignore[arg-type]
    try:
        job = ask_faces(session(), settings(), person_id(), clip.id, part.start_s, part.duration_s, instead=True)
    except BelcantoError as error:
        return ShownPeople(address, problem=in_person_words(error))
    if job.state == "failed":
        return ShownPeople(address, problem=kept_in_words(job.failure))
    if job.state != "done":
        return ShownPeople(address, sought=True, share=job.share or 0.0)
    people = people_found(job, clip, in_address, faces)
    return ShownPeople(address, people=people, everybody=faces == ALL)


def people_found(job: Job, clip: Clip, part: Mapping[str, str], faces: str) -> tuple[ShownPerson, ...]:
    """Everybody whom the job has found."""
    named = numbers_in(faces)

    def ticked(face: Mapping[str, Any]) -> bool:
        if faces == ALL:
            return not face["reason"]
        return face["number"] in named if named else bool(face["chosen"])

    return tuple(
        ShownPerson(
            number=face["number"],
            seen=seen_words(face, bool(part)),
            ticked=ticked(face),
            picture=url_for("api.clip_face_thumbnail", clip_id=clip.id, number=face["number"], **part),  # type: ignore[arg-type]
            reason=kept_in_words(face["reason"]),
        )
        for face in faces_found(job)["faces"]
    )


def numbers_in(faces: str) -> tuple[int, ...]:
    """The numbers that are named; none in what can't be read, of which the form's field tells."""
    try:
        return face_numbers(faces) if faces else ()
    except (InputError, ValueError):
        return ()


def seen_words(face: Mapping[str, Any], is_part: bool) -> str:
    """For how much of the film, or of the part, somebody is there, and clear enough for other lips where that is much less."""
    seen, clear = format_percent(face["seen"]), format_percent(face["clear"])
    said = [
        gettext("Seen in %(share)s of the part.", share=seen)
        if is_part
        else gettext("Seen in %(share)s of the film.", share=seen)
    ]
    if not face["reason"] and face["seen"] - face["clear"] >= NOTABLE:
        said.append(gettext("Clearly enough in %(share)s.", share=clear))
    if not face["human"]:
        said.append(gettext("Most likely an animal."))
    return " ".join(said)
