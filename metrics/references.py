"""The picture that a film is held against: the portrait it was made of, or the film's own first frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from core.errors import InputError
from faces.faces import FaceFinder, FaceFinderSettings, choose_face, find_upright
from media.media import VideoInfo, read_frames
from media.pictures import load_picture
from metrics.film_view import FaceFollower, Reference, reference_of

#: A portrait whose sides differ in proportion by more than this from the film's was cropped, and lies elsewhere in the film.
SAME_SHAPE = 0.03
#: The film's first frame with a face must be among so many.
FIRST_FRAMES = 100


def portrait_reference(path: Path, face_number: int | None, width: int, height: int) -> tuple[Reference, bool]:
    """The portrait as reference, and whether it has the film's shape, in which case it is brought to the film's size.

    Raises `InputError` where no face, or more than one and no number, is in it.
    """
    picture = load_picture(path)
    with FaceFinder(settings=FaceFinderSettings(animals=True)) as finder:
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


def first_frame_reference(video: Path, box: tuple[float, float, float, float] | None = None) -> Reference:
    """The film's first frame with a face, the one nearest to `box`, else the largest. Raises `InputError` where none has one."""
    with FaceFollower(box) as follower:
        for index, frame in enumerate(read_frames(video)):
            face = follower.find(frame)
            if face is not None:
                return reference_of(frame, face, False)
            if index + 1 >= FIRST_FRAMES:
                break
    raise InputError("metrics.no_face_in_film", video=video)


def references(video: Path, info: VideoInfo, portrait: Path | None, face_number: int | None) -> tuple[Reference, Reference]:
    """(place, source): what shows where everything lies in the film, and what the face should look like."""
    if portrait is None:
        first = first_frame_reference(video)
        return first, first
    source, fits = portrait_reference(portrait, face_number, info.width, info.height)
    return (source, source) if fits else (first_frame_reference(video), source)
