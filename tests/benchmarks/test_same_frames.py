"""The benchmark that holds films before and after a rebuilding against each other."""

from __future__ import annotations

import numpy as np

from benchmarks.same_frames import Film, Part, arguments_of, compare, frame_hashes
from pipeline.cli.arguments import SentenceParser
from pipeline.cli.options import film_settings
from pipeline.cli.sing import add_parser
from tests.metrics.films import write_film


def test_frames_are_told_apart(tmp_path):
    frames = [np.full((64, 64, 3), level, np.uint8) for level in (10, 90, 200)]
    write_film(tmp_path / "a.mp4", frames)
    write_film(tmp_path / "b.mp4", [frames[0], frames[2], frames[2]])
    a, b = (Film(frame_hashes(tmp_path / name), ("video",)) for name in ("a.mp4", "b.mp4"))
    assert len(a.frames) == len(b.frames) and len(set(a.frames)) == 3
    assert compare(a, a) == "" and " frames, the first is " in compare(a, b)
    assert "1 frames here" in compare(Film(a.frames[:1], a.keys), a)
    assert "['notes']" in compare(a, Film(a.frames, ("notes", "video")))


def test_its_arguments_are_the_programs(tmp_path):
    parser = SentenceParser()
    add_parser(parser.add_subparsers())
    arguments = arguments_of(tmp_path / "p.png", tmp_path / "s.wav", tmp_path / "f.mp4", Part("anime", 6.0, 1.0, 256))
    settings = film_settings(parser.parse_args(arguments[2:]))
    assert (settings.engine, settings.start_s, settings.duration_s, settings.height) == ("anime", 6.0, 1.0, 256)
