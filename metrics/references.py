"""The picture that a film is held against: the portrait it was made of, or the film's own first frame."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from core.contracts import ByteArray
from core.errors import InputError
from core.frame_stream import closing_frames
from faces.faces import FaceFinder, FaceFinderSettings, choose_face, find_upright
from faces.upright import quarters_to_upright, turned_back
from media.media import VideoInfo, read_frames
from media.pictures import load_picture
from metrics.film_view import FaceFollower, Reference, reference_of

#: Whatever face a film was made of, a framed drawing's too.
ANY_FACE = FaceFinderSettings(animals=True, animal_disagreement=math.inf, animal_spread=math.inf)
#: A portrait whose sides differ in proportion by more than this from the film's was cropped, and lies elsewhere in the film.
SAME_SHAPE = 0.03
#: The film's first frame with a face must be among so many.
FIRST_FRAMES = 100
#: Frames at the film's beginning in which it is looked for how the face lies.
FRAMES_FOR_TURN = 5


def portrait_reference(path: Path, face_number: int | None, width: int, height: int) -> tuple[Reference, bool]:
    """The portrait as reference, and whether it has the film's shape, in which case it is brought to the film's size.

    Raises `InputError` where no face, or more than one and no number, is in it.
    """
    picture = load_picture(path)
    with FaceFinder(settings=ANY_FACE) as finder:
        picture, faces = find_upright(picture, finder)
    image = picture.image
    own_height, own_width = image.shape[:2]
    face = choose_face(faces, face_number, (own_width, own_height))
    fits = abs(own_width / own_height * height / width - 1) <= SAME_SHAPE
    if not fits:
        return reference_of(image, face, True), False
    image = np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS))
    scale = np.array([width / own_width, height / own_height])
    left, top, right, bottom = face.box
    box = (left * scale[0], top * scale[1], right * scale[0], bottom * scale[1])
    with FaceFollower(box) as follower:
        scaled = follower.find(image)
    if scaled is None:
        raise InputError("metrics.no_face_in_portrait", path=path, width=width, height=height)
    return reference_of(image, scaled, True), True


def quarters_of_film(video: Path) -> int:
    """By how many quarters to the left the film has to be turned so that its face stands: 0 where it stands, or none is found."""
    with FaceFinder() as finder, closing_frames(frames := read_frames(video)):
        for frame in islice(frames, FRAMES_FOR_TURN):
            faces = finder.find(frame)
            if faces:
                return quarters_to_upright(faces)
    return 0


def upright_frames(video: Path, quarters: int) -> Iterator[ByteArray]:
    """The film's frames (H, W, 3) uint8, turned by so many quarters to the left."""
    return turned_back(read_frames(video), -quarters) if quarters else read_frames(video)


def first_frame_reference(video: Path, quarters: int = 0, box: tuple[float, float, float, float] | None = None) -> Reference:
    """The film's first frame with a face, the one nearest to `box`, else the largest; turned by so many quarters to the left.

    Raises `InputError` where none has one.
    """
    with FaceFollower(box) as follower:
        for index, frame in enumerate(upright_frames(video, quarters)):
            face = follower.find(frame)
            if face is not None:
                return reference_of(frame, face, False)
            if index + 1 >= FIRST_FRAMES:
                break
    raise InputError("metrics.no_face_in_film", video=video)


def references(
    video: Path, info: VideoInfo, portrait: Path | None, face_number: int | None, quarters: int = 0
) -> tuple[Reference, Reference]:
    """(place, source): what shows where everything lies in the film, and what the face should look like.

    quarters: how the film, which lies, is turned to the left before anything is measured.
    """
    if portrait is None:
        first = first_frame_reference(video, quarters)
        return first, first
    width, height = (info.height, info.width) if quarters % 2 else (info.width, info.height)
    source, fits = portrait_reference(portrait, face_number, width, height)
    return (source, source) if fits else (first_frame_reference(video, quarters), source)
