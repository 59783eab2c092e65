"""The LivePortrait engine: a driving film, or a motion, moves the head of a portrait.

Guo and others, "LivePortrait: Efficient Portrait Animation with Stitching and Retargeting Control" (2024).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from animators.liveportrait.corrections import Openness
from animators.liveportrait.crops import eyes_open, lips_open, portrait_crop
from animators.liveportrait.drawing import DRAWN_PX, LivePortrait, Wanted
from animators.liveportrait.following import Following, followed
from animators.liveportrait.heads import Heads
from animators.liveportrait.options import ALL, EXPRESSION, EYES, LIP, LivePortraitOptions
from animators.liveportrait.reading import SIDE_PX, read_driver
from animators.liveportrait.shape_fit import ShapeFit
from animators.liveportrait.shaping import spoken_expression
from core.contracts import ByteArray, Face, FloatArray, HeadFilm, Motion, Portrait, Progress, silent
from core.driving import BoolArray, Driving, bridged

STAGE = "render"


class DrivenRenderer:
    """Draws the head of a portrait as a driving film moves it (the `HeadRenderer` contract); one film at a time."""

    def __init__(
        self, liveportrait: LivePortrait, driving: Driving, options: LivePortraitOptions, fit: ShapeFit | None = None
    ) -> None:
        """fit: given where a sound moves the lips, by the motion's shapes."""
        self._liveportrait = liveportrait
        self._driving = driving
        self._options = options
        self._fit = fit

    def head_film(self, portrait: Portrait, motion: Motion, progress: Progress = silent) -> HeadFilm:
        """The head's film: a square for each of the driving film's frames, at its rate.

        The driver is read before this returns, which takes some hundred bytes a frame; squares are drawn as they are taken.
        Raises InputError where the driver's head is never seen, and what `progress` raises.
        """
        count = self._driving.film.count

        def tick() -> None:
            progress(STAGE, 0, count)

        tick()
        crop = portrait_crop(portrait.face)
        picture = crop.cut(portrait.image, SIDE_PX)
        own = self._liveportrait.reader.read(picture[None])
        driver, seen = read_driver(self._driving, self._liveportrait.reader, tick)
        keypoints = self.keypoints(own, driver, seen, portrait.face, motion)
        return HeadFilm(crop.box, DRAWN_PX, self._drawn(picture, own, keypoints, progress))

    def keypoints(self, own: Heads, driver: Heads, seen: BoolArray, face: Face, motion: Motion) -> FloatArray:
        """The key points (T, 21, 3) of the film's frames."""
        options, driving = self._options, self._driving
        how = following(options, driving)
        poses = followed(own, driver, driver.at(driving.neutral), how)
        if self._fit is not None:
            spoken = spoken_expression(motion, face, self._fit, options.animation_region)
            poses = replace(poses, expression=poses.expression + spoken[: len(driver)])
        wanted = wanted_openness(options, driving, seen)
        shut = options.shut_lips_first and driving.relative and wanted.lips is None
        openness = Openness(eyes_open(face), lips_open(face))
        return self._liveportrait.keypoints(own, poses, openness, options, wanted, shut)

    def _drawn(self, picture: ByteArray, own: Heads, keypoints: FloatArray, progress: Progress) -> Iterator[ByteArray]:
        """The frames, one by one."""
        drawer = self._liveportrait.drawer(picture, own.keypoints())
        for done, frame in enumerate(self._liveportrait.frames(drawer, keypoints), start=1):
            yield frame
            progress(STAGE, done, len(keypoints))


def following(options: LivePortraitOptions, driving: Driving) -> Following:
    """What of the driver is followed by its key points."""
    return Following(
        driving.relative,
        options.animation_region,
        driving.strength,
        eyes=not options.eye_retargeting,
        lips=not options.lip_retargeting,
        mouth=not driving.sounding_lips,
    )


def wanted_openness(options: LivePortraitOptions, driving: Driving, seen: BoolArray) -> Wanted:
    """How far the driver's eyes and lips are open, of the parts that are retargeted and are to move at all."""
    region = options.animation_region
    eyes = options.eye_retargeting and region in (ALL, EXPRESSION, EYES)
    lips = options.lip_retargeting and region in (ALL, EXPRESSION, LIP)
    if not (eyes or lips):
        return Wanted()
    faces = [driving.film.face(number) if seen[number] else None for number in range(len(seen))]
    read = np.array([(np.nan, np.nan) if face is None else (np.mean(eyes_open(face)), lips_open(face)) for face in faces])
    whole = bridged(read, seen)
    return Wanted(whole[:, 0] if eyes else None, whole[:, 1] if lips else None, driving.strength)
