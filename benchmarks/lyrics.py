"""How well words are laid in time: `python -m benchmarks.lyrics [--song S --words W]...`.

Texts are spoken by our own voices, which know when each word begins, after rests of a second and more as songs have them. Their
words are heard; then the same words are given as plain lines and laid over what was heard; and then once more with four of every
eight words taken out of what was heard. The error is how far a word's beginning is from the true one.

Of songs, whose times nobody knows, the share of the given words that are recognised is told.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from benchmarks.machine import describe_machine
from core.contracts import FloatArray
from media.sound_reader import read_audio_blocks
from neural.log_mel import RATE_HZ
from pipeline.lyrics.aligning import HeardVoice, align, matches, plain
from pipeline.lyrics.reading import parse_lyrics, read_lyrics_file
from speech.hearing.words import heard_windows
from speech.speaker import SpeechSettings, open_voice
from speech.voice import Word, later

TEXTS = {
    "af_heart": (
        "Find the vole, the handsome vole, bogged down in the valley.",
        "Rivers run and winters fall, and every road leads home to you.",
        "Stay with me until the morning, sing another song for me.",
    ),
    "am_michael": (
        "Twinkle, twinkle, little star, how I wonder what you are.",
        "Up above the world so high, like a diamond in the sky.",
    ),
    "em_alex": ("Buenos días, corazón, la mañana ya llegó.", "Canta conmigo esta canción que nunca se acaba."),
}
REST_S, EVERY, LEFT_OUT = 1.2, 8, 4


def spoken(voice_name: str, texts: Sequence[str]) -> tuple[FloatArray, list[Word]]:
    """The texts with rests around them, (n,) at 16 kHz, and their words as the voice tells them."""
    voice = open_voice(SpeechSettings(voice=voice_name, early=False))
    rest = np.zeros(round(REST_S * RATE_HZ), np.float32)
    sound, words = [rest], list[Word]()
    for text in texts:
        for said in voice.say(text):
            begin_s = sum(map(len, sound)) / RATE_HZ
            words += later(said.words, begin_s)
            sound.append(resample_poly(said.sound, RATE_HZ, said.rate_hz).astype(np.float32))
        sound.append(rest)
    return np.concatenate(sound), [word for word in words if plain(word.text)]


def heard(blocks: Sequence[FloatArray]) -> HeardVoice:
    """What is heard."""
    windows = list(heard_windows(blocks))
    words = tuple(word for window in windows for word in window.words)
    spans = tuple(span for window in windows for span in window.voiced_s)
    return HeardVoice(words, spans, sum(map(len, blocks)) / RATE_HZ)


def errors_of(true: Sequence[Word], found: Sequence[Word]) -> list[float]:
    """How far the beginnings of the words that both have are apart, in seconds."""
    pairs = matches([plain(word.text) for word in true], [plain(word.text) for word in found])
    return [abs(true[one].start_s - found[other].start_s) for one, other in pairs]


def told(name: str, errors_s: Sequence[float], count: int) -> str:
    """A row of the table."""
    middle, far = np.median(errors_s), np.quantile(errors_s, 0.9)
    near = np.mean(np.asarray(errors_s) <= 0.2)
    found = f"{name}: {len(errors_s)} of {count} words"
    return f"{found}; median {1000 * middle:.0f} ms, 90 % within {1000 * far:.0f} ms; {near:.0%} within 200 ms"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lyrics")
    parser.add_argument("--song", type=Path, action="append", default=[], help="a sound file of a voice that sings")
    parser.add_argument("--words", type=Path, action="append", default=[], help="its words as plain lines, in the songs' order")
    options = parser.parse_args(arguments)
    print(describe_machine())
    rows: dict[str, list[float]] = {"heard": [], "given": [], "given, half of them not heard": []}
    count = 0
    for name, texts in TEXTS.items():
        sound, true = spoken(name, texts)
        found, count = heard([sound]), count + len(true)
        lines = parse_lyrics("\n".join(texts))
        fewer = tuple(word for place, word in enumerate(found.words) if place % EVERY >= LEFT_OUT)
        rows["heard"] += errors_of(true, found.words)
        for row, voice in (
            ("given", found),
            ("given, half of them not heard", HeardVoice(fewer, found.voiced_s, found.length_s)),
        ):
            rows[row] += errors_of(true, [word for line in align(lines, voice).lyrics.lines for word in line.words])
    for name, errors_s in rows.items():
        print(told(name, errors_s, count))
    for song, words in zip(options.song, options.words, strict=True):
        found = heard(list(read_audio_blocks(song, RATE_HZ, 1, 10 * RATE_HZ)))
        print(f"{song.name}: {align(parse_lyrics(read_lyrics_file(words)), found).matched:.0%} of the words recognised")
    return 0


if __name__ == "__main__":
    sys.exit(main())
