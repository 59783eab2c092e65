"""The contracts between stages: what a picture, a face, a motion and a stem are, and what each kind of stage promises.

Axis names: T frames, H rows, W columns. Pixels are RGB uint8 unless said otherwise. Coordinates are in picture pixels with x to
the right, y down, and z away from the camera (the Face Landmarker's convention: smaller z is nearer).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.messages import Message

#: Floating-point array; float32 wherever a docstring does not say otherwise.
FloatArray = npt.NDArray[np.floating[Any]]
ByteArray = npt.NDArray[np.uint8]

#: Progress callback: stage name, units done, units in all. It may raise `core.errors.Cancelled` to stop the work.
Progress = Callable[[str, int, int], None]
#: Key points of a curve over time: (seconds, value) each.
Points = tuple[tuple[float, float], ...]


def silent(stage: str, done: int, total: int) -> None:
    """The progress callback that listens to nothing."""


@dataclass(frozen=True)
class Face:
    """One face found in a picture.

    landmarks: (478, 3) float32, Face Landmarker points in picture pixels (z on the scale of x, smaller is nearer).
    blendshapes: (52,) float32 in [0, 1], in `BLENDSHAPE_NAMES` order: the expression that the picture shows.
    rotation_deg: (yaw, pitch, roll) of the head in degrees: yaw > 0 turns the nose to the picture's right, pitch > 0
        raises it, roll > 0 tips the head's top to the picture's right (clockwise as seen).
    box: (left, top, right, bottom) in pixels around the landmarks.
    human: False where the landmarks fit but the face is most likely an animal's: it has no human teeth.
    """

    landmarks: FloatArray
    blendshapes: FloatArray
    rotation_deg: tuple[float, float, float]
    box: tuple[float, float, float, float]
    human: bool = True


@dataclass(frozen=True)
class Portrait:
    """A picture with the face that will sing.

    image: (H, W, 3) uint8 RGB, upright, alpha already composed; H and W even.
    alpha: (H, W) uint8 where the file had transparency, else None.
    face: the chosen face.
    turned: by how many quarters to the left the picture was turned so that its face stands upright, 0 to 3.
    keep: keeps what an engine makes of the portrait alone, for other films of it; None: nobody keeps it.
    usual: the same at the size of a film whose height nobody chose, of which an engine makes what serves every height; None:
        this is it.
    """

    image: ByteArray
    face: Face
    alpha: ByteArray | None = None
    turned: int = 0
    keep: Keep | None = field(default=None, compare=False, repr=False)
    usual: Portrait | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Motion:
    """How a face and head move: one record for every engine.

    fps: frames per second of every array below.
    blendshapes: (T, 52) float32 in [0, 1], ARKit order (`BLENDSHAPE_NAMES`); absolute shapes, 0 is the relaxed shut face.
    rotation_deg: (T, 3) float32, yaw, pitch, roll in degrees relative to the portrait's own pose, signs as in `Face`.
    translation: (T, 3) float32, in units of face width: x right, y down, z away from the camera.
    gaze_deg: (T, 2) float32, degrees relative to the portrait's own gaze: to the picture's right, up.
    intensity: (T,) float32 in [0, 1], how strongly the performer feels the moment.
    """

    fps: float
    blendshapes: FloatArray
    rotation_deg: FloatArray
    translation: FloatArray
    gaze_deg: FloatArray
    intensity: FloatArray

    def __post_init__(self) -> None:
        frames = len(self.blendshapes)
        expected = {
            "blendshapes": (frames, len(BLENDSHAPE_NAMES)),
            "rotation_deg": (frames, 3),
            "translation": (frames, 3),
            "gaze_deg": (frames, 2),
            "intensity": (frames,),
        }
        for name, shape in expected.items():
            array = getattr(self, name)
            if array.shape != shape:
                raise ValueError(f"Motion.{name} has shape {array.shape}; {shape} is expected.")
            if not np.isfinite(array).all():
                raise ValueError(f"Motion.{name} holds values that are not finite.")
        if not self.fps > 0:
            raise ValueError(f"Motion.fps is {self.fps}; a positive number is expected.")

    def __len__(self) -> int:
        return len(self.blendshapes)

    def shape(self, name: str) -> FloatArray:
        """Curve (T,) of one blendshape by its ARKit name."""
        return self.blendshapes[:, BLENDSHAPE_INDEX[name]]


@dataclass(frozen=True)
class Stems:
    """A song taken apart; both files are 44.1 kHz stereo WAV, as long as the mix.

    voice_share: the voice's part of the energy, in [0, 1].
    notes: what the user is told ("This file is voice alone, ..."); empty when there is nothing to say.
    """

    voice: Path
    accompaniment: Path
    duration_s: float
    voice_share: float
    notes: tuple[Message, ...] = field(default=())


class Separator(Protocol):
    """Takes the voice out of the mix."""

    def separate(self, mix: Path, out_dir: Path, progress: Progress = silent) -> Stems:
        """Write the stems of the audio file `mix` into `out_dir`."""
        ...


@dataclass(frozen=True)
class StyledSection:
    """A part of the film, from `start_s` to `stop_s` in seconds, and the style in effect there (never `auto`)."""

    start_s: float
    stop_s: float
    style: str


class TimedPhoneme(Protocol):
    """One sound of speech in IPA, and when it is heard, in seconds from the film's first frame."""

    @property
    def symbol(self) -> str: ...

    @property
    def start_s(self) -> float: ...

    @property
    def end_s(self) -> float: ...


@dataclass(frozen=True)
class DrivingSound:
    """The sound that a motion follows; voice and mix start together, at the film's first frame.

    voice: a sound file of the voice, which drives the lips; None where nobody had to find it. mix: one of all that is heard,
    which moves the head. fps, frames: of the motion that is asked for. start_s: where in the song the film begins. alone: the
    voice was recorded alone, not taken out of the mix, so that its level beside the mix says nothing. phonemes: what the voice
    says, in order, where whoever made the sound knows it. feelings: the styles of parts that are given with the sound, in order;
    elsewhere that of the settings is in effect. shut_in_rests: where nothing is heard lips rest on each other, and neither a
    breath nor the word to come parts them early: a film that spoke before must be seen to be silent.
    """

    voice: Path | None
    mix: Path
    fps: float
    frames: int
    start_s: float = 0.0
    alone: bool = False
    phonemes: tuple[TimedPhoneme, ...] = ()
    feelings: tuple[StyledSection, ...] = ()
    shut_in_rests: bool = False


@dataclass(frozen=True)
class Emotion:
    """The emotion of a film, as it is reported.

    style: as asked for, `auto` included. sections: the style in effect, part by part.
    step_s: distance of the values of both curves, the first at 0 s. intensity: the curve in effect, 0 to 1. automatic: the curve
        found in the song; the same where no key points were given and no network performs.
    points: the key points that were given. automatic_points: few points that tell the automatic curve, to start editing from.
    learned: the curve that a trained network finds, in effect where one performs and no key points were given; empty: none does.
    learned_points: few points that tell it.
    """

    style: str
    sections: tuple[StyledSection, ...]
    step_s: float
    intensity: tuple[float, ...]
    automatic: tuple[float, ...]
    points: Points
    automatic_points: Points
    learned: tuple[float, ...] = ()
    learned_points: Points = ()


@dataclass(frozen=True)
class Performance:
    """A motion, the emotion behind it (None where nobody knows it), and what the user is to be told about them.

    sung: (T,) how much of each frame is sung, 0 to 1, whatever is made of it; None where nobody has heard it.
    """

    motion: Motion
    emotion: Emotion | None = None
    notes: tuple[Message, ...] = ()
    sung: FloatArray | None = None


#: Gives the folder in which the work of the function lies, which is called with an empty one where it was not done before; first
#: what of the source's settings that work depends on.
Keep = Callable[[Mapping[str, object], Callable[[Path], None]], Path]


class MotionSource(Protocol):
    """Where a film's motion comes from: a song that is heard, a file that is read.

    hears: whether it needs the voice, so that the song is taken apart for it. room: the package of its sources, by which work
    that was kept is told from that of another version.
    """

    @property
    def hears(self) -> bool: ...

    @property
    def room(self) -> str: ...

    def perform(self, sound: DrivingSound, keep: Keep, progress: Progress = silent) -> Performance:
        """The motion of exactly `sound.frames` frames at `sound.fps`; what is dear and serves other performances too is kept."""
        ...

    def emotion(self, sound: DrivingSound, keep: Keep, progress: Progress = silent) -> Emotion | None:
        """The emotion of that performance alone."""
        ...


class Renderer(Protocol):
    """Turns a portrait and a motion into pictures, one at a time."""

    def frames(self, portrait: Portrait, motion: Motion, progress: Progress = silent) -> Iterator[ByteArray]:
        """Yield T frames (H, W, 3) uint8 RGB of the portrait's own size."""
        ...


class LiveDrawer(Protocol):
    """Draws one portrait as its motion comes; all about the portrait is made when it is opened."""

    def draw(self, motion: Motion) -> Iterator[ByteArray]:
        """The next frames (H, W, 3) uint8 RGB of the portrait's own size, one for each of the motion's, which goes on where the
        last call's ended. Several threads may draw ahead; memory does not grow."""
        ...


@dataclass(frozen=True)
class HeadFilm:
    """The head alone, as a renderer of squares draws it, and where it belongs in the picture.

    box: (left, top, right, bottom) of the square in picture pixels; 0 is the picture's own outer border, and parts of the square
        may lie outside.
    side_px: width and height of each frame.
    frames: (side_px, side_px, 3) uint8 RGB, one at a time.
    """

    box: tuple[float, float, float, float]
    side_px: int
    frames: Iterator[ByteArray]


class HeadRenderer(Protocol):
    """Turns a portrait and a motion into pictures of the head's square alone, which is put back into the whole picture later."""

    def head_film(self, portrait: Portrait, motion: Motion, progress: Progress = silent) -> HeadFilm:
        """The film of T squares, at the motion's frame rate; nothing is drawn before the first frame is taken."""
        ...


@dataclass(frozen=True)
class Square:
    """Where the square that a `HeadRenderer` draws lies in the picture: `box` and `side_px` as in `HeadFilm`."""

    box: tuple[float, float, float, float]
    side_px: int


@dataclass(frozen=True)
class FrameInfo:
    """What is known of frames at one place on their way into the film.

    portrait: whose film it is, as large as the film's pictures as they are drawn. face: the one that sings, in these frames' own
    pixels. width, height: of a frame in pixels. fps, count: frames a second and in all. square: set where a frame shows the
    head's square alone. voice: a sound file of the voice, which begins with the first frame; None where nobody had to find it.
    """

    portrait: Portrait
    face: Face
    width: int
    height: int
    fps: float
    count: int
    square: Square | None = None
    voice: Path | None = None


class FrameFilter(Protocol):
    """Changes frames on their way: a restored face, a square put back, frames in between, a label, other lips.

    Its card (`core/filter_card.py`) says what goes in and what comes out, when it is wanted and what it costs.
    """

    def apply(self, frames: Iterator[ByteArray], progress: Progress = silent) -> Iterator[ByteArray]:
        """Yield frames (H, W, 3) uint8 RGB out of those that come in, each new; memory must not grow with the film.

        progress: may be called at any time, and what it raises ends the work.
        """
        ...
