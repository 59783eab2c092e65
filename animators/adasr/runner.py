"""The AdaSR engine: a driving film moves the head of a portrait, by the published networks.

AdaSR's authors trained face-vid2vid's networks for pictures of 512 pixels. The portrait's head and the driver's are cut out as
squares of that size; what is drawn is put back into the picture by whoever takes the squares.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from animators.adasr.checkpoint import AdaSRNetworks
from animators.adasr.driver import SIDE_PX, HeadReading, read_head, read_picture
from animators.adasr.following import HeadFollower, expression_shares, moved_points
from core.contracts import ByteArray, FloatArray, HeadFilm, Motion, Portrait, Progress, silent
from core.driving import Driving
from core.frame_stream import closing_frames
from faces.head_crop import Crop, head_crop
from neural.device import CardChoice, choose_nvidia
from neural.one_shot.frame_backends import backend_for

STAGE = "render"
#: Frames that a graphics card reads, and draws, at once; a processor takes them one by one.
BATCH_FRAMES = 8


@dataclass(frozen=True)
class Opened:
    """A portrait, ready to be drawn. image: its square (1, 3, S, S) in [0, 1]. landmarks: (478, 2) in that, -1 to 1.
    canonical: its key points (1, K, 3). own: what its head does, of one frame."""

    image: Tensor
    landmarks: FloatArray
    canonical: Tensor
    own: HeadReading


class AdaSRRenderer:
    """Draws the head of a portrait as a driving film has it (the `HeadRenderer` contract). It takes the networks over."""

    def __init__(self, networks: AdaSRNetworks, driving: Driving, device: CardChoice = "auto", side_px: int = SIDE_PX) -> None:
        """side_px: of the squares, a multiple of 128; the networks were trained at 512.

        Raises InputError where a graphics card is asked for and there is none.
        """
        self.driving, self.side_px = driving, side_px
        self.device = choose_nvidia(device)
        self._keypoints = networks.keypoints.to(self.device)
        self._estimator = networks.estimator.to(self.device)
        self._batch = 1 if self.device.type == "cpu" else BATCH_FRAMES
        self._backend = backend_for(networks.generator, self.device, batch_frames=self._batch)

    def head_film(self, portrait: Portrait, motion: Motion, progress: Progress = silent) -> HeadFilm:
        """As many squares as the motion has frames, at its rate; of the motion nothing else counts.

        The driving film is read before this returns; squares are drawn as they are taken. Raises what `progress` raises.
        """

        def tick() -> None:
            progress(STAGE, 0, len(motion))

        numbers = frame_numbers(self.driving, motion)
        looked_at = sorted({*numbers, self.driving.neutral})
        reading = read_head(self._estimator, self.driving, looked_at, self._batch, tick, self.side_px)
        rows = np.searchsorted(looked_at, numbers)
        neutral = reading.rows(np.searchsorted(looked_at, [self.driving.neutral]))
        crop = head_crop(portrait.face)
        opened = self._opened(portrait, crop)
        return HeadFilm(crop.box, self.side_px, self._drawn(opened, reading, neutral, rows, progress))

    def _opened(self, portrait: Portrait, crop: Crop) -> Opened:
        square = crop.cut(portrait.image, self.side_px)
        points = crop.points(portrait.face.landmarks[:, :2], self.side_px)
        with torch.inference_mode():
            image = torch.from_numpy(square.copy()).to(self.device).permute(2, 0, 1)[None].float() / 255
            canonical = self._keypoints(image)
        landmarks = (points + 0.5) * (2 / self.side_px) - 1
        return Opened(image, landmarks, canonical, read_picture(self._estimator, square))

    def _drawn(
        self, opened: Opened, reading: HeadReading, neutral: HeadReading, rows: npt.NDArray[np.intp], progress: Progress
    ) -> Iterator[ByteArray]:
        """The frames, one by one."""
        driving = self.driving
        with torch.inference_mode():
            places = moved_points(opened.canonical, opened.own)[0, :, :2].cpu().numpy()
            shares = expression_shares(places, opened.landmarks, driving.strength)
            follower = HeadFollower(opened.canonical, opened.own, neutral, driving.relative, driving.strength, shares)
            draw = self._backend.opened(opened.image, follower.source)
        for first in range(0, len(rows), self._batch):
            batch = rows[first : first + self._batch]
            # Entered anew for every frame: the mode must not reach into whoever takes the frames.
            with torch.inference_mode():
                frames = draw(follower.points(reading.rows(batch)))
            with closing_frames(frames):
                for done in range(first + 1, first + 1 + len(batch)):
                    with torch.inference_mode():
                        frame = next(frames)
                    yield frame
                    progress(STAGE, done, len(rows))


def frame_numbers(driving: Driving, motion: Motion) -> list[int]:
    """Which frame of the driving film each frame of the motion follows: the one shown then; the last one goes on to the end."""
    places = np.rint(np.arange(len(motion)) * (driving.film.fps / motion.fps)).astype(int)
    return [int(place) for place in np.minimum(places, driving.film.count - 1)]
