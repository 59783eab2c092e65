"""The card: what it lacks, what it refuses, and how it is made of the files in a folder."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from animators.liveportrait import engine
from animators.liveportrait.engine import LIVEPORTRAIT
from animators.liveportrait.files import PARTS
from animators.liveportrait.options import LivePortraitOptions
from core.engine_card import Sound
from core.errors import InputError, MissingError

NO_SOUND = Sound(None)


@dataclass
class Settings:
    options: LivePortraitOptions = field(default_factory=LivePortraitOptions)
    device: str = "cpu"

    def own(self, kind):
        return self.options


@pytest.fixture
def folder(tmp_path):
    for part in PARTS:
        (tmp_path / f"{part}.pth").write_bytes(b"numbers")
    return tmp_path


def test_what_it_lacks_is_told_with_the_folder(folder, monkeypatch, tmp_path):
    pytest.importorskip("torch")
    settings = Settings(LivePortraitOptions(liveportrait_folder=folder))
    assert LIVEPORTRAIT.missing(settings) is None
    assert [path.name for path in LIVEPORTRAIT.own_weights(settings)] == [f"{part}.pth" for part in PARTS]
    (folder / "warping_module.pth").unlink()
    assert f"lacks warping_module in {folder}" in str(LIVEPORTRAIT.missing(settings))
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(tmp_path / "weights"))
    said = str(LIVEPORTRAIT.missing(Settings()))
    assert "appearance_feature_extractor" in said and str(tmp_path / "weights" / "liveportrait") in said
    monkeypatch.setattr(engine, "find_spec", lambda name: None)
    assert "torch" in str(LIVEPORTRAIT.missing(settings))


def test_retargeting_needs_a_driver(folder):
    options = LivePortraitOptions(liveportrait_folder=folder, eye_retargeting=True)
    with pytest.raises(InputError, match="only where a driving film moves them"):
        LIVEPORTRAIT.make(Settings(options), NO_SOUND, lambda _: None)


def test_it_costs_less_on_a_card():
    assert LIVEPORTRAIT.cost(Settings(), False) != LIVEPORTRAIT.cost(Settings(device="cuda"), True)
    assert LIVEPORTRAIT.cost(Settings(), True) == LIVEPORTRAIT.cost(Settings(), False), "the processor was asked for"


def test_options_out_of_range_are_refused():
    with pytest.raises(InputError, match="driving-multiplier"):
        LivePortraitOptions(driving_multiplier=3.0)
    with pytest.raises(InputError, match="animation-region"):
        LivePortraitOptions(animation_region="nose")


@pytest.fixture
def read(monkeypatch, small_networks, folder):
    """The networks of small sizes in the place of the folder's."""
    from animators.liveportrait import checkpoint
    from neural.own_files import WeightFile

    files = {part: WeightFile(folder / f"{part}.pth", "LivePortrait", "") for part in PARTS}
    monkeypatch.setattr(checkpoint, "read_networks", lambda named: replace(small_networks, files=files))
    return Settings(LivePortraitOptions(liveportrait_folder=folder))


@pytest.mark.slow
def test_a_song_needs_the_fit_of_these_weights_and_then_moves_the_head(read, portrait, folder, one_thread):
    from animators.liveportrait.checkpoint import weight_files
    from animators.liveportrait.fit_file import place_of_fit
    from pipeline.engines import check_sings
    from pipeline.film_settings import SongToVideoSettings
    from tests.animators.liveportrait.test_runner import still_motion
    from tests.animators.liveportrait.test_shapes import known

    settings = SongToVideoSettings(engine="liveportrait", engine_options=read.options)
    for attempt in (lambda: LIVEPORTRAIT.make(read, NO_SOUND, lambda _: None), lambda: check_sings(settings)):
        with pytest.raises(MissingError, match=r"training\.fit_shapes --liveportrait-folder .* --film FILM"):
            attempt()
    known(3)[0].save(place_of_fit(folder, weight_files(folder)))
    check_sings(settings)
    renderer = LIVEPORTRAIT.make(read, NO_SOUND, lambda _: None)
    motion = still_motion(2)
    motion.blendshapes[1] = 0.8
    film = renderer.head_film(portrait, motion)
    still, moved = film.frames
    assert film.box == LIVEPORTRAIT.head_box(portrait, read) and still.shape == (512, 512, 3)
    assert np.abs(still.astype(int) - moved).mean() > 0.1


@pytest.mark.slow
def test_driving_films_need_no_fit_but_for_lips_that_sound(read, nodding, portrait, one_thread):
    from animators.liveportrait.runner import DrivenRenderer
    from animators.liveportrait.source_film import DrivenFilm

    assert isinstance(LIVEPORTRAIT.driven(read, nodding, NO_SOUND, lambda _: None), DrivenRenderer)
    assert isinstance(LIVEPORTRAIT.driven_film(read, nodding, nodding.film, NO_SOUND, lambda _: None), DrivenFilm)
    sounding = replace(nodding, sounding_lips=True)
    with pytest.raises(MissingError, match="fit_shapes"):
        LIVEPORTRAIT.driven(read, sounding, NO_SOUND, lambda _: None)
    with pytest.raises(InputError, match="leave out --lip-retargeting"):
        settings = Settings(replace(read.options, lip_retargeting=True))
        LIVEPORTRAIT.driven(settings, sounding, NO_SOUND, lambda _: None)
    with pytest.raises(InputError, match="--lips-engine"):
        LIVEPORTRAIT.driven_film(read, sounding, nodding.film, NO_SOUND, lambda _: None)


def test_its_folder_is_no_file_that_the_recipe_checks(folder):
    from pipeline.film_settings import SongToVideoSettings

    options = LivePortraitOptions(liveportrait_folder=folder)
    settings = SongToVideoSettings(engine="liveportrait", engine_options=options)
    assert list(settings.files()) == []
    assert settings.own(LivePortraitOptions).liveportrait_folder == folder
