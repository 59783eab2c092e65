"""From a portrait, a motion and a voice to the squares of a film: the way through the networks, in its order.

Memory holds the voice's spectrogram (26 kB a second) and the coefficients (7 kB a second); windows of them and pictures are made
batch by batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from core.contracts import ByteArray, FloatArray, Motion, Portrait, Progress
from core.driving import Driving
from core.timebase import frames_to_seconds
from faces.head_crop import Crop
from neural.device import choose_nvidia
from sadtalker_runner.audio_to_coefficients import blink_ratio, expression_coefficients, pose_of_voice
from sadtalker_runner.checkpoint import SadTalkerCheckpoint, load_mapping_net
from sadtalker_runner.driver import followed, read_driver
from sadtalker_runner.face_renderer import FaceRenderer, FrameCoefficients
from sadtalker_runner.film_coefficients import (
    angle_path,
    blinks_of_motion,
    film_coefficients,
    network_frames,
    pose_of_motion,
)
from sadtalker_runner.networks.expression_net import EXPRESSIONS
from sadtalker_runner.networks.mapping_net import CROP_COEFFICIENTS, FULL_COEFFICIENTS
from sadtalker_runner.portrait import portrait_coefficients
from sadtalker_runner.pose_film import pose_of_film
from sadtalker_runner.rest import rest_share, rested
from sadtalker_runner.semantics import semantic_windows, source_window
from sadtalker_runner.settings import SadTalkerSettings
from sadtalker_runner.voice import voice_spectrogram

STAGE = "render"


class HeadFilmMaker:
    """The networks of one setting, loaded once. Those that hear and measure are read from the checkpoint anew for each film."""

    def __init__(self, settings: SadTalkerSettings, checkpoint: Path, mapping: Path) -> None:
        """Raises InputError where a file is damaged or another model's, or the graphics card is not there."""
        self.settings = settings
        self.coefficients = FULL_COEFFICIENTS if settings.preprocess == "full" else CROP_COEFFICIENTS
        self._device = choose_nvidia(settings.render.device)
        self._checkpoint = SadTalkerCheckpoint(checkpoint)
        self._renderer = FaceRenderer(
            self._checkpoint.generator(),
            self._checkpoint.keypoint_detector(),
            load_mapping_net(mapping, self.coefficients),
            settings.render,
        )

    def frames(
        self, portrait: Portrait, crop: Crop, motion: Motion, voice: Path | None, driving: Driving | None, progress: Progress
    ) -> Iterator[ByteArray]:
        """The squares (size, size, 3) uint8, one a frame of the motion. All but the drawing is done before this returns.

        voice: what the lips follow; None where they follow a driving film. driving: such a film, which moves the head too.
        """

        def tick() -> None:
            progress(STAGE, 0, len(motion))

        tick()
        square = crop.cut(portrait.image, self.settings.size)
        points = crop.points(portrait.face.landmarks[:, :2], self.settings.size)
        face = self._checkpoint.face_reconstruction_net().to(self._device)
        own = portrait_coefficients(face, square, points)[: self.coefficients]
        pose = None if driving is None else self.followed(own, motion, driving, tick)
        if voice is None:
            if pose is None:
                raise RuntimeError("SadTalker follows a voice or a driving film, and was given neither.")
            film = film_coefficients(pose[:, :EXPRESSIONS], pose[:, EXPRESSIONS:], own, 1.0)
        else:
            film = self.film_coefficients(own, motion, voice, tick, None if pose is None else pose[:, EXPRESSIONS:])
        return self._drawn(square, own, film, motion, progress)

    def followed(self, own: FloatArray, motion: Motion, driving: Driving, tick: Callable[[], None]) -> FloatArray:
        """Coefficients (T, 70) at 25 frames a second with which the portrait follows a driving film."""
        face = self._checkpoint.face_reconstruction_net().to(self._device)
        return followed(read_driver(face, driving, tick), own, driving, motion)

    def film_coefficients(
        self, own: FloatArray, motion: Motion, voice: Path, tick: Callable[[], None], pose: FloatArray | None = None
    ) -> FloatArray:
        """Coefficients (T, C) float32 of the film at 25 frames a second; own: (C,), the portrait's.

        pose: (T, 6) of the head; None: by whom the settings name.
        """
        settings, frames = self.settings, network_frames(motion)
        random = np.random.default_rng(settings.seed)
        spectrogram = voice_spectrogram(voice, frames_to_seconds(len(motion), motion.fps))
        tick()
        if settings.blinks == "motion":
            blink = blinks_of_motion(motion)
        else:
            blink = blink_ratio(frames, random) if settings.blinks == "chance" else np.zeros(frames, np.float32)
        expression_net = self._checkpoint.expression_net().to(self._device)
        expression = expression_coefficients(expression_net, spectrogram, own[:EXPRESSIONS], blink)
        expression = rested(expression_net, expression, own[:EXPRESSIONS], blink, rest_share(motion))
        tick()
        if pose is None:
            pose = self._pose(own, motion, spectrogram, random, tick)
        return film_coefficients(expression, pose, own, settings.expression_scale)

    def _pose(
        self, own: FloatArray, motion: Motion, spectrogram: FloatArray, random: np.random.Generator, tick: Callable[[], None]
    ) -> FloatArray | None:
        """Head pose (T, 6) at 25 frames a second from whom the settings name; None: the portrait's own."""
        settings, frames = self.settings, network_frames(motion)
        first_pose = own[EXPRESSIONS:CROP_COEFFICIENTS]
        if settings.still:
            return None
        if settings.head == "motion":
            return pose_of_motion(motion, own)
        if settings.pose_film is not None:
            face = self._checkpoint.face_reconstruction_net().to(self._device)
            pose = pose_of_film(settings.pose_film, face, first_pose, frames, tick)
        else:
            pose_vae = self._checkpoint.pose_vae().to(self._device)
            pose = pose_of_voice(pose_vae, spectrogram, first_pose, frames, settings.pose_style, random)
        return first_pose + settings.head_scale * (pose - first_pose)

    def _drawn(
        self, square: ByteArray, own: FloatArray, film: FloatArray, motion: Motion, progress: Progress
    ) -> Iterator[ByteArray]:
        """The frames, one by one."""
        stretches = self.stretches(film, motion)
        for done, frame in enumerate(self._renderer.frames(square, source_window(own), stretches), start=1):
            yield frame
            progress(STAGE, done, len(motion))

    def stretches(self, film: FloatArray, motion: Motion) -> Iterator[FrameCoefficients]:
        """What is shown, a batch at a time."""
        turning_points = (self.settings.yaw_deg, self.settings.pitch_deg, self.settings.roll_deg)
        paths = [angle_path(points, len(motion)) if points else np.full(len(motion), np.nan) for points in turning_points]
        rotation_deg = np.stack(paths, axis=1).astype(np.float32) if any(turning_points) else None
        batch = self.settings.render.batch_frames
        for first in range(0, len(motion), batch):
            count = min(batch, len(motion) - first)
            turned = None if rotation_deg is None else rotation_deg[first : first + count]
            yield FrameCoefficients(semantic_windows(film, first, count, motion.fps), turned)
