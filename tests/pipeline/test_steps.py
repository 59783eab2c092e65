"""What the steps keep for the next film: a result is taken again only where all that it depends on is the same."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from core.contracts import Motion, Performance, Stems, silent
from pipeline import stages as stages_module
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_settings import SongToVideoSettings
from pipeline.run import Run
from pipeline.stages import Stages, package_version
from pipeline.steps import decode_song, make_motion, separate_voice, vocals_alone, vocals_in_song

SETTINGS = SongToVideoSettings(start_s=0.5, duration_s=1.0)


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.wav"
    soundfile.write(path, np.random.default_rng(1).uniform(-0.3, 0.3, 3 * 8000), 8000)
    return path


class CopyingSeparator:
    """Calls the whole mix the voice."""

    def separate(self, mix, folder, progress=None):
        for name in ("voice.wav", "accompaniment.wav"):
            (folder / name).write_bytes(mix.read_bytes())
        return Stems(folder / "voice.wav", folder / "accompaniment.wav", 1.0, 1.0)


class CountingSource:
    """Writes down how many frames it was to hear."""

    hears, room = True, "motion.singing"

    def __init__(self, lips):
        self.lips = lips

    def perform(self, sound, keep, progress=None):
        folder = keep({"lips": self.lips}, lambda folder: (folder / "excerpt.txt").write_text(f"{sound.frames}"))
        frames = int((folder / "excerpt.txt").read_text())
        shapes = np.ones((frames, 52), np.float32)
        still = (np.zeros((frames, columns), np.float32) for columns in (3, 3, 2))
        return Performance(Motion(25.0, shapes, *still, shapes[:, 0]))


def stages_of(**versions):
    """Stages whose rooms have these versions."""
    named = {"separation": "1", "motion.singing": "1"} | {name.replace("_", "."): value for name, value in versions.items()}
    return Stages(lambda settings: CopyingSeparator(), lambda settings: CountingSource(settings.lips), version=named.__getitem__)


@pytest.fixture
def made_anew(tmp_path, song):
    """Performs the song; gives the names of the stages that were made anew for it."""
    cache = StageCache(CacheSettings(tmp_path / "stages"))

    def make(settings=SETTINGS, stages=None):
        with ExitStack() as release:
            run, stages = Run(cache, silent, release), stages or stages_of()
            excerpt = decode_song(run, song, settings)
            stems = separate_voice(run, excerpt, settings, stages)
            motion = make_motion(
                run, vocals_in_song(excerpt, stems, settings, stages), stages.motion_source(settings), stages
            ).motion
            assert len(motion) == excerpt.frames
            return {"decode", "separate", "motion"} - set(run.cached_stages)

    assert make() == {"decode", "separate", "motion"}
    assert make() == set(), "the control: the same again"
    return make


@pytest.mark.parametrize("change", [{"lips": "features"}, {"fps": 50.0}], ids=["lips", "frame rate"])
def test_another_listening_is_not_taken_for_this_one(made_anew, change):
    changed = replace(SETTINGS, **change)
    assert changed != SETTINGS
    assert made_anew(changed) == {"motion"}
    assert made_anew(changed) == set() == made_anew()


def test_two_frame_rates_with_as_many_frames_are_two_results(made_anew, song, tmp_path):
    """A voice of one length heard at two rates differs though the number of frames is given."""
    cache, stages = StageCache(CacheSettings(tmp_path / "alone")), stages_of()
    anew = []
    for fps in (25.0, 30.0, 25.0):
        with ExitStack() as release:
            run = Run(cache, silent, release)
            make_motion(run, vocals_alone(song, song, 40, replace(SETTINGS, fps=fps)), stages.motion_source(SETTINGS), stages)
            anew.append(not run.cached_stages)
    assert anew == [True, True, False]


def test_two_lengths_of_one_voice_are_two_results(song, tmp_path):
    cache, stages = StageCache(CacheSettings(tmp_path / "alone")), stages_of()
    for frames in (40, 30):
        with ExitStack() as release:
            run, vocals = Run(cache, silent, release), vocals_alone(song, song, frames, SETTINGS)
            assert len(make_motion(run, vocals, stages.motion_source(SETTINGS), stages).motion) == frames


@pytest.mark.parametrize("change", [{"start_s": 0.75}, {"start_s": 0.0}, {"duration_s": 1.5}], ids=str)
def test_another_part_of_the_song_is_heard_anew(made_anew, change):
    assert made_anew(replace(SETTINGS, **change)) == {"decode", "separate", "motion"}


def test_what_a_room_made_before_it_changed_is_made_anew_with_all_that_came_of_it(made_anew):
    assert made_anew(stages=stages_of(separation="2")) == {"separate", "motion"}
    assert made_anew(stages=stages_of(motion_singing="2")) == {"motion"}
    assert made_anew() == set()


def test_weights_that_were_trained_anew_change_their_rooms_version(tmp_path, monkeypatch):
    monkeypatch.setattr(stages_module, "ROOT", tmp_path)
    (tmp_path / "singing").mkdir()
    (tmp_path / "singing" / "runner.py").write_text("x = 1")
    trained = tmp_path / "weights" / "trained"
    trained.mkdir(parents=True)
    versions = []
    for content in (b"1", b"2", b"1"):
        (trained / "lips.safetensors").write_bytes(content)
        versions.append(package_version("singing"))
    assert versions[0] == versions[2] != versions[1]
    (tmp_path / "singing" / "runner.py").write_text("x = 2")
    assert package_version("singing") not in versions
