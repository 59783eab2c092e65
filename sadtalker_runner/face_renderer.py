"""Coefficients become pictures: the renderer's core, an iterator whose memory does not grow with the film.

What depends on the portrait alone (feature volume, canonical key points) is computed once; a frame costs its key points, the flow
they make, and the decoder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from core.contracts import ByteArray, FloatArray
from neural.device import choose_nvidia
from neural.one_shot.frame_backends import backend_for
from neural.one_shot.generator import Generator
from neural.one_shot.geometry import HeadMotion, bins_to_degrees, move_keypoints
from neural.one_shot.keypoint_detector import KeypointDetector
from sadtalker_runner.networks.mapping_net import MappingNet
from sadtalker_runner.settings import RenderSettings


@dataclass(frozen=True)
class FrameCoefficients:
    """What some successive frames show.

    semantics: (B, C, 27) float32, a window of coefficients for each frame. rotation_deg: (B, 3) yaw, pitch, roll of the head in
    degrees, in the place of what the coefficients say; not a number, or None: as they say.
    """

    semantics: FloatArray
    rotation_deg: FloatArray | None = None


class FaceRenderer:
    """SadTalker's renderer with its networks on their device, for any number of films, also at once.

    It takes the generator over and changes it.
    """

    def __init__(
        self, generator: Generator, keypoints: KeypointDetector, mapping: MappingNet, settings: RenderSettings | None = None
    ) -> None:
        """Raises `core.errors.InputError` where a graphics card is asked for and there is none."""
        self.settings = settings or RenderSettings()
        self.device = choose_nvidia(self.settings.device)
        self._keypoints = keypoints.to(self.device)
        self._mapping = mapping.to(self.device)
        self._backend = backend_for(
            generator, self.device, self.settings.precision, self.settings.batch_frames, self.settings.compile
        )

    def frames(
        self, picture: ByteArray, source: FloatArray, film: Iterable[FrameCoefficients], batch_frames: int | None = None
    ) -> Iterator[ByteArray]:
        """Yield the frames (H, W, 3) uint8 RGB of a film.

        picture: (H, W, 3) uint8 RGB, 256 or 512 pixels wide and high. source: (C, 27), the portrait's own window. film: the
        frames' coefficients in stretches of any length; no more of them are taken than the yielded frames need.
        """
        with torch.inference_mode():
            image = torch.from_numpy(picture.copy()).to(self.device).permute(2, 0, 1)[None].float() / 255
            canonical = self._keypoints(image)
            own = move_keypoints(canonical, self._mapping(self._tensor(source[None])))
            draw = self._backend.opened(image, own)
        for stretch in batched(film, batch_frames or self.settings.batch_frames):
            # Entered anew for every frame: the mode must not reach into whoever takes the frames.
            with torch.inference_mode():
                motion = self._mapping(self._tensor(stretch.semantics))
                frames = draw(move_keypoints(canonical, turned(motion, stretch.rotation_deg)))
            for _ in range(len(stretch.semantics)):
                with torch.inference_mode():
                    frame = next(frames)
                yield frame

    def _tensor(self, array: FloatArray) -> Tensor:
        """A float32 array on the device."""
        return torch.from_numpy(np.ascontiguousarray(array, np.float32)).to(self.device)


def turned(motion: HeadMotion, rotation_deg: FloatArray | None) -> HeadMotion:
    """`motion` with angles replaced by `rotation_deg` (B, 3): yaw, pitch, roll in degrees; not a number, or None, leaves them."""
    if rotation_deg is None:
        return motion
    given = torch.from_numpy(np.ascontiguousarray(rotation_deg, np.float32)).to(motion.yaw.device).T
    own = (motion.yaw, motion.pitch, motion.roll)
    yaw, pitch, roll = (
        torch.where(angle.isnan(), bins_to_degrees(logits), angle) for angle, logits in zip(given, own, strict=True)
    )
    return replace(motion, yaw=yaw, pitch=pitch, roll=roll)


def batched(film: Iterable[FrameCoefficients], batch_frames: int) -> Iterator[FrameCoefficients]:
    """The same frames in stretches of at most `batch_frames`, cut within the stretches of `film`."""
    for stretch in film:
        for first in range(0, len(stretch.semantics), batch_frames):
            taken = slice(first, first + batch_frames)
            rotation = None if stretch.rotation_deg is None else stretch.rotation_deg[taken]
            yield FrameCoefficients(stretch.semantics[taken], rotation)
