"""A long sound as sentences with their times."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import MissingError
from core.runs import runs
from neural.voice_detector import FRAME_S
from speech.hearing.long_sound import (
    CUT_FROM_S,
    CUT_UNTIL_S,
    cutting_frame,
    heard_sentences,
    parted,
    sentences_of,
    starts_of_sentences,
    windows,
)
from speech.hearing.whisper import RATE_HZ, Heard, Piece, Written, whisper

SAID = ("Buenos días a todos y bienvenidos a esta clase.", "Hoy vamos a hablar del agua.", "¿Y qué pasa cuando llueve mucho?")
PAUSES_S = (0.5, 0.45, 0.9, 0.6)


@pytest.fixture(scope="module")
def ear():
    pytest.importorskip("ctranslate2")
    try:
        return whisper()
    except MissingError as error:
        pytest.skip(f"Whisper's weights are not at hand: {error}")


@pytest.fixture(scope="module")
def lecture(once):
    """Three Spanish sentences, (n,) at 16 kHz, and when each begins and ends."""
    from scipy.signal import resample_poly

    from speech.speaker import SpeechSettings, open_voice

    try:
        voice = open_voice(SpeechSettings(voice="em_alex", early=False))
    except MissingError as error:
        pytest.skip(f"Spanish can't be spoken here: {error}")
    pieces, times, now_s = [], [], 0.0
    for pause_s, text in zip(PAUSES_S, SAID, strict=False):
        pieces.append(np.zeros(round(pause_s * RATE_HZ), np.float32))
        sound = resample_poly(np.concatenate([said.sound for said in voice.say(text)]), 2, 3).astype(np.float32)
        now_s += pause_s
        times.append((now_s, now_s + len(sound) / RATE_HZ))
        now_s += len(sound) / RATE_HZ
        pieces.append(sound)
    pieces.append(np.zeros(round(PAUSES_S[-1] * RATE_HZ), np.float32))
    return np.concatenate(pieces), times


@pytest.mark.slow
def test_spanish_sentences_are_heard_in_time_and_in_english(ear, lecture):
    sound, times = lecture
    heard = list(heard_sentences(np.array_split(sound, 7)))
    assert [each.language for each in heard] == ["es"] * 3
    assert heard[0].text.lower().startswith("buenos días a todos") and "llueve" in heard[2].text
    for each, (start_s, end_s) in zip(heard, times, strict=True):
        assert abs(each.start_s - start_s) < 0.3 and abs(each.end_s - end_s) < 0.4
    assert "water" in ear.in_english(heard[1].sound, "es").text


@pytest.mark.slow
def test_pieces_of_a_text_have_rising_times(ear, lecture):
    sound, times = lecture
    written = ear.write_down(sound)
    assert "".join(piece.text for piece in written.pieces).strip() == written.heard.text
    starts = [piece.start_s for piece in written.pieces]
    assert starts == sorted(starts) and starts[-1] < times[-1][1] + 0.2


def test_silence_has_no_sentences():
    assert list(heard_sentences([np.zeros(3 * RATE_HZ, np.float32)], ear=lambda: pytest.fail("nobody speaks"))) == []


def test_windows_are_cut_in_the_longest_pause():
    first, last = int(CUT_FROM_S / FRAME_S), int(CUT_UNTIL_S / FRAME_S)
    spoken = np.ones(last + 50, bool)
    spoken[first + 30 : first + 34] = False
    spoken[first + 100 : first + 120] = False
    spoken[last + 5 : last + 45] = False  # too late
    assert cutting_frame(spoken) == first + 110
    assert cutting_frame(np.ones(last + 50, bool)) == last


def test_no_sound_is_lost_between_windows():
    sound = np.random.default_rng(1).normal(0, 0.01, 75 * RATE_HZ).astype(np.float32)
    cut = [piece for piece, _ in windows(np.array_split(sound, 40))]
    assert np.array_equal(np.concatenate(cut), sound)
    assert max(map(len, cut)) <= (CUT_UNTIL_S + 0.1) * RATE_HZ


def test_a_sentence_begins_behind_the_pause_that_whisper_means():
    assert parted(5.0, [(4.4, 4.9), (7.0, 9.0)]) == (4.4, 4.9)
    assert parted(5.0, [(4.4, 4.45), (7.0, 9.0)]) == (5.0, 5.0)
    assert runs(np.array([True, True, False, True])) == [(0, 2), (3, 4)]


def test_sentences_are_found_in_their_pieces():
    pieces = (Piece(" Yes.", 0.4), Piece(" Dr.", 1.0), Piece(" Smith", 1.2), Piece(" came.", 1.5), Piece(" No!", 2.4))
    assert starts_of_sentences(pieces) == [("Yes.", 0.4), ("Dr. Smith came.", 1.0), ("No!", 2.4)]
    spoken = np.zeros(int(3.2 / FRAME_S), bool)
    for begin_s, end_s in ((0.42, 0.8), (1.02, 2.0), (2.4, 2.9)):
        spoken[round(begin_s / FRAME_S) : round(end_s / FRAME_S)] = True
    found = list(sentences_of(Written(Heard("", "en"), pieces), np.zeros(int(3.2 * RATE_HZ), np.float32), spoken, 10.0))
    assert [each.text for each in found] == ["Yes.", "Dr. Smith came.", "No!"]
    assert [round(each.start_s, 1) for each in found] == [10.4, 11.0, 12.4]
    assert [round(each.end_s, 1) for each in found] == [10.8, 12.0, 12.9]
