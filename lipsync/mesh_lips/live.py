"""Lips that move live in a film that runs to and fro: an avatar made of a film.

What a film that is dubbed knows of its whole sound is not known here: which mouth of the person is shown is chosen frame by
frame, and lips open as far as the person's do for speech of the usual strength.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.blendshapes import BLENDSHAPE_INDEX
from core.contracts import ByteArray, FloatArray, Motion
from lipsync.card import LoopTask
from lipsync.mesh_lips.bank import SWITCH, prices
from lipsync.mesh_lips.film_mouth import SMILE_S, steadied
from lipsync.mesh_lips.new_mouth import MOUTH, as_the_person, gain, lips_of
from lipsync.mesh_lips.runner import look_at, pose_of
from media.film_loop import loop_index

JAW_OPEN = BLENDSHAPE_INDEX["jawOpen"]
#: Jaws of speech of the usual strength, from a murmur to a wide vowel: what the person's own opening is held against.
USUAL_JAWS = (0.05, 0.1, 0.2, 0.3, 0.4)
#: How much of another mouth is shown in the first frame after it was chosen, and for how many frames it stays at least.
GOES_OVER, STAYS_FRAMES = 0.5, 3


class LiveLips:
    """A `LiveDrawer` for the frames of a film's part, which runs to its end and back again, one frame for each of the motion's.

    At another rate than the film's the part is shown at that of the motion: the same frames, each for as long as it was.
    """

    def __init__(self, task: LoopTask) -> None:
        """Raises ValueError where the face is clear in no frame."""
        self._task = task
        self._looked = look_at(task.faces, task.track, task.frames)
        looked = self._looked
        self._kept = steadied(looked.film.shapes, looked.film.seen, SMILE_S * task.faces.fps)
        usual = np.zeros((len(USUAL_JAWS), 52), np.float32)
        usual[:, JAW_OPEN] = USUAL_JAWS
        self._gain = gain(usual, looked.film, looked.person)
        self._shown = np.eye(len(looked.mouths), dtype=np.float32)[0]
        self._chosen, self._since, self._at = 0, 0, 0

    def draw(self, motion: Motion) -> Iterator[ByteArray]:
        """See `LiveDrawer`."""
        step = self._task.faces.fps / motion.fps
        for index in range(len(motion)):
            number = loop_index(int(self._at * step), len(self._task.track), "bounce")
            self._at += 1
            yield self._drawn(number, motion.blendshapes[index])

    def _drawn(self, number: int, shapes: FloatArray) -> ByteArray:
        """A frame of the film with the mouth that those shapes (52,) ask for."""
        looked = self._looked
        weights = np.zeros((1, len(shapes)), np.float32)
        weights[0, MOUTH] = shapes[list(MOUTH)]
        weights = as_the_person(weights, self._kept[number][None], self._gain)
        opening, width = lips_of(weights, looked.person)
        self._choose(prices(opening, width, looked.film.turn_deg[number][None], looked.film, looked.mouths)[0])
        pose = pose_of(self._task.track, looked.film, number, weights[0], 1.0, self._shown)
        return looked.drawer.draw(self._task.frame(number), pose)

    def _choose(self, price: FloatArray) -> None:
        """Go over to the mouth that fits best where it is worth the change; no sooner than the last change is through."""
        best = int(price.argmin())
        self._since += 1
        if best != self._chosen and self._since >= STAYS_FRAMES and price[best] + SWITCH < price[self._chosen]:
            self._chosen, self._since = best, 0
        target = np.eye(len(price), dtype=np.float32)[self._chosen]
        self._shown = target if self._since else GOES_OVER * target + (1 - GOES_OVER) * self._shown
