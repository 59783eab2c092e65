"""SyncNet's figures: cepstra against another program's, offsets that were put in, crops, and files that are something else."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from PIL import Image

from core.errors import MissingError
from faces.tracking.tracks import FaceState, FaceTrack
from tests.conftest import ROOT

torch = pytest.importorskip("torch")

from metrics.syncnet import (  # noqa: E402 (it needs torch)
    MOST_SHIFT,
    SyncNet,
    cepstra,
    crops_of,
    error_between,
    face_crop,
    lip_places,
    lip_sync_error,
    read_syncnet,
)

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return SyncNet().eval()


def test_cepstra_are_those_of_the_program_with_which_it_was_trained():
    """Rows 0, 20 and the last of `python_speech_features.mfcc` 0.6 for this sound, to three places."""
    times_s = np.arange(9000) / 16000
    noise = np.random.default_rng(0).standard_normal(9000)
    sound = 0.3 * np.sin(2 * np.pi * (200 + 400 * times_s) * times_s) + 0.02 * noise
    found = cepstra(sound)
    assert found.shape == (55, 13)
    first = [19.297, -14.525, 18.304, 14.798, 8.915, 0.405, -2.059, -9.278, -17.254, -23.054, -17.369, -18.339, -20.196]
    later = [19.73, -9.385, 17.319, 2.416, -8.877, -26.507, -36.524, -19.721, -18.744, -11.102, 5.36, 11.072, 17.483]
    last = [20.316, -9.618, 3.15, -26.355, -33.023, -23.504, 3.814, 20.917, 19.687, 10.759, -9.645, -16.025, -16.542]
    assert np.allclose(found[[0, 20, 54]], [first, later, last], atol=1e-3)


@pytest.mark.parametrize("late", [-4, 0, 7])
def test_the_offset_is_found_and_the_lead_is_that_over_the_usual_distance(late):
    chance = np.random.default_rng(1)
    sounds = chance.normal(size=(120, 1024)).astype(np.float32)
    lips = np.roll(sounds, late, axis=0) + 0.1 * chance.normal(size=sounds.shape).astype(np.float32)
    found = error_between(lips[20:100], sounds[20:100])
    assert found.offset_frames == late
    # places of length sqrt(2 * 1024) apart where nothing belongs together; some of the sound lies beyond the part
    assert found.lse_d < 0.35 * np.sqrt(2 * 1024) and found.lse_c > 0.4 * np.sqrt(2 * 1024)
    strangers = error_between(chance.normal(size=(80, 1024)), sounds[20:100])
    assert strangers.lse_c < 0.2 * found.lse_c
    assert abs(late) <= MOST_SHIFT


def test_every_five_pictures_in_turn_have_a_place(network):
    pictures = np.random.default_rng(2).integers(0, 256, (29, 224, 224, 3), np.uint8)
    places = np.stack(list(lip_places(network, iter(pictures))))
    assert places.shape == (25, 1024)
    five = torch.from_numpy(pictures[23:28].transpose(3, 0, 1, 2)[None].astype(np.float32))
    with torch.inference_mode():
        assert np.allclose(places[23], network.lips(five).numpy()[0], atol=1e-4)
        assert network.sound(torch.zeros(2, 1, 13, 20)).shape == (2, 1024)


def test_the_crop_holds_the_face_and_what_is_outside_is_grey():
    frame = np.zeros((100, 200, 3), np.uint8)
    frame[20:60, 80:120] = (250, 10, 10)
    points = np.zeros((478, 3), np.float32)
    points[:, 0], points[:, 1] = np.linspace(80, 120, 478), np.linspace(20, 60, 478)
    crop = face_crop(frame, points)
    assert crop.shape == (224, 224, 3)
    assert crop[80, 112].tolist() == [10, 10, 250], "blue first"
    points[:, 0] -= 100
    assert (face_crop(frame, points)[100, 20] == 110).all()


def film_of(track_frames):
    """Frames of the demo portrait, and its track."""
    from faces.faces import FaceFinder

    image = np.asarray(Image.open(ROOT / "demo" / "portrait.jpg").convert("RGB").resize((256, 256)))
    with FaceFinder() as finder:
        landmarks = finder.find(image)[0].landmarks
    state = np.full(track_frames, FaceState.CLEAR, np.uint8)
    rows = np.repeat(landmarks[None], track_frames, axis=0)
    track = FaceTrack(1, rows, np.zeros((track_frames, 52), np.float32), np.zeros((track_frames, 3), np.float32), state, 0)
    return [image] * track_frames, track


def test_a_film_has_its_figures_and_one_that_is_short_has_none(network, tmp_path):
    frames, track = film_of(36)
    soundfile.write(tmp_path / "voice.wav", 0.1 * np.random.default_rng(3).standard_normal(32_000), 16_000)
    found = lip_sync_error(network, frames, track, 25.0, tmp_path / "voice.wav")
    assert found is not None and found.lse_d > 0 and found.lse_c >= 0
    assert lip_sync_error(network, frames[:20], track, 25.0, tmp_path / "voice.wav") is None
    track.state[10] = FaceState.TURNED
    assert len(list(crops_of(frames, track, 25.0))) == 10
    assert len(list(crops_of(frames[:5], track, 12.5))) == 10, "at another rate each is seen twice"


def test_a_file_of_the_same_names_is_read_and_another_is_refused(network, tmp_path):
    torch.save({name: value for name, value in network.state_dict().items() if "tracked" not in name}, tmp_path / "syncnet.model")
    assert torch.equal(read_syncnet(tmp_path / "syncnet.model").netfclip[0].weight, network.netfclip[0].weight)
    torch.save({"netfclip.0.weight": torch.zeros(3)}, tmp_path / "other.model")
    with pytest.raises(MissingError):
        read_syncnet(tmp_path / "other.model")
