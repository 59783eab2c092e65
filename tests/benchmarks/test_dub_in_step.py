"""The benchmark of long films counts what is out of step: a frame that is lost, and one that comes twice."""

from __future__ import annotations

import numpy as np

from benchmarks.dub_in_step import film_frames, number_of, numbered, on_stage
from media.media import FilmWriter, read_frames
from tests.pipeline.dubbing import tone


def test_a_frame_tells_its_number_through_the_encoder(tmp_path):
    sound = tone(tmp_path / "voice.wav", 2.0)
    with FilmWriter(tmp_path / "film.mp4", (512, 128), 25.0, sound) as writer:
        for number in (0, 1, 255, 4097, 65535, *range(45)):
            writer.write(numbered(np.full((128, 512, 3), 130, np.uint8), number))
    assert [number_of(frame) for frame in read_frames(tmp_path / "film.mp4")] == [0, 1, 255, 4097, 65535, *range(45)]


def test_the_film_has_both_people_nobody_and_as_many_frames_as_asked_for(tmp_path):
    films = []
    for name, level in (("one", 200), ("other", 60)):
        films.append(tmp_path / f"{name}.mp4")
        with FilmWriter(films[-1], (128, 128), 25.0, tone(tmp_path / f"{name}.wav", 1.0)) as writer:
            for _ in range(25):
                writer.write(np.full((128, 128, 3), level, np.uint8))
    frames = list(film_frames(films, 300, (384, 128)))
    assert [number_of(frame) for frame in frames] == list(range(300))
    left, right = ([int(frame[100, x].mean()) for frame in frames] for x in (90, 290))
    share = (300 - 75) // 4
    for shot, (first, second) in enumerate(((200, 200), (60, 60), (200, 60))):
        middle = shot * share + share // 2
        assert abs(left[middle] - first) < 6 and abs(right[middle] - second) < 6, shot
    assert set(left[3 * share : 3 * share + 75]) == {90} and abs(left[-1] - 200) < 6


def test_a_picture_stands_in_the_middle_of_the_stage():
    shown = on_stage(np.full((4, 4, 3), 7, np.uint8), 10)
    assert shown.shape == (4, 10, 3) and (shown == 7).all()
    assert on_stage(np.zeros((4, 9, 3), np.uint8), 4).shape == (4, 4, 3)
