"""The portrait as the film needs it: the picture at the film's size, the face that sings, enhanced where it is small, and the
engine that suits it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.contracts import Face, Keep, Portrait, Progress
from core.engine_card import EngineCard
from core.errors import InputError
from core.film_stages import PORTRAIT
from core.messages import Message, message, message_from_json
from drawing.resizing import resized
from faces.face_choice import advice_about, check_animals, people_or_animals
from faces.faces import FaceFinder, FaceFinderSettings, choose_face, find_upright
from faces.tongue import has_tongue
from faces.tongue_removal import without_tongue
from faces.upright import TURNED
from filters.enhance import enhance_portrait
from media.boxed_pictures import load_given_picture
from media.pictures import Picture
from pipeline.cache import file_digest, source_version
from pipeline.engine_list import AUTO, engine_named, for_drawings
from pipeline.engines import engine_for, is_drawing, without_border
from pipeline.film_settings import DEFAULT_MAX_HEIGHT, SongToVideoSettings
from pipeline.run import Run
from pipeline.stages import ROOT, opened, package_version

#: Rooms beside its own by which an engine makes something of a portrait.
DRAWERS = ("drawing", "neural")
PORTRAIT_NAME = "portrait.npz"
#: Widest film in pixels; beyond it players of films give up.
MAX_WIDTH = 3840
#: A face lower than this in the film moves its lips by single pixels.
SMALL_FACE_PX = 48
SMALL_FACE = "pipeline.small_face_in_film"
#: Programs whose change makes a stored portrait another one.
MAKERS = (
    *("pipeline/portrait_step.py", "pipeline/face_check.py", "pipeline/engines.py", "pipeline/engine_list.py"),
    *("faces/*.py", "media/pictures.py", "media/picture_mending.py", "filters/enhance.py"),
)


def find_portrait(run: Run, path: Path, settings: SongToVideoSettings) -> tuple[Portrait, EngineCard]:
    """The portrait in the picture `path` at the film's height, even in both sides, and the engine that moves it.

    Raises `InputError` where the picture can't be read or has no face that the engine can take.
    """
    with run.stage(PORTRAIT) as progress:
        portrait, engine, notes = stored_portrait(run, path, settings, progress)
        if engine.drawings is not None and asked_height(settings):
            usual, _, _ = stored_portrait(run, path, replace(settings, height=None), progress)
            portrait = replace(portrait, usual=usual)
        run.note(*(note for note in notes if is_said(note, settings)))
        progress(PORTRAIT, 1, 1)
        return portrait, engine


def stored_portrait(
    run: Run, path: Path, settings: SongToVideoSettings, progress: Progress
) -> tuple[Portrait, EngineCard, list[Message]]:
    """What `prepare` gives, which is kept, and keeps in turn what the engine makes of it."""
    version = source_version(*(path for name in MAKERS for path in sorted(ROOT.glob(name))))
    choices = {
        "face": settings.face,
        "frame": settings.face_frame,
        "animals": settings.allow_animals,
        "height": asked_height(settings),
        "engine": settings.engine,
        "drawings": package_version(for_drawings().package),  # which finds drawn faces
    }

    def make(folder: Path) -> None:
        save(folder / PORTRAIT_NAME, *prepare(path, settings, progress))

    folder, key = run.cached(PORTRAIT, version, {"picture": file_digest(path)}, choices, make)
    portrait, engine, notes = load(folder / PORTRAIT_NAME)
    return replace(portrait, keep=keep_of(run, key, engine)), engine, notes


def keep_of(run: Run, key: str, engine: EngineCard) -> Keep:
    """Keeps what the engine makes of the portrait of that key, by all programs that it may be made by."""

    def keep(choices: Mapping[str, object], make: Callable[[Path], None]) -> Path:
        version = " ".join(map(package_version, (engine.package, *DRAWERS)))
        folder, _ = run.cached(PORTRAIT, version, {"portrait": key}, choices, make)
        return folder

    return keep


def is_said(note: Message, settings: SongToVideoSettings) -> bool:
    """Whether a note about the portrait holds for what is made of it: a film that lies again, a preview smaller than the film."""
    if settings.preview and note.code == SMALL_FACE:
        return False
    return not (settings.turn_back and note in TURNED.values())


def prepare(path: Path, settings: SongToVideoSettings, progress: Progress) -> tuple[Portrait, EngineCard, list[Message]]:
    """Load, find, enhance, resize: the portrait, the engine that suits it, and notes about what was done."""
    picture = without_border(load_given_picture(path))
    engine, reason = engine_for(picture, settings)
    picture, face = find_face(picture, engine, settings)
    tongue = not engine.drawn and has_tongue(picture.image, face)
    if tongue:
        picture = replace(picture, image=without_tongue(picture.image, face))
    own_height, own_width = picture.image.shape[:2]
    height, width = film_size(own_height, own_width, asked_height(settings))
    image, notes = picture.image, [*([reason] if reason else []), *picture.notes]
    if not engine.drawn:  # the network that enhances knows skin, not lines
        enhanced = enhance_portrait(picture.image, face, height, progress=progress)
        image, notes = enhanced.image, [*notes, *([enhanced.reason] if enhanced.applied else [])]
    image = resized(image, height, width)
    alpha = None if picture.alpha is None else resized(picture.alpha, height, width)
    portrait = Portrait(image, scaled(face, width / own_width, height / own_height), alpha, picture.turned)
    top, bottom = portrait.face.box[1], portrait.face.box[3]
    if bottom - top < SMALL_FACE_PX:
        notes.append(message(SMALL_FACE, height=bottom - top))
    advice = None if engine.drawn else advice_about(face, tongue=tongue)
    if advice:
        notes.append(advice)
    if not face.human:
        notes.append(message("pipeline.animal_without_teeth"))
    return portrait, engine, notes


def find_face(picture: Picture, engine: EngineCard, settings: SongToVideoSettings) -> tuple[Picture, Face]:
    """The picture, turned upright where it lay, and the face that sings, found in the way of the engine.

    Raises `InputError` where it has none of that kind.
    """
    if engine.drawings is None:
        with FaceFinder(settings=FaceFinderSettings(animals=True)) as finder:
            picture, faces = find_upright(picture, finder)
        faces = people_or_animals(faces)
        if faces and not faces[0].human and is_drawing(picture):  # a drawn face, which this engine moves as if it were painted
            faces = [replace(face, human=True) for face in faces]
        check_animals(faces, settings.allow_animals)
        return picture, choose_face(faces, settings.face, (picture.image.shape[1], picture.image.shape[0]))
    if settings.face not in (None, 1):
        raise InputError("pipeline.faces_of_drawings_not_counted", number=settings.face)
    with opened(engine.install):
        return picture, engine.drawings.find_face(picture.image, settings.face_frame)


def asked_height(settings: SongToVideoSettings) -> int | None:
    """Height in pixels that was asked for of the whole picture; None where the head is cut out of it and brought to a height."""
    alone = settings.engine != AUTO and engine_named(settings.engine).head_alone(settings)
    return None if alone else settings.height


def film_size(own_height: int, own_width: int, asked_height: int | None) -> tuple[int, int]:
    """(height, width) of the film for a picture of that size: even numbers, its proportions kept to the nearest two pixels.

    Raises `InputError` where the height that was asked for makes the film too wide.
    """
    height: float = asked_height or min(own_height, DEFAULT_MAX_HEIGHT)
    width = own_width * height / own_height
    if width > MAX_WIDTH:
        if asked_height:
            widest = int(MAX_WIDTH * own_height / own_width)
            raise InputError("pipeline.film_too_wide", height=asked_height, width=width, widest=widest)
        height, width = height * MAX_WIDTH / width, float(MAX_WIDTH)
    return max(2, 2 * round(height / 2)), max(2, 2 * round(width / 2))


def scaled(face: Face, across: float, down: float) -> Face:
    """The face in the picture whose width was multiplied by `across` and whose height by `down`."""
    left, top, right, bottom = face.box
    landmarks = (face.landmarks * np.array([across, down, across])).astype(np.float32)
    return replace(face, landmarks=landmarks, box=(left * across, top * down, right * across, bottom * down))


def save(path: Path, portrait: Portrait, engine: EngineCard, notes: list[Message]) -> None:
    """Write a portrait, its engine's name and its notes as an npz file."""
    face = portrait.face
    arrays = {
        "image": portrait.image,
        "landmarks": face.landmarks,
        "blendshapes": face.blendshapes,
        "rotation_deg": np.array(face.rotation_deg),
        "box": np.array(face.box),
        "human": np.array(face.human),
        "turned": np.array(portrait.turned),
        "engine": np.array(engine.name),
        "notes": np.array([json.dumps(note.as_json()) for note in notes], dtype=np.str_),
    }
    if portrait.alpha is not None:
        arrays["alpha"] = portrait.alpha
    with path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def load(path: Path) -> tuple[Portrait, EngineCard, list[Message]]:
    """What `save` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        yaw, pitch, roll = (float(angle) for angle in stored["rotation_deg"])
        left, top, right, bottom = (float(edge) for edge in stored["box"])
        face = Face(
            stored["landmarks"], stored["blendshapes"], (yaw, pitch, roll), (left, top, right, bottom), bool(stored["human"])
        )
        alpha = stored["alpha"] if "alpha" in stored.files else None
        notes = [message_from_json(json.loads(str(note))) for note in stored["notes"]]
        return Portrait(stored["image"], face, alpha, int(stored["turned"])), engine_named(str(stored["engine"])), notes
