"""The `MotionSource` of a song: what is heard in it is kept, so that another performance of the same song is quick.

Light to import; what hears and performs is loaded when the motion is asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from core.contracts import DrivingSound, Emotion, Keep, Performance, Progress, silent
from core.timebase import frames_to_seconds
from motion.intensity import emotion_of_curves
from motion.singing.settings import SingingSettings

if TYPE_CHECKING:
    from motion.singing.song_analysis import SongAnalysis

ANALYSIS_NAME = "analysis.npz"


class SungMotion:
    """A `MotionSource`: the singing performer with its analysis on disk."""

    hears = True
    room = "motion.singing"

    def __init__(self, settings: SingingSettings) -> None:
        self.settings = settings

    def perform(self, sound: DrivingSound, keep: Keep, progress: Progress = silent) -> Performance:
        """See `MotionSource`."""
        from motion.singing.runner import perform, sung_frames

        song = self._heard(sound, keep, progress)
        motion = perform(song, self.settings, sound.phonemes, sound.feelings, sound.shut_in_rests)
        return Performance(motion, self._emotion(song, sound), sung=sung_frames(song))

    def emotion(self, sound: DrivingSound, keep: Keep, progress: Progress = silent) -> Emotion:
        """See `MotionSource`."""
        return self._emotion(self._heard(sound, keep, progress), sound)

    def phrases(self, sound: DrivingSound, keep: Keep, progress: Progress = silent) -> list[tuple[float, float]]:
        """Start and end in seconds of everything that is sung between two rests."""
        return [(float(start_s), float(end_s)) for start_s, end_s in self._heard(sound, keep, progress).activity.phrases_s]

    def _heard(self, sound: DrivingSound, keep: Keep, progress: Progress) -> SongAnalysis:
        """What is heard, which does not depend on how the song is performed."""
        from motion.singing.song_analysis import SongAnalysis, analyse

        voice, lips = sound.voice, self.settings.lips
        if voice is None:
            raise RuntimeError("The singing performer hears the voice, and was given none.")

        def make(folder: Path) -> None:
            song = analyse(voice, sound.mix, sound.fps, sound.frames, progress, lips, sound.alone)
            song.save(folder / ANALYSIS_NAME)

        return SongAnalysis.load(keep({"lips": lips}, make) / ANALYSIS_NAME)

    def _emotion(self, song: SongAnalysis, sound: DrivingSound) -> Emotion:
        """The emotion of one performance of the song."""
        from motion.singing.performance.emotions import song_emotion

        felt, settings = song_emotion(song, self.settings, sound.feelings), self.settings
        intensity, automatic = cast(Any, felt.intensity), cast(Any, felt.automatic)
        duration_s, points = frames_to_seconds(song.frames, song.fps), settings.intensity_points
        return emotion_of_curves(settings.style, felt.sections, intensity, automatic, felt.rate_hz, duration_s, points)
