"""Films of portraits whose lips another engine draws: what it is given, what comes behind it, and what is left."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import Cancelled, InputError, MissingError
from filters.label import LabelOptions
from lipsync.wav2lip.options import Wav2LipOptions
from media.media import probe_video, read_frames
from pipeline.film_settings import SongToVideoSettings
from pipeline.lips_list import LIPS
from pipeline.song_to_video import song_to_video
from pipeline.stages import Stages
from tests.pipeline.dubbing import OpenJaw, WholeIsVoice, red_lips, tone

HEIGHT, FRAMES = 160, 20
AFTER_THE_PORTRAIT = ["separate", "motion", "frames", "lips", "mux"]


class StillPortrait:
    """A `Renderer`: the portrait as it is, a pixel further to the right with each frame; or nothing to be seen."""

    def __init__(self, blank=False):
        self.blank = blank

    def frames(self, portrait, motion, progress=None):
        for number in range(len(motion)):
            yield np.roll(portrait.image, number, axis=1) if not self.blank else np.zeros_like(portrait.image)


@pytest.fixture
def tasks():
    """The engine `red` is among those of lips; gives the tasks that it gets."""
    made = []
    LIPS.append(card := red_lips(made))
    yield made
    LIPS.remove(card)


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    return tone(tmp_path_factory.mktemp("songs") / "song.wav", FRAMES / 25)


def sing(root_dir, song, out, blank=False, progress=lambda *_: None, **settings):
    known = Stages(separator=lambda _: WholeIsVoice(), motion_source=lambda _: OpenJaw(), renderer=lambda _: StillPortrait(blank))
    chosen = SongToVideoSettings(**{"height": HEIGHT, "lips_engine": "red", "engine": "mesh", **settings})
    return song_to_video(root_dir / "demo" / "portrait.jpg", song, out, chosen, progress, known)


def is_red(frame, task, number):
    left, top, right, bottom = task.track.face(number).box
    red, green, _ = (int(level) for level in frame[int(top + bottom) // 2, int(left + right) // 2])
    return red > 150 and green < 90


def test_another_engine_draws_the_lips_over_the_drawn_frames(root_dir, song, tmp_path, tasks):
    told = []
    report = sing(root_dir, song, tmp_path / "film.mp4", progress=lambda stage, done, total: told.append((stage, done, total)))
    (task,) = tasks
    frames = list(read_frames(tmp_path / "film.mp4"))
    assert len(frames) == report.frames == len(task.track) == FRAMES
    assert all(is_red(frame, task, number) for number, frame in enumerate(frames))
    middles = [sum(task.track.face(number).box[::2]) / 2 for number in range(FRAMES)]
    assert np.polyfit(range(FRAMES), middles, 1)[0] == pytest.approx(1.0, abs=0.1), "the face is followed as it moves"
    assert (task.motion.blendshapes == 0.5).all() and task.voice.name == "voice.wav"
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == [
        "decode",
        "portrait",
        "separate",
        "motion",
        "frames",
        "lips",
        "mux",
    ]
    for stage in ("frames", "lips"):
        done = [done for name, done, _ in told if name == stage]
        assert done == sorted(done) and done[-1] == FRAMES
    assert probe_video(tmp_path / "film.mp4").metadata["copyright"] == "Red by the tests"
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_the_frames_are_those_that_were_drawn(root_dir, song, tmp_path, tasks):
    """They are read again as often as the engine wants, without loss; and the label is written over the lips' frames."""
    sing(root_dir, song, tmp_path / "other.mp4")
    sing(root_dir, song, tmp_path / "own.mp4", lips_engine=None)
    sing(root_dir, song, tmp_path / "labelled.mp4", filter_options=(LabelOptions(label=True),))
    other, own, labelled = (list(read_frames(tmp_path / f"{name}.mp4")) for name in ("other", "own", "labelled"))
    for number, (one, two) in enumerate(zip(other, own, strict=True)):
        left, top, right, bottom = (int(edge) for edge in tasks[0].track.face(number).box)
        outside = np.ones(one.shape[:2], bool)
        outside[top - 8 : bottom + 8, left - 8 : right + 8] = False
        assert np.abs(one[outside].astype(int) - two[outside]).mean() < 2
    change = np.abs(labelled[5].astype(int) - other[5]).max(axis=2)
    assert change[-24:].max() > 100 and is_red(labelled[5], tasks[1], 5)


def test_without_a_face_in_the_frames_the_lips_stay_and_that_is_said(root_dir, song, tmp_path, tasks):
    report = sing(root_dir, song, tmp_path / "film.mp4", blank=True)
    assert tasks == [] and "pipeline.drawn_face_not_seen" in [note.code for note in report.notes]
    assert all(frame.max() < 12 for frame in read_frames(tmp_path / "film.mp4"))


@pytest.mark.parametrize("stage", ["frames", "lips"])
def test_cancelled_nothing_is_left(root_dir, song, tmp_path, tasks, stage):
    def stop(name, done, total):
        if name == stage and done >= 5:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        sing(root_dir, song, tmp_path / "film.mp4", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_what_an_engine_lacks_is_said_before_the_work(root_dir, song, tmp_path, tasks):
    began = []
    with pytest.raises(MissingError) as said:
        sing(root_dir, song, tmp_path / "film.mp4", lips_engine="wav2lip", progress=lambda stage, *_: began.append(stage))
    assert said.value.message.code == "lipsync.wav2lip.no_file_named" and "separate" not in began


def test_options_of_an_engine_of_lips_go_with_it_alone(tmp_path):
    options = (Wav2LipOptions(wav2lip_file=tmp_path / "wav2lip.pth"),)
    with pytest.raises(InputError) as said:
        SongToVideoSettings(filter_options=options)
    assert said.value.message.code == "pipeline.options_of_lips_engine"
    chosen = SongToVideoSettings(lips_engine="wav2lip", filter_options=options)
    assert chosen.own(Wav2LipOptions) == options[0] and next(iter(chosen.files()))[0] == tmp_path / "wav2lip.pth"
    assert SongToVideoSettings.from_json(chosen.as_json()) == chosen
