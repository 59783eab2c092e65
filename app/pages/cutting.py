"""A picture is cut, straightened, turned or mirrored: what is left becomes a picture of its own."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from app.handing_in import hand_in_cut, settle
from app.making_texts import for_cutting
from app.models import Picture
from app.option_fields import form_of
from app.pages.blueprint import blueprint
from app.pages.choice import EDGES, Choice
from app.pages.context import Answer
from app.pages.looks import go_on
from app.pages.wizard import find_picture
from app.texts import for_scripts
from app.wording import in_person_words
from core.errors import BelcantoError
from core.options import declared_options
from pipeline.picture_cut import STRAIGHT_DEG, PictureCut


@blueprint.route("/image/cut", methods=["GET", "POST"])
def cut() -> Answer:
    """What is to be left of the chosen picture; then that picture, with which the second step goes on."""
    choice = Choice.from_mapping(request.form if request.method == "POST" else request.args)
    picture = find_picture(choice)
    if picture is None:
        return redirect(url_for("pages.image", **choice.without("picture").query()))
    form = form_of(declared_options(PictureCut))(formdata=request.form if request.method == "POST" else None)
    problem = None
    if request.method == "POST":
        problem = " ".join(str(each) for errors in form.errors.values() for each in errors) or None
        try:
            if form.validate():
                ticket = hand_in_cut(picture, PictureCut.from_json({**form.values(), "frame": frame_given(picture)}))
                if settle(ticket):
                    return go_on(ticket, choice)
                return redirect(url_for("pages.image", **choice.without("picture").query(), look=ticket.id), 303)
        except BelcantoError as error:
            problem = in_person_words(error)
    edges = {name: request.form.get(name, "") for name in EDGES}
    shown = {"form": form, "picture": picture, "edges": edges, "problem": problem, "tilt_deg": tilt_of(picture)}
    texts = {**for_scripts(), **for_cutting()}
    page = render_template("cut.html", choice=choice, most_deg=STRAIGHT_DEG, script_texts=texts, **shown)
    return page, 422 if request.method == "POST" else 200


def frame_given(picture: Picture) -> list[Any] | None:
    """The four fields; None where none is filled in. One that lacks goes up to the picture's border on that side."""
    given = [request.form.get(name, "").strip() for name in EDGES]
    if not any(given):
        return None
    lying = request.form.get("turn") in ("left", "right")
    width, height = (picture.height, picture.width) if lying else (picture.width, picture.height)
    return [each or str(edge) for each, edge in zip(given, (0, 0, width, height), strict=True)]


def tilt_of(picture: Picture) -> float | None:
    """How far the eyes of the largest face lean to the right of level, in degrees; None where that is not known."""
    known = [face for face in picture.faces if "tilt_deg" in face]
    largest = max(known, key=lambda face: face["box"][3] - face["box"][1], default=None)
    return None if largest is None else float(largest["tilt_deg"])
