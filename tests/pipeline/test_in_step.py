"""Whole films whose sound is known to the moment: what is seen in the film itself belongs to what is heard in it.

The song is a voice alone, so that nothing has to be taken apart. The plain renderer draws the jaw as light; everything else, from
hearing to encoding, is the program's own. Sound and pictures are read from the finished film.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.contracts import Stems
from media.media import probe_video, read_audio, read_frames
from pipeline.film_settings import SongToVideoSettings
from pipeline.song_to_video import song_to_video
from pipeline.stages import Stages
from tests.motion.singing.sounds import SAMPLE_RATE_HZ, faded, silence, vowel, write

AH = (730, 1090, 2440)
#: Beginning and end of each note in seconds; no two pauses or notes are alike, so that no shift fits twice.
NOTES_S = ((0.60, 1.15), (1.80, 2.10), (2.45, 3.25), (4.20, 4.60), (4.95, 5.15), (5.90, 6.70))
SONG_S = 7.5
#: What people take for being in step; three frames at 25 a second are 120 ms.
IN_STEP_S = 0.04
SOUND_RATE_HZ = 48_000


class WholeIsVoice:
    """A separator for songs that are a voice alone."""

    def separate(self, mix, folder, progress=None):
        for name in ("voice.wav", "accompaniment.wav"):
            (folder / name).write_bytes(mix.read_bytes())
        return Stems(folder / "voice.wav", folder / "accompaniment.wav", SONG_S, 1.0)


class JawAsLight:
    """Draws grey pictures, the lighter the wider the jaw."""

    def frames(self, portrait, motion, progress=None):
        for opening in motion.shape("jawOpen"):
            yield np.full_like(portrait.image, round(20 + 200 * float(opening)))


STAGES = Stages(separator=lambda settings: WholeIsVoice(), renderer=lambda settings: JawAsLight())
SETTINGS = SongToVideoSettings(height=64, head_motion=0.0)


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    sound = silence(SONG_S)
    for number, (start_s, end_s) in enumerate(NOTES_S):
        note = 0.5 * faded(vowel(AH, 180.0 + 15.0 * number, end_s - start_s))
        first = round(start_s * SAMPLE_RATE_HZ)
        sound[first : first + len(note)] += note
    return write(tmp_path_factory.mktemp("song") / "song.wav", sound)


def seen_and_heard(path):
    """(frame times, opening of the jaw, loudness of the sound at those times), all read from the film."""
    info = probe_video(path)
    opening = np.array([frame.mean() for frame in read_frames(path)])
    sound = read_audio(path, SOUND_RATE_HZ, 1)[:, 0]
    times_s = (np.arange(len(opening)) + 0.5) / info.fps
    return times_s, (opening - opening.min()) / np.ptp(opening), sound


def loudness(sound, times_s, half_s=0.02):
    """Root mean square of the sound around each moment."""
    squares = np.concatenate([[0.0], np.cumsum(sound.astype(np.float64) ** 2)])
    at = np.clip(np.round(np.array([times_s - half_s, times_s + half_s]) * SOUND_RATE_HZ).astype(int), 0, len(sound))
    return np.sqrt((squares[at[1]] - squares[at[0]]) / np.maximum(at[1] - at[0], 1))


def lag_s(times_s, opening, sound):
    """Seconds by which the jaw follows the sound: where the two go together best."""
    lags_s = np.arange(-0.3, 0.301, 0.005)
    return float(lags_s[np.argmax([np.corrcoef(opening, loudness(sound, times_s - lag))[0, 1] for lag in lags_s])])


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", [{}, {"fps": 30.0, "start_s": 0.3}, {"lips": "features"}], ids=["whole", "excerpt", "features"]
)
def test_the_mouth_of_a_film_is_in_step_with_its_sound(song, root_dir, tmp_path, change):
    settings = replace(SETTINGS, **change)
    song_to_video(root_dir / "demo" / "portrait.jpg", song, tmp_path / "film.mp4", settings, stages=STAGES)
    times_s, opening, sound = seen_and_heard(tmp_path / "film.mp4")
    moments_s = times_s + settings.start_s
    singing = np.any([(start_s + 0.1 < moments_s) & (moments_s < end_s - 0.1) for start_s, end_s in NOTES_S], axis=0)
    resting = ~np.any([(start_s - 0.25 < moments_s) & (moments_s < end_s + 0.25) for start_s, end_s in NOTES_S], axis=0)
    heard = loudness(sound, times_s)
    assert heard[singing].min() > 20 * heard[resting].max(), "the sound lies where it lies in the song"
    assert np.corrcoef(opening, heard)[0, 1] > 0.9
    assert abs(lag_s(times_s, opening, sound)) <= IN_STEP_S
    assert opening[resting].max() < 0.1 and opening[singing].min() > 0.5, "shut in the pauses, open in the notes"
    late = np.roll(opening, 3)
    assert lag_s(times_s, late, sound) > IN_STEP_S + 0.02, "the control: three frames late is told"
