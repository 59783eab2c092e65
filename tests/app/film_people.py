"""People in a film as the pipeline tells them, for tests in which no film is looked at."""

from __future__ import annotations

import zipfile

from core.messages import message
from pipeline.works.film_faces import FILM_FACES, picture_name

HUMAN, TURNED = {"human": True, "reason": None}, {"human": True, "reason": message("pipeline.always_turned").as_json()}


def person(number, seen=1.0, clear=1.0, **more):
    """One of them."""
    return {"number": number, "seen": seen, "clear": clear, "best_s": 0.5, "chosen": number == 1, **HUMAN, **more}


#: Two who can have other lips, and one who can't.
PEOPLE = [person(1, 0.92), person(2, 0.5, 0.25), person(3, 0.2, 0.0, **TURNED)]


def found(people=PEOPLE, start_s=0.0, duration_s=8.0):
    """What `pipeline/works/film_faces.py` tells."""
    return {"start_s": start_s, "duration_s": duration_s, "width": 96, "height": 64, "faces": people, "notes": []}


def find_people(store, people=PEOPLE, **part):
    """Do the work of that kind that waits, as a worker would; gives its order."""
    order = next(each for each in iter(lambda: store.claim("a@x", "soon"), None) if each.kind == FILM_FACES.name)
    with zipfile.ZipFile(order.outputs["pictures"], "w") as archive:
        for each in people:
            archive.writestr(picture_name(each["number"]), f"picture {each['number']}")
    store.finish(order.job_id, "a@x", found(people, **part), {"pictures": order.outputs["pictures"].name})
    return order
