"""Tongues over the lower lip: how many that are painted onto photos are found, and how many photos without one alarm.

    python -m benchmarks.tongues FOLDER [FOLDER ...]

Every face of a person in the folders' pictures is looked at as it is, and with three tongues (short and broad, of middle size,
long and narrow), after which the face is found anew. JSON lines: every picture that was taken wrongly, then the sums.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.contracts import ByteArray, Face, FloatArray
from core.errors import InputError
from faces.faces import FaceFinder
from faces.tongue import TONGUE_FROM, tongue_evidence
from faces.upright import find_upright
from media.pictures import load_picture

#: Landmarks: the inner border of the upper lip; upper and lower lip's middle; corners of mouth and eyes; cheeks.
_INNER_UPPER, _UPPER, _LOWER, _CORNERS, _EYES = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308], 13, 14, [78, 308], [33, 263]
_CHEEKS = [50, 280, 101, 330]
#: Faces whose eyes' corners are nearer, in pixels, are left out; larger pictures are made smaller first.
LEAST_SPAN_PX, KEPT_PIXELS = 30.0, 800_000


@dataclass(frozen=True)
class Tongue:
    """What is painted: width in widths of the mouth; how far under the lower lip's edge it reaches and the mouth is open over it,
    in distances of the eyes' corners; turn in degrees; light against the cheeks.
    """

    width: float = 0.6
    length: float = 0.22
    gap: float = 0.06
    turn_deg: float = 0.0
    light: float = 0.9


TONGUES = {
    "short": Tongue(0.65, 0.19, 0.07, 5, 1.0),
    "middle": Tongue(0.6, 0.24, 0.08, -4, 0.85),
    "long": Tongue(0.45, 0.36, 0.05, 9, 0.95),
}


def with_tongue(image: ByteArray, landmarks: FloatArray, tongue: Tongue) -> ByteArray:
    """The picture (H, W, 3) with a tongue painted over the lower lip of the face with `landmarks` (478, 3)."""
    points = landmarks[:, :2].astype(np.float64)
    span = float(np.linalg.norm(points[_EYES[1]] - points[_EYES[0]]))
    angle = np.arctan2(*(points[_EYES[1]] - points[_EYES[0]])[::-1]) + np.radians(tongue.turn_deg)
    across, down = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]]
    places = np.stack([x, y], axis=-1) - points[_UPPER] - 0.3 * tongue.gap * span * down
    half = 0.5 * tongue.width * float(np.linalg.norm(points[_CORNERS[1]] - points[_CORNERS[0]]))
    whole = tongue.length * span + float((points[_LOWER] - points[_UPPER]) @ down)
    u, v = places @ across / half, places @ down / whole
    tip = np.sqrt(np.clip(1 - (np.clip(v - 0.55, 0, None) / 0.45) ** 2, 0, 1))
    edge = np.minimum(np.minimum((tip - np.abs(u)) * half, (v + 0.05) * whole), (1 - v) * whole)
    cover = np.clip(edge / max(1.0, 0.008 * span) + 0.5, 0, 1) * (tip > 0)
    line = points[_INNER_UPPER]
    arch = np.sqrt(np.clip(1 - np.linspace(-1, 1, len(line)) ** 2, 0, 1))[:, None] * tongue.gap * span * down
    lip_up = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(lip_up, [np.rint(np.concatenate([line, line[::-1] + 9 * whole * down])).astype(np.int32)], 1)
    dark = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(dark, [np.rint(np.concatenate([line, (line + arch)[::-1]])).astype(np.int32)], 1)
    cover = cover * lip_up
    cheeks = np.median([image[int(py), int(px)] for px, py in points[_CHEEKS]], axis=0)
    grey = bool(np.ptp(cheeks) < 4)
    tone = cheeks * tongue.light * (np.full(3, 0.8) if grey else np.array([0.98, 0.66, 0.70]))
    grain = cv2.GaussianBlur(np.random.default_rng(2).normal(size=image.shape[:2]), (0, 0), max(0.6, 0.008 * span))
    light = (1 - 0.2 * u**2 - 0.14 * np.exp(-((u / 0.07) ** 2)) + 0.05 * grain / grain.std()) * (0.8 + 0.25 * np.clip(v, 0, 1))
    shadow = cv2.GaussianBlur(np.roll(cover, round(0.015 * span), axis=0), (0, 0), max(1.0, 0.02 * span))
    painted = image * (1 - dark[..., None]) + dark[..., None] * np.array([40, 40, 40] if grey else [48, 22, 22])
    painted = painted * (1 - 0.3 * shadow[..., None] * (1 - cover[..., None]))
    painted = painted * (1 - cover[..., None]) + tone * light[..., None] * cover[..., None]
    return np.clip(painted, 0, 255).astype(np.uint8)


def people(folders: list[Path], finder: FaceFinder) -> Iterator[tuple[str, ByteArray, Face]]:
    """Every person's face in the pictures of the folders."""
    for path in sorted(path for folder in folders for path in folder.iterdir() if path.is_file()):
        try:
            picture, faces = find_upright(load_picture(path, kept_pixels=KEPT_PIXELS), finder)
        except InputError:
            continue
        for face in faces:
            if face.human and np.linalg.norm(face.landmarks[_EYES[0], :2] - face.landmarks[_EYES[1], :2]) >= LEAST_SPAN_PX:
                yield path.name, picture.image, face


def measure(folders: list[Path]) -> dict[str, object]:
    """Look at every face as it is and with each tongue; tells of those taken wrongly on the way."""
    faces, alarms, found, tried = 0, 0, dict.fromkeys(TONGUES, 0), dict.fromkeys(TONGUES, 0)
    with FaceFinder() as finder:
        for name, image, face in people(folders, finder):
            faces += 1
            if (evidence := tongue_evidence(image, face)) >= TONGUE_FROM:
                alarms += 1
                print(json.dumps({"picture": name, "tongue": None, "evidence": round(evidence, 2)}))
            for kind, tongue in TONGUES.items():
                painted = with_tongue(image, face.landmarks, tongue)
                middle = face.landmarks[:, :2].mean(axis=0)
                again = min(
                    finder.find(painted), key=lambda one: np.linalg.norm(one.landmarks[:, :2].mean(axis=0) - middle), default=None
                )
                if again is None:
                    continue
                tried[kind] += 1
                found[kind] += tongue_evidence(painted, again) >= TONGUE_FROM
    return {"faces": faces, "false_alarms": alarms, "tried": tried, "found": found}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    print(json.dumps(measure(parser.parse_args().folders)))


if __name__ == "__main__":
    main()
