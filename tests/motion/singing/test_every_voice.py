"""Every kind of voice opens the mouth where it is heard, and there alone: real speakers and singers, changed in known ways.

The clips are none of those on which the thresholds were chosen. Each kind's control is the same sound without the voice.
"""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from benchmarks.voice_kinds import RATE_HZ, VOICE_KINDS
from benchmarks.voices import (
    BREATH,
    HELD_OUT_SONG,
    SUNG_S,
    aperture,
    drive,
    look,
    made_takes,
    short_takes,
    song_takes,
    stem,
    talking,
)
from core.errors import MissingError
from motion.singing.runner import SingingSettings
from pipeline.film_settings import SongToVideoSettings
from pipeline.voice_to_motion import voice_to_motion

pytestmark = [pytest.mark.slow, pytest.mark.long]

SPOKEN = "missing_happy_birthday"
FEATURES = SingingSettings(lips="features")
#: Seconds between the ends of the voice's phrases and the mouth's, at most.
EDGE_S = 0.2


@pytest.fixture(scope="module")
def speaker(shared_dir):
    if not (shared_dir / "talking" / "others.npz").is_file():
        pytest.skip("shared/talking/others.npz is missing")
    return talking(shared_dir, [SPOKEN])[SPOKEN]


@pytest.fixture(scope="module")
def spoken(speaker):
    """The takes of one who speaks, by kind."""
    return {take.kind: take for take in [*made_takes(SPOKEN, speaker.sound, speaker.lips), *short_takes(SPOKEN, speaker.sound)]}


@pytest.fixture(scope="module")
def sung(shared_dir):
    """The takes of one who sings, by kind."""
    sound = stem(shared_dir, HELD_OUT_SONG, "voice", SUNG_S)
    return {take.kind: take for take in made_takes(HELD_OUT_SONG, sound)}


@pytest.fixture(scope="module")
def in_a_song(shared_dir, speaker):
    """The takes of one who speaks in a song, by kind."""
    music = stem(shared_dir, HELD_OUT_SONG, "accompaniment")
    return {take.kind: take for take in song_takes(SPOKEN, speaker.sound, music)}


def open_there_alone(take, settings=FEATURES, shut=0.95):
    seen = look(take, settings)
    assert seen.open_share > 0.9
    assert not seen.shut_share < shut, "nan where the file has no silence"
    assert seen.edge_s < EDGE_S
    assert seen.shut_without
    return seen


@pytest.mark.parametrize("kind", [kind for kind in VOICE_KINDS if kind != "consonants alone"])
def test_spoken(spoken, kind):
    open_there_alone(spoken[kind])


@pytest.mark.parametrize("kind", [kind for kind in VOICE_KINDS if kind != "consonants alone"])
def test_sung(sung, kind):
    open_there_alone(sung[f"{kind}, sung"])


@pytest.mark.parametrize("kind", ["one word", "half a second"])
def test_very_short_files(spoken, kind):
    open_there_alone(spoken[kind])


def test_single_words_of_many_speakers(shared_dir):
    """The case that was found: one clearly spoken word of half a second, and a mouth that stayed shut."""
    if not (shared_dir / "talking" / "grid_others.npz").is_file():
        pytest.skip("shared/talking/grid_others.npz is missing")
    with np.load(shared_dir / "talking" / "others.npz") as others, np.load(shared_dir / "talking" / "grid_others.npz") as grid:
        names = [*others["clip"][::3], *grid["clip"][::3]]
    mute = []
    for name, clip in talking(shared_dir, names).items():
        word = next(take for take in short_takes(name, clip.sound) if take.kind == "one word")
        if aperture(drive(word.voice, word.mix, True, FEATURES)).max() < 0.15:
            mute.append(name)
    assert len(names) > 20 and mute == []


@pytest.mark.parametrize("kind", ["starts late", "soft in a loud song", "quiet voice alone beside a song"])
def test_in_a_song(in_a_song, kind):
    open_there_alone(in_a_song[kind])


def test_under_loud_leftovers(in_a_song):
    """Music a third as loud as the voice stays in its stem."""
    open_there_alone(in_a_song["loud leftovers"], shut=0.8)


def test_consonants_alone_move_the_lips_a_little(spoken):
    whole, alone = (look(spoken[kind], FEATURES) for kind in ("as it is", "consonants alone"))
    assert alone.open_share > 0.6
    assert alone.opening < 0.6 * whole.opening
    assert alone.shut_without


def test_a_whisper_moves_the_lips_by_what_is_said_and_less_than_the_voice(spoken):
    learned = SingingSettings(lips="learned")
    try:
        voice, whisper = (open_there_alone(spoken[kind], learned) for kind in ("as it is", "whisper"))
    except MissingError as error:
        pytest.skip(f"Whisper's weights are not at hand: {error}")
    assert whisper.lips > 0.6
    assert 0.2 * voice.opening < whisper.opening < 0.8 * voice.opening


def test_noise_in_the_place_of_the_voice_stays_shut(spoken):
    """The control of the whisper: noise of the same level and spectrum, which says nothing."""
    voice = spoken["whisper"].voice
    spectrum = np.abs(np.fft.rfft(voice))
    turns = np.exp(2j * np.pi * np.random.default_rng(0).random(len(spectrum)))
    noise = np.fft.irfft(spectrum * turns, len(voice)).astype(np.float32)
    assert aperture(drive(noise, noise, True, FEATURES)).max() <= BREATH


def test_a_whisper_needs_no_note_for_the_user_and_noise_does(spoken, tmp_path):
    codes = []
    for name, sound in (("whisper", spoken["whisper"].voice), ("room", spoken["whisper"].empty[0])):
        soundfile.write(tmp_path / f"{name}.wav", sound, RATE_HZ, subtype="FLOAT")
        report = voice_to_motion(tmp_path / f"{name}.wav", None, tmp_path / f"{name}.csv", SongToVideoSettings(lips="features"))
        codes.append([note.code for note in report.notes])
    assert codes == [[], ["pipeline.no_singing_heard"]]
