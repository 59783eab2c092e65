"""All that is heard in a song, before anybody performs it: arrays only, so that it can be kept and used for many films."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from core.contracts import FloatArray, Progress, silent
from core.errors import InputError
from core.timebase import frames_to_seconds
from motion.singing.analysis.framing import ANALYSIS_RATE_HZ, BLOCK_SAMPLES, FEATURE_RATE_HZ, HOP_SAMPLES, first_samples
from motion.singing.analysis.mix_features import MixFeatures, mix_features
from motion.singing.analysis.plan import SongPlan
from motion.singing.analysis.planner import plan_song
from motion.singing.analysis.rhythm import Rhythm, rhythm
from motion.singing.analysis.voice_activity import VoiceActivity, voice_activity
from motion.singing.analysis.voice_features import VoiceFeatures, voice_features
from motion.singing.lips.lip_curves import LipCurves
from motion.singing.settings import Lips

if TYPE_CHECKING:
    from motion.singing.lips.learned_lips import LearnedLips

#: Changes whenever the meaning of a stored array does.
ANALYSIS_VERSION = 5
STAGE = "listen"
#: Frame rates for which lips can be shown; below, closures fall between frames.
SLOWEST_FPS, FASTEST_FPS = 10.0, 60.0


@dataclass(frozen=True)
class SongAnalysis:
    """What was heard. fps, frames: the film that it was heard for; curves are at `FEATURE_RATE_HZ` and do not depend on them."""

    fps: float
    frames: int
    voice: VoiceFeatures
    activity: VoiceActivity
    mix: MixFeatures
    rhythm: Rhythm
    lips: LipCurves

    @property
    def count(self) -> int:
        """Number of feature frames of every curve."""
        return len(self.voice.loudness_db)

    @cached_property
    def plan(self) -> SongPlan:
        """The plan of the performance, made from what was heard when it is first asked for."""
        return plan_song(self.voice, self.activity, self.mix, self.rhythm)

    def save(self, path: Path) -> None:
        """Write an npz file, whole or not at all."""
        arrays: dict[str, Any] = {"version": ANALYSIS_VERSION, "fps": self.fps, "frames": self.frames}
        for part in _PARTS:
            for field in fields(_PARTS[part]):
                arrays[f"{part}.{field.name}"] = getattr(getattr(self, part), field.name)
        temporary = path.with_name(path.name + ".part")
        with temporary.open("wb") as file:
            np.savez_compressed(file, **arrays)
        temporary.replace(path)

    @staticmethod
    def load(path: Path) -> SongAnalysis:
        """Read what `save` wrote. Raises InputError when the file is none of this version's."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                if int(stored["version"]) != ANALYSIS_VERSION:
                    raise InputError("motion.song_analysis_of_another_version", name=path.name)
                parts = {
                    part: kind(**{field.name: _scalar(stored[f"{part}.{field.name}"]) for field in fields(kind)})
                    for part, kind in _PARTS.items()
                }
                return SongAnalysis(fps=float(stored["fps"]), frames=int(stored["frames"]), **parts)
        except (KeyError, ValueError, EOFError, OSError, BadZipFile) as error:
            raise InputError("motion.no_song_analysis", name=path.name) from error


_PARTS: dict[str, Any] = {
    "voice": VoiceFeatures,
    "activity": VoiceActivity,
    "mix": MixFeatures,
    "rhythm": Rhythm,
    "lips": LipCurves,
}


def _scalar(array: np.ndarray) -> Any:
    return array if array.ndim else array.item()


def analyse(
    voice: Path,
    mix: Path,
    fps: float,
    frames: int,
    progress: Progress = silent,
    lips: Lips = "features",
    alone: bool = False,
) -> SongAnalysis:
    """Listen to the voice stem and to the mix, which start together at frame 0, for a film of `frames` frames.

    A quiet song is turned up first, voice and mix alike, for the listener's limits are those of music at its usual level.
    alone: the voice is a recording of its own, whose level says nothing, and is turned up for itself; where it was taken out of
    the mix, what is far softer than that are the leftovers of music, and stays so.
    lips: whether the learned lips listen too. What lies beyond the film is not heard; a file that ends before it counts as
    silence. Sound is read in blocks, and what is kept is some fifteen numbers per hundredth of a second.
    Raises InputError for a frame rate outside 10 to 60, MissingError where the learned lips lack their weights.
    """
    if not SLOWEST_FPS <= fps <= FASTEST_FPS:
        raise InputError("motion.frame_rate_out_of_range", fps=fps, low=SLOWEST_FPS, high=FASTEST_FPS)
    if frames < 1:
        raise InputError("motion.no_frames_asked_for", frames=frames)
    learned = _learned_lips() if lips == "learned" else None
    count = int(np.ceil(frames_to_seconds(frames, fps) * FEATURE_RATE_HZ)) + 1
    total = (3 if learned else 2) * count
    gain = _gain(mix)
    own_gain = _gain_beside(voice, mix) if alone else gain
    heard_mix = mix_features(_blocks(mix, gain), _blocks(voice, gain), count, lambda done: progress(STAGE, done, total))
    heard_voice = voice_features(
        _blocks(voice, own_gain), heard_mix.loudness_db, lambda done: progress(STAGE, count + done, total)
    )
    activity, curves = voice_activity(heard_voice), LipCurves.none()
    if learned:
        sound = first_samples(_blocks(voice, own_gain), count * HOP_SAMPLES)
        heard = total - count
        curves = learned.curves(sound, activity.reference_db, lambda done: progress(STAGE, min(total, heard + 2 * done), total))
    return SongAnalysis(fps, frames, heard_voice, activity, heard_mix, rhythm(heard_mix), curves)


def _learned_lips() -> LearnedLips:
    """Loaded only where they are asked for, and before anything is heard, so that what is missing is told at once."""
    from motion.singing.lips.learned_lips import LearnedLips

    return LearnedLips()


def _gain(mix: Path) -> float:
    from media.media import gain_of_quiet_sound

    return gain_of_quiet_sound(mix)


def _gain_beside(voice: Path, mix: Path) -> float:
    from media.media import gain_of_quiet_voice

    return gain_of_quiet_voice(voice, mix)


def _blocks(path: Path, gain: float) -> Iterator[FloatArray]:
    from media.media import read_audio_blocks

    blocks = iter(read_audio_blocks(path, ANALYSIS_RATE_HZ, 1, BLOCK_SAMPLES))
    return blocks if gain == 1.0 else (np.float32(gain) * block for block in blocks)
