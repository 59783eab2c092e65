"""Whether the styles are seen: films of one song in every style and at several intensities, read by the Face Landmarker.

`python -m benchmarks.emotions --portraits P [P ...] --song S --out DIR [--start S] [--duration S] [--height PX]
[--intensities 0.35 1.0] [--reuse]` writes the films, `emotions.md`, `emotions.json` and `emotions.png` into the folder. Every
film is held against the neutral one of the same portrait and intensity: what its face does more, in ARKit's shapes; which style
that looks most like; and whether the lips still do the same. The neutral films at the lowest and the highest intensity, held
against each other, are the control: there, no style should be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from benchmarks.programs import last_line, run_measured
from core.contracts import BLENDSHAPE_INDEX, ByteArray, FloatArray
from core.errors import InputError
from core.messages import as_written
from core.timebase import frames_to_seconds
from faces.faces import FaceFinder
from media.media import probe_video, read_frames
from metrics.aperture import aperture
from metrics.contact_sheet import ContactSheetSettings, contact_sheet, write_png

NEUTRAL = "neutral"
STYLES = (NEUTRAL, "happy", "sad", "angry", "surprised")
#: What is told of a face: mean of the named shapes. The landmarker hardly reads cheekSquint and noseSneer.
SIGNS: dict[str, tuple[str, ...]] = {
    "smile": ("mouthSmileLeft", "mouthSmileRight"),
    "frown": ("mouthFrownLeft", "mouthFrownRight"),
    "brow down": ("browDownLeft", "browDownRight"),
    "inner brow up": ("browInnerUp",),
    "outer brow up": ("browOuterUpLeft", "browOuterUpRight"),
    "eye wide": ("eyeWideLeft", "eyeWideRight"),
    "eye squint": ("eyeSquintLeft", "eyeSquintRight"),
    "blink": ("eyeBlinkLeft", "eyeBlinkRight"),
}
#: What the landmarks themselves tell, in quarters of the eye span, for the landmarker's shapes hardly know a sad face: corners of
#: the mouth over its middle, inner ends of the brows over their outer ends, brows over the eyes.
CORNERS_UP, BROWS_SLANT, BROWS_UP = "corners up", "brows slant", "brows up"
ALL_SIGNS = (*SIGNS, CORNERS_UP, BROWS_SLANT, BROWS_UP)
QUARTER_SPANS = 4.0
#: Landmarks: the mouth's corners; inner lips; inner and outer brow ends; corners of the eyes.
MOUTH_CORNERS, INNER_LIPS = (61, 291), (13, 14)
BROWS_INNER, BROWS_OUTER, EYE_CORNERS = (55, 107, 285, 336), (46, 70, 276, 300), (33, 133, 362, 263)
#: The signs by which each style is known (EMFACS): their mean, less that of the ones that speak against it.
KNOWN_BY: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "happy": (("smile", CORNERS_UP), ("brow down", "frown")),
    "sad": ((BROWS_SLANT, "blink"), (CORNERS_UP, "smile", "eye wide")),
    "angry": (("brow down", "eye squint"), ("inner brow up", BROWS_SLANT, BROWS_UP)),
    "surprised": ((BROWS_UP, "outer brow up", "inner brow up"), ("brow down", "eye squint", "blink")),
}
#: A face whose best style reaches less than this is read as neutral.
READ_FROM = 0.08
#: Frames of each film on the sheet, and their height in pixels.
SHEET_FRAMES, SHEET_CELL_PX = 5, 190


@dataclass(frozen=True)
class EmotionSettings:
    """Which part of the song, how high the films are, and which intensities they have."""

    start_s: float = 0.0
    duration_s: float | None = 4.0
    height: int = 360
    intensities: tuple[float, ...] = (0.35, 1.0)
    #: films that lie in the folder already are read as they are.
    reuse: bool = False


@dataclass(frozen=True)
class FaceOverTime:
    """What was read: signs (T, len(ALL_SIGNS)) and lip aperture (T,) in eye spans; NaN where no face was found."""

    signs: FloatArray
    opening: FloatArray

    def mean_signs(self) -> FloatArray:
        """(len(ALL_SIGNS),) mean over the film."""
        return np.asarray(np.nanmean(self.signs, axis=0), np.float32)


@dataclass(frozen=True)
class StyleReading:
    """One film against the neutral one.

    more: by how much each sign is stronger. read_as: the style that this looks most like. lips_correlation: of the lip aperture
    with that of the neutral film; opened: mean aperture more (eye spans).
    """

    portrait: str
    style: str
    intensity: float
    more: dict[str, float]
    read_as: str
    lips_correlation: float
    opened: float


def read_face(video: Path) -> FaceOverTime:
    """Follow the face through a film. Raises `InputError` where the film can't be read or holds no face."""
    fps = probe_video(video).fps
    signs, opening = [], []
    with FaceFinder(video=True) as finder:
        for index, frame in enumerate(read_frames(video)):
            face = finder.track(frame, frames_to_seconds(index, fps))
            if face is None:
                signs.append([np.nan] * len(ALL_SIGNS))
                opening.append(np.nan)
                continue
            shapes = [float(np.mean([face.blendshapes[BLENDSHAPE_INDEX[name]] for name in names])) for names in SIGNS.values()]
            signs.append([*shapes, *landmark_signs(face.landmarks)])
            opening.append(aperture(face.landmarks))
    if np.isnan(opening).all():
        raise InputError(as_written(f"No face was found in {video}."))
    return FaceOverTime(np.asarray(signs, np.float32), np.asarray(opening, np.float32))


def landmark_signs(landmarks: FloatArray) -> tuple[float, float, float]:
    """Corners up, brows' slant, brows up in quarters of the eye span, along the face's own upright; landmarks (478, 3)."""
    across = landmarks[EYE_CORNERS[3], :2] - landmarks[EYE_CORNERS[0], :2]
    up = np.asarray([across[1], -across[0]]) / float(across @ across) * QUARTER_SPANS

    def height(indices: tuple[int, ...]) -> float:
        return float((landmarks[list(indices), :2] @ up).mean())

    inner, outer = height(BROWS_INNER), height(BROWS_OUTER)
    return height(MOUTH_CORNERS) - height(INNER_LIPS), inner - outer, 0.5 * (inner + outer) - height(EYE_CORNERS)


def read_as(more: dict[str, float]) -> str:
    """The style whose signs are strongest among the differences; neutral where none is clear."""
    scores = {
        style: float(np.mean([more[sign] for sign in signs]) - np.mean([more[sign] for sign in against]))
        for style, (signs, against) in KNOWN_BY.items()
    }
    best = max(scores, key=lambda style: scores[style])
    return best if scores[best] >= READ_FROM else NEUTRAL


def compare(portrait: str, style: str, intensity: float, film: FaceOverTime, neutral: FaceOverTime) -> StyleReading:
    """A film of a style against the neutral film of the same portrait."""
    more = dict(zip(ALL_SIGNS, (film.mean_signs() - neutral.mean_signs()).tolist(), strict=True))
    both = np.isfinite(film.opening) & np.isfinite(neutral.opening)
    ours, theirs = film.opening[both], neutral.opening[both]
    likeness = float(np.corrcoef(ours, theirs)[0, 1]) if ours.std() > 0 and theirs.std() > 0 else 1.0
    return StyleReading(portrait, style, intensity, more, read_as(more), likeness, float(ours.mean() - theirs.mean()))


def film_name(portrait: Path, style: str, intensity: float) -> str:
    """Name of a film's file."""
    return f"{portrait.stem}__{style}_{round(100 * intensity):03d}.mp4"


def make_film(portrait: Path, song: Path, video: Path, style: str, intensity: float, settings: EmotionSettings) -> None:
    """Make one film by the command line. Raises `InputError` with its sentence where it fails."""
    command = [sys.executable, "-m", "pipeline", "sing", "--portrait", str(portrait.resolve()), "--song", str(song.resolve())]
    command += ["--out", str(video.resolve()), "--style", style, "--intensity", f"0:{intensity:g}"]
    command += ["--start", f"{settings.start_s:g}", "--height", str(settings.height)]
    command += ["--duration", f"{settings.duration_s:g}"] if settings.duration_s is not None else []
    run = run_measured(command)
    if run.code != 0:
        raise InputError(as_written(f"The film of {portrait.name} in the style {style} failed: {last_line(run.stderr)}"))


def measure(portrait: Path, song: Path, out: Path, settings: EmotionSettings) -> list[StyleReading]:
    """All films of one portrait, read and compared; the control, neutral against neutral, comes last."""
    faces: dict[tuple[str, float], FaceOverTime] = {}
    for intensity in settings.intensities:
        for style in STYLES:
            video = out / film_name(portrait, style, intensity)
            if not (settings.reuse and video.exists()):
                make_film(portrait, song, video, style, intensity, settings)
            faces[style, intensity] = read_face(video)
    readings = [
        compare(portrait.name, style, intensity, face, faces[NEUTRAL, intensity])
        for (style, intensity), face in faces.items()
        if style != NEUTRAL
    ]
    low, high = min(settings.intensities), max(settings.intensities)
    return [*readings, compare(portrait.name, NEUTRAL, high, faces[NEUTRAL, high], faces[NEUTRAL, low])]


def markdown(readings: Sequence[StyleReading]) -> str:
    """The readings as a Markdown table."""
    head = ["portrait", "style", "intensity", *ALL_SIGNS, "read as", "lips r", "lips opened"]
    lines = [describe_machine().sentence(), "", "| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for reading in readings:
        signs = [f"{reading.more[sign]:+.2f}" for sign in ALL_SIGNS]
        lips = [f"{reading.lips_correlation:.3f}", f"{reading.opened:+.3f}"]
        row = [reading.portrait, reading.style, f"{reading.intensity:g}", *signs, reading.read_as, *lips]
        lines.append("| " + " | ".join(row) + " |")
    right = sum(reading.read_as == reading.style for reading in readings)
    return "\n".join([*lines, "", f"Read right: {right} of {len(readings)}."]) + "\n"


def sheet(portraits: Sequence[Path], out: Path, settings: EmotionSettings) -> ByteArray:
    """One row for each style and intensity of each portrait, (H, W, 3) uint8."""
    look = ContactSheetSettings(frames=SHEET_FRAMES, columns=SHEET_FRAMES, cell_px=SHEET_CELL_PX, crop="face")
    blocks = []
    for portrait in portraits:
        for style in STYLES:
            rows = [contact_sheet(out / film_name(portrait, style, intensity), look) for intensity in settings.intensities]
            blocks.append(_beside(rows))
    width = max(block.shape[1] for block in blocks)
    return np.concatenate([np.pad(block, ((0, 0), (0, width - block.shape[1]), (0, 0))) for block in blocks])


def _beside(rows: Sequence[ByteArray]) -> ByteArray:
    height = max(row.shape[0] for row in rows)
    return np.concatenate([np.pad(row, ((0, height - row.shape[0]), (0, 8), (0, 0))) for row in rows], axis=1)


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    default = EmotionSettings()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.emotions", description="Are the styles seen?")
    parser.add_argument("--portraits", type=Path, nargs="+", required=True, metavar="P", help="pictures")
    parser.add_argument("--song", type=Path, required=True, metavar="S", help="the song")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for films, table and sheet")
    parser.add_argument("--start", type=float, default=default.start_s, metavar="S", help="second of the song to begin at")
    parser.add_argument("--duration", type=float, default=default.duration_s, metavar="S", help="seconds of each film")
    parser.add_argument("--height", type=int, default=default.height, metavar="PX", help="height of the films")
    parser.add_argument("--intensities", type=float, nargs="+", default=default.intensities, metavar="I", help="0 to 1 each")
    parser.add_argument("--reuse", action="store_true", help="read films that lie in the folder already as they are")
    return parser


@ends_in_words("Cancelled; the films made so far are in the folder.")
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 unusable input, 3 something missing, 130 cancelled."""
    options = build_parser().parse_args(arguments)
    settings = EmotionSettings(options.start, options.duration, options.height, tuple(options.intensities), options.reuse)
    readings: list[StyleReading] = []
    options.out.mkdir(parents=True, exist_ok=True)
    for portrait in options.portraits:
        readings += measure(portrait, options.song, options.out, settings)
        (options.out / "emotions.md").write_text(markdown(readings), encoding="utf-8")
        found = {"machine": asdict(describe_machine()), "readings": [asdict(reading) for reading in readings]}
        (options.out / "emotions.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    write_png(sheet(options.portraits, options.out, settings), options.out / "emotions.png")
    print(options.out / "emotions.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
