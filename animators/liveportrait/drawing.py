"""Heads move: LivePortrait's networks on their device, and the way from poses to frames.

Guo and others, "LivePortrait: Efficient Portrait Animation with Stitching and Retargeting Control" (2024). Two things are other
than in the published program: eyes and lips that are opened by retargeting leave head and other parts of the face as they follow,
and the wanted openness of the eyes is the mean of the driver's two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from animators.liveportrait.checkpoint import LivePortraitNetworks
from animators.liveportrait.corrections import Corrections, Openness
from animators.liveportrait.heads import Heads, Poses
from animators.liveportrait.options import LivePortraitOptions
from animators.liveportrait.reading import HeadReader, as_input
from core.contracts import ByteArray, FloatArray
from core.driving import Strength
from neural.device import CardChoice, choose_dtype, choose_nvidia
from neural.one_shot.frame_backends import Backend, Drawer, backend_for

#: Side of the squares that are drawn.
DRAWN_PX = 512
#: Frames at once on a graphics card; a processor draws one.
ON_CARD_FRAMES = 4


@dataclass(frozen=True)
class Wanted:
    """How far a driver's eyes and lips are open in each frame (T,), where retargeting opens the portrait's by that; else None.

    strength: how much of the way from the portrait's own openness to the driver's they go.
    """

    eyes: FloatArray | None = None
    lips: FloatArray | None = None
    strength: Strength = field(default_factory=Strength)

    def at(self, row: int) -> Wanted:
        """Of one frame alone."""
        eyes, lips = (None if part is None else part[row : row + 1] for part in (self.eyes, self.lips))
        return Wanted(eyes, lips, self.strength)


class LivePortrait:
    """The networks on their device, for any number of films. It takes them over: they are moved, folded, and halved on a card."""

    def __init__(
        self,
        networks: LivePortraitNetworks,
        device: CardChoice = "auto",
        batch_frames: int = ON_CARD_FRAMES,
        compiled: bool = True,
    ) -> None:
        """batch_frames: at once, on a graphics card. compiled: whether its code is compiled first, which takes half a minute.

        Raises InputError where a card is asked for and there is none.
        """
        self.device = choose_nvidia(device)
        self.batch_frames = batch_frames if self.device.type == "cuda" else 1
        dtype = choose_dtype(self.device, "auto", wide_range=False)
        self.reader = HeadReader(networks.motion, self.device, dtype)
        self.corrections = Corrections(networks)
        self.files = networks.files
        self._backend: Backend = backend_for(networks.generator, self.device, "auto", batch_frames, compiled)

    def keypoints(
        self, portrait: Heads, poses: Poses, own: Openness, options: LivePortraitOptions, wanted: Wanted, shut_lips: bool
    ) -> FloatArray:
        """The key points (T, 21, 3) of a film's frames. own: how open the portrait is. shut_lips: shut its mouth first."""
        source, moved = portrait.keypoints(), portrait.keypoints(poses)
        if wanted.eyes is not None:
            moved = moved + self.corrections.eyes(source, own, part_way(np.mean(own.eyes), wanted.eyes, wanted.strength.eyes))
        if wanted.lips is not None:
            moved = moved + self.corrections.lips(source, own, part_way(own.lips, wanted.lips, wanted.strength.lips))
        if not options.no_stitching:
            moved = self.corrections.stitched(source, moved)
        if shut_lips:
            moved = moved + self.corrections.shut_lips(source, own)
        return np.asarray(source + (moved - source) * options.driving_multiplier, np.float32)

    def drawer(self, picture: ByteArray, source: FloatArray) -> Drawer:
        """What draws the portrait of a picture (256, 256, 3) with its key points (1, 21, 3)."""
        with torch.inference_mode():
            return self._backend.opened(as_input(picture[None], self.device), torch.from_numpy(source).to(self.device))

    def frames(self, drawer: Drawer, keypoints: FloatArray) -> Iterator[ByteArray]:
        """Yield a frame (512, 512, 3) uint8 RGB for each row of key points (T, 21, 3)."""
        for first in range(0, len(keypoints), self.batch_frames):
            batch = keypoints[first : first + self.batch_frames]
            with torch.inference_mode():
                drawn = drawer(torch.from_numpy(batch).to(self.device))
            for _ in batch:
                # entered anew for every frame: the mode must not reach into whoever takes the frames
                with torch.inference_mode():
                    frame = next(drawn)
                yield frame


def part_way(own: float | np.floating[Any], wanted: FloatArray, strength: float) -> FloatArray:
    """From the portrait's own openness towards the wanted (T,), never less than shut."""
    return np.asarray(np.maximum(own + strength * (wanted - own), 0.0))
