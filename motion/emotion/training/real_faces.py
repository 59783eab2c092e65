"""Real faces as sets of takes: `python -m motion.emotion.training.real_faces ../shared/talking OUT`.

From the talking tracks (their README tells what they are) come OUT/grid-s1 and OUT/facegood, which may be learned from, and
OUT/grid-others and OUT/others, which are all test; of `others` nothing may be learned. All speak without emotion: style neutral.

Tracked faces: the tracker's shapes are ARKit's by name; the tongue it does not see stays at rest; the head's turns come from its
pose. Short clips of a speaker are laid end to end, for the speech encoder hears long sounds best. What is out of step is put in
step: the tracker's own delay, and in `others` one lag a speaker, within 160 ms, by which the lips' aperture fits the learned
lips' best. FACEGOOD's rig has curves of its own; `FACEGOOD` says which of ARKit's shapes each of them moves.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile

from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.contracts import FloatArray, Motion
from core.errors import BelcantoError, InputError
from core.messages import as_written
from core.timebase import frame_count, frame_times_s
from faces.faces import rotation_deg_of
from motion.emotion.styles import FPS, SAMPLE_RATE_HZ
from motion.emotion.training.in_step import lag_s, openness
from motion.emotion.training.take_files import Place, write_face, write_facts, write_sound
from motion.singing.lips.learned_lips import LearnedLips
from motion.singing.training.dataset import TRACK_DELAY_S, VIDEO_FPS
from motion.singing.training.strangers import KEEPS_TIME, NO_STRANGER, speaker_of

#: A take is closed when it is as long as this.
TAKE_S = 10.0
#: FACEGOOD's curves, without their side or with it, and what they move of ARKit's: by the names and meanings of both rigs. Where
#: several move one shape, it is their sum, at most 1. The jaw's curve is `tooth_d_d`.
FACEGOOD: Mapping[str, Mapping[str, float]] = {
    "tooth_d_d": {"jawOpen": 1.0},
    "mouth_stretch_c": {"jawOpen": 0.7},
    "mouth_oh_c": {"mouthFunnel": 0.6, "jawOpen": 0.25},
    "mouth_oo_c": {"mouthPucker": 0.9},
    "mouth_funnel_dl": {"mouthFunnel": 0.25},
    "mouth_funnel_dr": {"mouthFunnel": 0.25},
    "mouth_funnel_ul": {"mouthFunnel": 0.25},
    "mouth_funnel_ur": {"mouthFunnel": 0.25},
    "mouth_pucker_l": {"mouthPucker": 0.5},
    "mouth_pucker_r": {"mouthPucker": 0.5},
    "mouth_lipCornerPull_l": {"mouthSmileLeft": 1.0},
    "mouth_lipCornerPull_r": {"mouthSmileRight": 1.0},
    "mouth_lipStretch_l": {"mouthStretchLeft": 1.0},
    "mouth_lipStretch_r": {"mouthStretchRight": 1.0},
    "mouth_lowerLipDepress_l": {"mouthLowerDownLeft": 1.0},
    "mouth_lowerLipDepress_r": {"mouthLowerDownRight": 1.0},
    "mouth_upperLipRaise_l": {"mouthUpperUpLeft": 1.0},
    "mouth_upperLipRaise_r": {"mouthUpperUpRight": 1.0},
    "mouth_press_l": {"mouthPressLeft": 1.0},
    "mouth_press_r": {"mouthPressRight": 1.0},
    "mouth_suck_dl": {"mouthRollLower": 0.5},
    "mouth_suck_dr": {"mouthRollLower": 0.5},
    "mouth_suck_ul": {"mouthRollUpper": 0.5},
    "mouth_suck_ur": {"mouthRollUpper": 0.5},
    "mouth_chinRaise_u": {"mouthShrugUpper": 1.0},
    "mouth_dimple_l": {"mouthDimpleLeft": 1.0},
    "mouth_dimple_r": {"mouthDimpleRight": 1.0},
    "nose_wrinkle_l": {"noseSneerLeft": 1.0},
    "nose_wrinkle_r": {"noseSneerRight": 1.0},
    "jaw_sideways_l": {"jawLeft": 1.0},
}
GRID = "CC BY 4.0 (GRID audio-visual sentence corpus, Cooke et al. 2006, by its Zenodo record)"
LICENCES = {
    "grid_s1": GRID,
    "grid_others": GRID,
    "facegood": "MIT (FACEGOOD-Audio2Face, training part)",
    "others": "demonstration clips of public projects: for validation only, no weight may be learned from them",
}
#: Of a speaker's takes, every so many-th validates and tests: by their order.
VALIDATION_OF, TEST_OF = 5, 10
MOTION_ARRAYS = ("blendshapes", "rotation_deg", "translation", "gaze_deg", "intensity")


@dataclass(frozen=True)
class Clip:
    """A clip as it was tracked. sound: (n,) at 16 kHz. shapes: (T, 52), rotation_deg: (T, 3), both at `fps`."""

    name: str
    speaker: str
    sound: FloatArray
    shapes: FloatArray
    rotation_deg: FloatArray
    fps: float = VIDEO_FPS

    def face(self, late_s: float) -> Motion:
        """The face at `FPS`, over exactly the sound; the track is `late_s` late against it."""
        frames = frame_count(len(self.sound) / SAMPLE_RATE_HZ, FPS)
        wanted_s, own_s = frame_times_s(frames, FPS) + late_s, frame_times_s(len(self.shapes), self.fps)
        both = np.concatenate([self.shapes, self.rotation_deg], axis=1)
        read = np.stack([np.interp(wanted_s, own_s, column) for column in both.T], axis=1).astype(np.float32)
        shapes, still = read[:, : len(BLENDSHAPE_NAMES)], np.zeros((frames, 3), np.float32)
        return Motion(float(FPS), np.clip(shapes, 0.0, 1.0), read[:, -3:], still, still[:, :2], still[:, 0])


def clips_of(folder: Path, name: str) -> Iterator[Clip]:
    """The clips of a file of the talking tracks. Raises InputError where it is missing."""
    tracks, sound_file = folder / f"{name}.npz", folder / f"{name}.flac"
    if not (tracks.is_file() and sound_file.is_file()):
        raise InputError(as_written(f"{folder} holds no {name}.npz and {name}.flac; name the folder of the talking tracks."))
    sound, _ = soundfile.read(sound_file, dtype="float32")
    with np.load(tracks) as data:
        names, frames, samples = [str(each) for each in data["clip"]], data["frames"], data["samples"]
        shapes, rotation_deg, fps = _rig(data) if "curves" in data else _tracked(data)
    row = at = 0
    for clip, count, length in zip(names, frames, samples, strict=True):
        here = slice(row, row + int(count))
        speaker = name if name in ("grid_s1", "facegood") else speaker_of(clip)
        yield Clip(clip, speaker, sound[at : at + int(length)], shapes[here], rotation_deg[here], fps)
        row, at = row + int(count), at + int(length)


def _tracked(data: Mapping[str, np.ndarray]) -> tuple[FloatArray, FloatArray, float]:
    """Shapes (T, 52) in [0, 1] and head turns (T, 3) less their mean, of tracked faces."""
    scores = data["blendshapes"].astype(np.float32) / 255.0
    shapes = np.zeros((len(scores), len(BLENDSHAPE_NAMES)), np.float32)
    for column, name in enumerate(str(each) for each in data["blendshape_name"]):
        if name in BLENDSHAPE_INDEX:
            shapes[:, BLENDSHAPE_INDEX[name]] = scores[:, column]
    turns = np.array([rotation_deg_of(pose[:3, :3].astype(np.float64)) for pose in data["pose"]], np.float32)
    return shapes, turns - np.median(turns, axis=0), VIDEO_FPS


def _rig(data: Mapping[str, np.ndarray]) -> tuple[FloatArray, FloatArray, float]:
    """The same of FACEGOOD's curves, which have no head turns."""
    names = [str(each) for each in data["curve_name"]]
    shapes = arkit_of_facegood(data["curves"].astype(np.float32), names)
    return shapes, np.zeros((len(shapes), 3), np.float32), 30.0


def arkit_of_facegood(curves: FloatArray, names: Sequence[str]) -> FloatArray:
    """(T, 52) in [0, 1] from FACEGOOD's curves (T, 116) called `names`, by the table."""
    weights = np.zeros((len(names), len(BLENDSHAPE_NAMES)), np.float32)
    for row, name in enumerate(names):
        for shape, weight in FACEGOOD.get(name, {}).items():
            weights[row, BLENDSHAPE_INDEX[shape]] = weight
    return np.clip(curves @ weights, 0.0, 1.0).astype(np.float32)


def takes_of(clips: Sequence[Clip]) -> Iterator[list[Clip]]:
    """The clips of one speaker in order, as many together as last `TAKE_S`; the last take may be shorter."""
    together: list[Clip] = []
    length_s = 0.0
    for clip in clips:
        together.append(clip)
        length_s += len(clip.sound) / SAMPLE_RATE_HZ
        if length_s >= TAKE_S:
            yield together
            together, length_s = [], 0.0
    if together:
        yield together


def pieces_of(clip: Clip) -> list[Clip]:
    """A clip of many takes' length cut into takes."""
    count = max(1, int(len(clip.sound) / SAMPLE_RATE_HZ / TAKE_S))
    edges_s = np.linspace(0.0, len(clip.sound) / SAMPLE_RATE_HZ, count + 1)
    if count == 1:
        return [clip]
    cut = []
    for number, (start_s, stop_s) in enumerate(pairwise(edges_s)):
        rows = slice(round(start_s * clip.fps), round(stop_s * clip.fps))
        sound = clip.sound[round(start_s * SAMPLE_RATE_HZ) : round(stop_s * SAMPLE_RATE_HZ)]
        name = f"{clip.name}_{number:03d}"
        cut.append(Clip(name, clip.speaker, sound, clip.shapes[rows], clip.rotation_deg[rows], clip.fps))
    return cut


def make_real(tracks: Path, name: str, out: Path) -> Iterator[str]:
    """Write the set of one file of the talking tracks to OUT/`name`; yields a sentence a speaker. Raises like `clips_of`."""
    folder = out / name.replace("_", "-")
    every = [piece for clip in clips_of(tracks, name) for piece in pieces_of(clip) if not clip.name.startswith(NO_STRANGER)]
    speakers = list(dict.fromkeys(clip.speaker for clip in every))
    kept: dict[str, list[str]] = {"validation": [], "test": []}
    if name in ("grid_others", "others"):
        kept = {"test": speakers}
    for speaker in speakers:
        clips = [clip for clip in every if clip.speaker == speaker]
        late_s = late_of(clips, name)
        for number, together in enumerate(takes_of(clips)):
            place = Place(folder, speaker, "neutral", f"take{number:03d}")
            written(place, together, late_s)
            if "validation" in kept and number % TEST_OF in (0, VALIDATION_OF):
                kept["test" if number % TEST_OF == 0 else "validation"].append(f"{speaker}/neutral/{place.take}")
        yield f"{name}/{speaker}: {number + 1} takes, track late by {1000.0 * late_s:.0f} ms"
    write_facts(folder, LICENCES[name], f"talking tracks, {name}", kept)


def late_of(clips: Sequence[Clip], name: str) -> float:
    """How late the tracks of a speaker are, in seconds: see the module's first lines."""
    if name == "facegood":
        return 0.0
    if name != "others" or clips[0].speaker.startswith(KEEPS_TIME):
        return TRACK_DELAY_S
    return lag_s([(clip.sound, openness(clip.shapes)) for clip in clips], VIDEO_FPS, LearnedLips(threads=1))


def written(place: Place, clips: Sequence[Clip], late_s: float) -> None:
    """One take of clips laid end to end."""
    faces = [clip.face(late_s) for clip in clips]
    sounds = [clip.sound[: round(len(face) / FPS * SAMPLE_RATE_HZ)] for clip, face in zip(clips, faces, strict=True)]
    columns = (np.concatenate([getattr(face, name) for face in faces]) for name in MOTION_ARRAYS)
    write_sound(place, np.concatenate(sounds))
    write_face(place, Motion(float(FPS), *columns))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the sets. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m motion.emotion.training.real_faces", description=__doc__)
    parser.add_argument("tracks", type=Path, help="folder of the talking tracks")
    parser.add_argument("out", type=Path, help="folder of the sets")
    parser.add_argument("--only", nargs="+", choices=sorted(LICENCES), default=sorted(LICENCES), help="which of them")
    given = parser.parse_args(arguments)
    try:
        for name in given.only:
            for sentence in make_real(given.tracks, name, given.out):
                print(sentence, flush=True)
    except BelcantoError as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
