"""`python -m benchmarks.rig_files`: what is lost between ARKit's shapes and a MetaHuman's curves, and how long it takes.

A motion of the demo's song goes out as files and comes back, the portrait is drawn from the motion and from its MetaHuman CSV,
and random faces show what the table itself loses. With `--mapping FILE` the table is held against a mapping in text: a shape's
name in a line, then lines `CTRL_expressions_NAME = WEIGHT`, as people have published Epic's pose asset `mh_arkit_mapping_pose`.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from animators.mesh.runner import MeshRenderer
from core.contracts import BLENDSHAPE_INDEX, FloatArray, Motion, Portrait
from core.rigs.metahuman_names import CONTROLS, PREFIX
from core.rigs.metahuman_table import arkit_to_metahuman, forward_table, metahuman_to_arkit
from faces.faces import FaceFinder
from media.pictures import load_picture
from motion.files.any_file import read_motion, write_motion
from pipeline.film_motion import write_film_motion
from pipeline.film_settings import SongToVideoSettings

DEMO = Path(__file__).resolve().parent.parent / "demo"
PART = SongToVideoSettings(start_s=4.0, duration_s=3.0)
#: Frames of three minutes, for the times.
LONG_FRAMES, LONG_FPS = 5400, 30.0
#: Entries of a mapping under this are noise of its making; weights nearer than that are the same.
LEAST_ENTRY, SAME = 0.05, 0.02
#: Pixels of the drawn portrait's longer side.
DRAWN_PX = 512


def random_motion() -> Motion:
    """Three minutes of random faces whose lips are no more than shut."""
    random = np.random.default_rng(0)
    shapes = random.random((LONG_FRAMES, 52)).astype(np.float32)
    close, jaw = BLENDSHAPE_INDEX["mouthClose"], BLENDSHAPE_INDEX["jawOpen"]
    shapes[:, close] = np.minimum(shapes[:, close], shapes[:, jaw])
    turns = random.uniform(-20, 20, (LONG_FRAMES, 3)).astype(np.float32)
    return Motion(LONG_FPS, shapes, turns, np.zeros_like(turns), np.zeros((LONG_FRAMES, 2), np.float32), shapes[:, 0])


def there_and_back(motion: Motion, path: Path) -> tuple[Motion, float, float]:
    """The motion out of a MetaHuman's file, and the seconds of writing and of reading it."""
    started = time.perf_counter()
    write_motion(path, motion, metahuman=True)
    written = time.perf_counter()
    again, _ = read_motion(path)
    return again, written - started, time.perf_counter() - written


def song_figures(folder: Path) -> dict[str, Any]:
    """The song's motion, what its files lose of it, and of the pictures drawn."""
    write_film_motion(DEMO / "portrait.jpg", DEMO / "song.mp3", folder / "own.csv", PART)
    motion, _ = read_motion(folder / "own.csv")
    fields = ("blendshapes", "rotation_deg", "translation", "gaze_deg", "intensity")
    lost, again = {}, motion
    for name in ("m.json", "m.csv"):
        again, _, _ = there_and_back(motion, folder / name)
        lost[name] = {field: float(np.abs(getattr(again, field) - getattr(motion, field)).max()) for field in fields}
    image = load_picture(DEMO / "portrait.jpg", kept_pixels=DRAWN_PX**2).image
    with FaceFinder() as finder:
        portrait = Portrait(image, finder.find(image)[0])
    drawn = zip(MeshRenderer().frames(portrait, motion), MeshRenderer().frames(portrait, again), strict=True)
    apart = [np.abs(one.astype(int) - other) for one, other in drawn]
    return {"lost": lost, "drawn_mean": float(np.mean(apart)), "drawn_max": max(int(each.max()) for each in apart)}


def table_figures(folder: Path) -> dict[str, Any]:
    """What the table loses of random faces, and the times of three minutes."""
    motion = random_motion()
    started = time.perf_counter()
    back = metahuman_to_arkit(arkit_to_metahuman(motion.blendshapes))
    figures: dict[str, Any] = {
        "convert_s": time.perf_counter() - started,
        "lost": float(np.abs(back - motion.blendshapes).max()),
    }
    for name in ("long.csv", "long.json"):
        _, write_s, read_s = there_and_back(motion, folder / name)
        figures[name] = {"write_s": write_s, "read_s": read_s, "mb": (folder / name).stat().st_size / 1e6}
    started = time.perf_counter()
    write_motion(folder / "long.glb", motion, metahuman=False)
    figures["long.glb"] = {"write_s": time.perf_counter() - started, "mb": (folder / "long.glb").stat().st_size / 1e6}
    return figures


def read_mapping(path: Path) -> FloatArray:
    """(52, 185) a published mapping's weights. Raises OSError; controls that are none of the 185 are passed over."""
    table, shape = np.zeros_like(forward_table()), None
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = re.fullmatch(rf"{PREFIX}(\w+) = (\S+)", line.strip())
        if entry is None:
            shape = BLENDSHAPE_INDEX.get(line.strip()[:1].lower() + line.strip()[1:], shape)
        elif shape is not None and entry[1] in CONTROLS and abs(float(entry[2])) >= LEAST_ENTRY:
            table[shape, CONTROLS.index(entry[1])] = float(entry[2])
    return table


def agreement(theirs: FloatArray) -> dict[str, float]:
    """How our table stands to another one."""
    ours = forward_table()
    either = (ours != 0) | (theirs != 0)
    return {
        **{"ours": int((ours != 0).sum()), "theirs": int((theirs != 0).sum())},
        **{"both": int(((ours != 0) & (theirs != 0)).sum()), "same": int((np.abs(ours - theirs)[either] <= SAME).sum())},
        "mean_difference": float(np.abs(ours - theirs)[either].mean()),
        "r": float(np.corrcoef(ours.ravel(), theirs.ravel())[0, 1]),
    }


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description="Losses and times of a MetaHuman's curves.")
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="a published mapping from ARKit to MetaHuman, as text")
    given = parser.parse_args()
    with TemporaryDirectory(prefix="belcanto-") as name:
        figures = {"song": song_figures(Path(name)), "table": table_figures(Path(name))}
    if given.mapping is not None:
        figures["agreement"] = agreement(read_mapping(given.mapping))
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
