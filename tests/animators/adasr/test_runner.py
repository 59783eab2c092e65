"""The engine's whole way on a processor, with weights of chance, and what it says to what it can't do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from animators.adasr.engine import ADASR
from animators.adasr.options import AdaSROptions
from core.contracts import Motion
from core.driving import Driving, Strength
from core.engine_card import Sound
from core.errors import InputError
from pipeline.engines import check_sings
from pipeline.film_settings import SongToVideoSettings
from pipeline.filter_chain import FilteredRenderer, chain_of
from tests.driving_films import moved_film

pytest.importorskip("torch")

from animators.adasr.runner import AdaSRRenderer

NO_SOUND = Sound(None)


def still_motion(frames, fps=25.0):
    zeros = [np.zeros((frames, columns), np.float32) for columns in (52, 3, 3, 2)]
    return Motion(fps, *zeros, np.zeros(frames, np.float32))


def settings_with(file):
    return SongToVideoSettings(engine="adasr", engine_options=AdaSROptions(adasr_file=file), device="cpu")


@pytest.mark.slow
def test_frames_follow_the_film_and_are_put_back_into_the_picture(portrait, adasr_path, networks):
    """Frames 0 and 1 show the same driver, so the same portrait; 2 shows another one."""
    settings = settings_with(adasr_path)
    driving = Driving(moved_film(portrait, [0, 0, 90]), 0, np.ones(3, bool), strength=Strength(1, 1, 1, 0.5))
    drawer = AdaSRRenderer(networks, driving, "cpu", side_px=256)
    notes = []
    frames = [*FilteredRenderer(drawer, ADASR, chain_of(ADASR, settings), settings, NO_SOUND, notes.append).frames(
        portrait, still_motion(3))]  # fmt: skip
    assert len(frames) == 3 and all(frame.shape == portrait.image.shape and frame.dtype == np.uint8 for frame in frames)
    assert np.array_equal(frames[0], frames[1])
    left, top, right, bottom = (int(edge) for edge in ADASR.head_box(portrait, settings))
    head = (slice(max(0, top), bottom), slice(max(0, left), right))
    assert np.abs(frames[2][head].astype(int) - frames[0][head]).max() > 20
    corner = frames[0][-20:, -20:].astype(int) - portrait.image[-20:, -20:]
    assert np.abs(corner).max() <= 2, "far from the head the picture stays"
    done = []
    again = drawer.head_film(portrait, still_motion(1, 10.0), lambda stage, at, all_: done.append((at, all_)))
    assert again.side_px == 256 and len(list(again.frames)) == 1 and done[-1] == (1, 1)


def test_the_weights_that_draw_and_how_parts_are_told_apart_are_noted(portrait, adasr_path, networks):
    driving = Driving(moved_film(portrait, [0]), 0, np.ones(1, bool))
    notes = []
    assert ADASR.driven(settings_with(adasr_path), driving, NO_SOUND, notes.append).side_px == 512
    assert [networks.sha256 in str(note) for note in notes] == [True]
    ADASR.driven(settings_with(adasr_path), replace(driving, strength=Strength(lips=0.5)), NO_SOUND, notes.append)
    assert "where its key points lie" in str(notes[-1])


def test_what_it_cannot_do_is_said_in_a_sentence(portrait):
    driving = Driving(moved_film(portrait, [0]), 0, np.ones(1, bool))
    with pytest.raises(InputError, match="add `--lips-engine mesh`"):
        ADASR.driven(settings_with(Path("a.tar")), replace(driving, sounding_lips=True), NO_SOUND, print)
    with pytest.raises(InputError, match=r"There is no file nowhere\.tar"):
        ADASR.driven(settings_with(Path("nowhere.tar")), driving, NO_SOUND, print)
    with pytest.raises(InputError, match="AdaSR follows a driving film and no song"):
        ADASR.make(settings_with(Path("a.tar")), NO_SOUND, print)
    with pytest.raises(InputError, match="The engine adasr follows driving films alone"):
        check_sings(settings_with(Path("a.tar")))


def test_its_card_names_the_file_and_what_lacks():
    settings = SongToVideoSettings(engine="adasr")
    assert "--adasr-file FILE" in str(ADASR.missing(settings)) and ADASR.own_weights(settings) == ()
    assert ADASR.missing(settings_with(Path("a.tar"))) is None
    assert ADASR.own_weights(settings_with(Path("a.tar"))) == (Path("a.tar"),)
    assert list(settings_with(Path("a.tar")).files()) == [(Path("a.tar"), "file of AdaSR's weights")]
