"""The `MotionSource` of a trained network: its lips, brows and cheeks over the performance that the song's plan gives.

Light to import; what hears and performs is loaded when the motion is asked for. What was heard is kept: of the song for the plan,
which other performances share, and of the voice through the network's encoder.

Source: "DEITalk: Speech-Driven 3D Facial Animation with Dynamic Emotional Intensity Modeling" (2024).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.contracts import DrivingSound, Emotion, FloatArray, Keep, Performance, Progress, silent
from core.timebase import frames_to_seconds
from motion.emotion.model_file import load_model
from motion.emotion.settings import needed_model
from motion.intensity import REPORT_STEP_S, few_points, reported
from motion.singing.settings import SingingSettings
from motion.singing.source import SungMotion

if TYPE_CHECKING:
    from motion.emotion.runner import DeitalkNetwork, Felt

STAGE = "listen"


class DeitalkMotion:
    """A `MotionSource`: the singing performer, whose face a trained network of the emotion makes."""

    hears = True
    room = SungMotion.room

    def __init__(self, settings: SingingSettings, model: Path | None = None) -> None:
        """settings: as for the singing performer; `lips`: the network's where they are learned, else the plan's from the sound
        alone. model: the trained network; None: `settings.known_model`.

        Raises MissingError where there is none, InputError where the file is another, before anything is heard.
        """
        self.settings = settings
        self.model = load_model(needed_model(model))
        self._planned = SungMotion(settings)

    def perform(self, sound: DrivingSound, keep: Keep, progress: Progress = silent) -> Performance:
        """See `MotionSource`. Raises MissingError where the network's encoder or the package onnx is not there."""
        from motion.emotion.performing import told_performance

        planned = self._planned.perform(sound, keep, progress)
        if planned.emotion is None:
            raise RuntimeError("The singing performer tells the emotion of every song.")
        network, heard = self._heard(sound, keep, progress)
        felt = network.felt(heard)
        emotion = self._with_learned(planned.emotion, felt, sound)
        return told_performance(network, heard, felt, planned, emotion, self.settings)

    def emotion(self, sound: DrivingSound, keep: Keep, progress: Progress = silent) -> Emotion:
        """See `MotionSource`. Raises as `perform`."""
        planned = self._planned.emotion(sound, keep, progress)
        network, heard = self._heard(sound, keep, progress)
        return self._with_learned(planned, network.felt(heard), sound)

    def _heard(self, sound: DrivingSound, keep: Keep, progress: Progress) -> tuple[DeitalkNetwork, FloatArray]:
        """The network, and what its encoder hears in the voice."""
        from motion.emotion.runner import HEARING_VERSION, DeitalkNetwork, hear, read_heard, sound_of
        from motion.emotion.styles import FPS

        voice = sound.voice
        if voice is None:
            raise RuntimeError("A learned performance hears the voice, and was given none.")
        duration_s = frames_to_seconds(sound.frames, sound.fps)
        frames = max(1, -int(-duration_s * FPS // 1))
        facts = self.model.facts

        def make(folder: Path) -> None:
            hear(sound_of(voice, duration_s), frames, facts, folder, lambda done: progress(STAGE, done, frames))

        chosen = {"encoder": facts.encoder, "layers": list(facts.layers), "hearing": HEARING_VERSION}
        return DeitalkNetwork(self.model), read_heard(keep(chosen, make))

    def _with_learned(self, planned: Emotion, felt: Felt, sound: DrivingSound) -> Emotion:
        """The plan's report with the network's intensity beside the song's own; it is in effect where nobody gave key points."""
        from motion.emotion.strength import StrengthScale
        from motion.emotion.styles import FPS

        if not len(felt.saliency):
            return planned
        duration_s = frames_to_seconds(sound.frames, sound.fps)
        shown = StrengthScale.of(felt.saliency).shown(felt.saliency)
        learned = reported(shown.tolist(), FPS, duration_s)
        in_effect = planned.intensity if planned.points else learned
        return replace(planned, intensity=in_effect, learned=learned, learned_points=few_points(learned, REPORT_STEP_S))
