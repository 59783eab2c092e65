"""Four and five stems of a film's song, by networks made here of small layers and weights of chance in the published form."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from core.contracts import silent
from core.errors import MissingError
from core.work import WorkInput, WorkOrder
from pipeline import film_stems
from pipeline.film_settings import SongToVideoSettings
from pipeline.film_stems import write_stems
from pipeline.works.film_stems import FILM_STEMS
from separation.checkpoint import expected_shapes
from separation.networks import layers
from tests.separation.written_out import random_weights, write_bundle

SETTINGS = SongToVideoSettings(start_s=0.5, duration_s=1.0)
ROLES = {4: {"voice", "drums", "bass", "other"}, 5: {"voice", "drums", "bass", "piano", "other"}}


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.wav"
    soundfile.write(path, np.random.default_rng(1).uniform(-0.3, 0.3, (2 * 44100, 2)), 44100)
    return path


@pytest.fixture(params=[4, 5])
def stems(request, monkeypatch, tmp_path):
    """So many, for which there is a network."""
    monkeypatch.setattr(layers, "ENCODER_FILTERS", (3, 4, 5, 6, 7, 8))
    monkeypatch.setattr(layers, "DECODER_FILTERS", (7, 6, 5, 4, 3, 1))
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(tmp_path / "weights"))
    monkeypatch.setenv("BELCANTO_CACHE_DIR", str(tmp_path / "cache"))
    network = {4: layers.FOUR_STEMS, 5: layers.FIVE_STEMS}[request.param]
    write_bundle(tmp_path / "network", random_weights(expected_shapes(network), np.random.default_rng(2)))
    monkeypatch.setenv(f"BELCANTO_SPLEETER_{request.param}STEMS", str(tmp_path / "network"))
    return request.param


def files_in(folder):
    folder.mkdir(exist_ok=True)
    return {role: folder / f"{role}{suffix}" for role, suffix in FILM_STEMS.outputs.items()}


def test_as_work_each_stem_in_its_file(song, stems, tmp_path):
    files = files_in(tmp_path / "out")
    options = FILM_STEMS.settled({"start_s": 0.5, "duration_s": 1.0, "stems": str(stems)})
    assert FILM_STEMS.lacking(options) is None and set(FILM_STEMS.as_needed) == set(files)
    figures = FILM_STEMS.run(WorkOrder("1", "film_stems", {"song": WorkInput(song)}, options, files), silent)
    assert {role for role, path in files.items() if path.exists()} == ROLES[stems]
    assert figures["duration_s"] == 1.0 and figures["notes"] == []
    for role in ROLES[stems]:
        with soundfile.SoundFile(files[role]) as sound:
            assert len(sound) == 44100 and all(digest in sound.comment for digest in figures["sha256"].values())


def test_the_same_again_is_found_and_another_network_is_not(song, stems, tmp_path, monkeypatch):
    first = write_stems(song, files_in(tmp_path / "out"), SETTINGS, stems)
    monkeypatch.setattr("separation.parts.open_network", lambda *given: pytest.fail("separated again"))
    assert write_stems(song, files_in(tmp_path / "again"), SETTINGS, stems) == first
    for role in ROLES[stems]:
        assert (tmp_path / "out" / f"{role}.flac").read_bytes() == (tmp_path / "again" / f"{role}.flac").read_bytes()
    with (tmp_path / "network" / "model.data-00000-of-00001").open("ab") as data:
        data.write(b"0")
    with pytest.raises(pytest.fail.Exception, match="separated again"):
        write_stems(song, files_in(tmp_path / "again"), SETTINGS, stems)


def test_on_a_card_in_its_turn(song, stems, tmp_path, monkeypatch):
    turns = []
    monkeypatch.setattr("separation.parts.takes_card", lambda device: True)
    monkeypatch.setattr("separation.parts.open_network", lambda *given: turns.append("network") or pytest.fail("enough"))
    monkeypatch.setattr(film_stems, "choose_device", lambda choice: choice)
    monkeypatch.setattr(film_stems, "device_turn", lambda device, waiting: turns.append(device) or film_stems.nullcontext())
    with pytest.raises(pytest.fail.Exception, match="enough"):
        write_stems(song, files_in(tmp_path / "out"), SETTINGS, stems)
    assert turns == ["cuda", "network"]


def test_without_the_files_it_is_said_before(song, tmp_path, monkeypatch):
    monkeypatch.delenv("BELCANTO_SPLEETER_4STEMS", raising=False)
    assert "BELCANTO_SPLEETER_4STEMS" in str(FILM_STEMS.lacking({"stems": 4})) and FILM_STEMS.lacking({}) is None
    with pytest.raises(MissingError):
        write_stems(song, files_in(tmp_path / "out"), SETTINGS, 4)
