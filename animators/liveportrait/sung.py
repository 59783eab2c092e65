"""A song's motion, not a driving film, moves the head: shapes become key points by the fit (`shape_fit.py`)."""

from __future__ import annotations

from collections.abc import Iterator

from animators.liveportrait.corrections import Openness
from animators.liveportrait.crops import eyes_open, lips_open, portrait_crop
from animators.liveportrait.drawing import DRAWN_PX, LivePortrait, Wanted
from animators.liveportrait.heads import Heads
from animators.liveportrait.options import LivePortraitOptions
from animators.liveportrait.reading import SIDE_PX
from animators.liveportrait.runner import STAGE
from animators.liveportrait.shape_fit import ShapeFit
from animators.liveportrait.shaping import sung_poses
from core.contracts import ByteArray, FloatArray, HeadFilm, Motion, Portrait, Progress, silent


class SungRenderer:
    """Draws the head of a portrait as a motion moves it (the `HeadRenderer` contract); films one after the other."""

    def __init__(self, liveportrait: LivePortrait, fit: ShapeFit, options: LivePortraitOptions) -> None:
        self._liveportrait = liveportrait
        self._fit = fit
        self._options = options

    def head_film(self, portrait: Portrait, motion: Motion, progress: Progress = silent) -> HeadFilm:
        """The head's film: as many squares as the motion has frames, at its rate; drawn as they are taken."""
        progress(STAGE, 0, len(motion))
        crop = portrait_crop(portrait.face)
        picture = crop.cut(portrait.image, SIDE_PX)
        own = self._liveportrait.reader.read(picture[None])
        poses = sung_poses(own, motion, portrait.face, crop.width, self._fit, self._options.animation_region)
        openness = Openness(eyes_open(portrait.face), lips_open(portrait.face))
        keypoints = self._liveportrait.keypoints(own, poses, openness, self._options, Wanted(), self._options.shut_lips_first)
        return HeadFilm(crop.box, DRAWN_PX, self._drawn(picture, own, keypoints, progress))

    def _drawn(self, picture: ByteArray, own: Heads, keypoints: FloatArray, progress: Progress) -> Iterator[ByteArray]:
        """The frames, one by one."""
        drawer = self._liveportrait.drawer(picture, own.keypoints())
        for done, frame in enumerate(self._liveportrait.frames(drawer, keypoints), start=1):
            yield frame
            progress(STAGE, done, len(keypoints))
