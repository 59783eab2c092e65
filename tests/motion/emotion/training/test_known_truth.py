"""A take of the made set, from real singing: what lies on disk is what training reads, and its truth is what its face shows."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from core.blendshapes import BLENDSHAPE_INDEX
from core.errors import InputError, MissingError
from core.rigs.rig_list import rig_named
from motion.emotion.styles import FPS, SAMPLE_RATE_HZ
from motion.emotion.training import voice_bank
from motion.emotion.training.acted_speech import acted_takes, who_and_how
from motion.emotion.training.curves import curves_of
from motion.emotion.training.known_truth import LONG_S, LONGEST_S, Making, rounds, with_face
from motion.emotion.training.take_files import Place, write_facts
from motion.emotion.training.take_set import read_set
from motion.emotion.training.voice_bank import Utterance, said_by, spoken


@pytest.fixture(scope="module")
def makes(song, tmp_path_factory):
    """The same 4 s of a song as a happy and as a neutral take."""
    folder, sound = tmp_path_factory.mktemp("made"), song[8 * SAMPLE_RATE_HZ : 12 * SAMPLE_RATE_HZ]
    for style in ("happy", "neutral"):
        try:
            with_face(Place(folder, "ann", style, "take1"), sound, np.random.default_rng(0))
        except MissingError as error:
            pytest.skip(str(error))
    write_facts(folder, 'a "free" one', "a song", {"test": ["ann"]})
    return folder


def test_the_set_is_read_as_training_reads_it(makes):
    found = read_set(makes)
    assert not found.left_out and found.facts["licence"] == 'a "free" one'
    assert [len(part) for part in found.parts().values()] == [0, 0, 2]
    for take in found.takes:
        assert take.truth is not None
        curves = curves_of(take.curves, rig_named("arkit"))
        saliency = np.load(take.truth)["saliency"]
        assert len(curves) == len(saliency) == 4 * FPS
        assert saliency.min() >= 0.0 and saliency.max() <= 1.0 and np.ptp(saliency) > 0.3


def test_the_smile_goes_with_the_saliency_and_the_jaw_does_not_change(makes):
    happy, neutral = (curves_of(makes / "ann" / style / "take1.csv", rig_named("arkit")) for style in ("happy", "neutral"))
    saliency = np.load(makes / "ann/happy/take1.truth.npz")["saliency"]
    cheek = happy[:, BLENDSHAPE_INDEX["cheekSquintLeft"]]
    assert np.corrcoef(cheek, saliency)[0, 1] > 0.97  # but for the noise it is 0.7 times the saliency
    np.testing.assert_allclose(cheek.mean(), 0.7 * saliency.mean(), rtol=0.08)
    jaw = BLENDSHAPE_INDEX["jawOpen"]
    assert happy[:, jaw].max() > 0.1
    assert np.abs(happy[:, jaw] - neutral[:, jaw]).max() < 0.12  # noise alone
    assert neutral[:, BLENDSHAPE_INDEX["cheekSquintLeft"]].max() < 0.1


def test_no_voice_says_what_another_part_says():
    of_part = {part: {u.text for voice in names for u in said_by(voice)} for part, names in voice_bank.PARTS.items()}
    assert not of_part["test"] & (of_part["training"] | of_part["validation"] | of_part["foreign"])
    names = [voice for voices in voice_bank.PARTS.values() for voice in voices]
    assert len(names) == len(set(names)) and len(voice_bank.TRAINING_VOICES) >= 12 and len(voice_bank.TEST_VOICES) >= 4
    assert all(len({u.number for u in said_by(voice)}) == len(said_by(voice)) for voice in names)


def test_rounds_are_of_every_voice_and_style_before_any_second(tmp_path):
    voices = voice_bank.TRAINING_VOICES[:2]
    wanted = list(rounds(tmp_path, voices, 2))
    assert len(wanted) == len({place.file(".csv") for place, _ in wanted}) == 20
    assert {place.take for place, _ in wanted[:10]} == {"take01"}
    assert LONG_S >= 3.0 * LONGEST_S


def test_chance_is_the_takes_own(tmp_path):
    making = Making(tmp_path, seed=1)
    one, other = Place(tmp_path, "a", "sad", "take01"), Place(tmp_path, "b", "sad", "take01")
    first, again, second = (making.generator(place).random(4) for place in (one, one, other))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, second)


def test_what_was_said_is_not_said_again(tmp_path):
    utterance = Utterance("af_heart", 3, "This is never spoken.")
    utterance.file(tmp_path).parent.mkdir()
    kept = np.linspace(-0.5, 0.5, 1600, dtype=np.float32)
    soundfile.write(utterance.file(tmp_path), kept, SAMPLE_RATE_HZ)
    np.testing.assert_allclose(spoken(utterance, tmp_path), kept, atol=1e-4)


@pytest.mark.parametrize(
    ("stem", "told"),
    [
        ("03-01-05-02-01-01-12", ("ravdess_12", "angry")),
        ("01-01-08-01-02-02-24", ("ravdess_24", "surprised")),
        ("03-01-06-01-01-01-01", None),  # fear
        ("03-02-03-01-01-01-01", None),  # song
        ("03a01Wa", ("emodb_03", "angry")),
        ("16b10Tb", ("emodb_16", "sad")),
        ("16b10Lb", None),  # boredom
        ("take1", None),
    ],
)
def test_names_of_acted_speech(stem, told):
    assert who_and_how(stem) == told


def test_short_recordings_are_laid_end_to_end(tmp_path, song):
    for number, start_s in enumerate(range(5)):
        piece = song[(8 + start_s) * SAMPLE_RATE_HZ :][: 3 * SAMPLE_RATE_HZ]
        soundfile.write(tmp_path / f"03-01-04-01-01-0{number + 1}-07.wav", piece, SAMPLE_RATE_HZ)
    takes = list(acted_takes(tmp_path))
    assert [(take.speaker, take.style, len(take.files)) for take in takes] == [("ravdess_07", "sad", 3)]
    assert 8.0 < len(takes[0].sound()) / SAMPLE_RATE_HZ < 9.6


def test_a_folder_without_acted_speech_is_told(tmp_path):
    with pytest.raises(InputError, match="RAVDESS"):
        list(acted_takes(tmp_path))
