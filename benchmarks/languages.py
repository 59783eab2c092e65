"""Songs in seven languages: do the lips open and close where they should?

    python -m benchmarks.languages --shared ../shared [--json]

Kokoro speaks lines of each language in a woman's and a man's voice and says when it speaks which phoneme. Each line is heard
twice: spoken, alone in its file, and sung (notes, vibrato, held vowels, by WORLD) over the accompaniment of a shared song, the
voice parted from it by the product. Nothing of it was used to learn or tune the lips.

Open: of the vowels that part the lips (a, e, o and their like) how many show them parted. Closed: of the lips' closures (m, b, p)
between two openings in how many they come together: to under a quarter of the wider opening beside them, within 60 ms. Others:
the same of t, d, k, n and their like, which need no lips: what a mouth that flaps would show. Shut: share of the time 0.25 s and
more from any phoneme in which the mouth is shut. Lag: of the film's opening against the phonemes, at the best agreement.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from unicodedata import normalize

import numpy as np
import soundfile
from scipy.signal import resample_poly

from benchmarks.voice_kinds import at_usual_level
from benchmarks.voices import BREATH, FPS, RATE_HZ, aperture, drive, stem
from core.contracts import FloatArray, Motion
from motion.singing.runner import SingingMotion, SingingSettings
from motion.singing.training.augment import FRAME_S, VoiceChange, analyse_voice, changed_voice
from separation.runner import SpleeterSeparator
from speech.kokoro import RATE_HZ as SPOKEN_RATE_HZ
from speech.kokoro import Kokoro
from speech.voice import Phoneme


@dataclass(frozen=True)
class Language:
    """voices: who speaks; lines: phonemes as `speech.kokoro` takes them, full of closures of the lips."""

    voices: tuple[str, ...]
    lines: tuple[str, ...]


LANGUAGES = {
    "English": Language(
        ("af_heart", "am_michael"),
        ("mI bˈAbi mˈA bi bɹˈAv, bʌt pˈɑpə bˈɔt ə mˈæp.", "wi mˈuv əbˌʌv ðə mˈun ænd hˈʌm ə mˈɛlədi."),
    ),
    "Spanish": Language(
        ("ef_dora", "em_alex"),
        ("mamˈa bˈaila bˈaxo la lˈuna, i el mˈaɾ ˈabɾe ˈun kamˈino ðe papˈel.", "bˈamos a bebˈeɾ ˈum bˈino bwˈeno, amˈoɾ."),
    ),
    "French": Language(
        ("ff_siwis",),
        ("ma mamˈɑ̃ ˈɛm la plyˈi, e mwˌa ʒə ʃˈɑ̃t puʁ mɔ̃ bˈɛl amˈi.", "la mˈɛʁ ɑ̃pˈɔʁt œ̃ batˈo blˈɑ̃."),
    ),
    "Italian": Language(
        ("if_sara", "im_nicola"),
        ("mˈamma mˈia, la bˈɛlla lˈuna bˈalla pjˈano sˈopra il mˈare.", "vjˈɛni a bˈere un pˈo di vˈino, amˈore."),
    ),
    "Portuguese": Language(
        ("pf_dora", "pm_alex"),
        ("meʊ amˈor, a bˈɐ̃da pˈasa, i ʊ pˈovʊ bˈatʃi pˈaʊmaz na prˈaia.", "vˌɐ̃mʊz bebˈeɾ ũ bˈõ vˈiɲʊ."),
    ),
    "Hindi": Language(
        ("hf_alpha", "hm_omega"),
        ("mˌeːɾaː mˈʌn bˈaːbaː keː bˈaːɡ mẽː pˈaːni pˈi kˈʌɾ bˈʌhʊt kʰˈʊʃ hɛː.", "ˈaːm bˈʌhʊt mˈiːʈʰaː hɛː."),
    ),
    "Japanese": Language(
        ("jf_alpha", "jm_kumo"),
        ("mama wa minami no ɯmi de baɾa o maita.", "bokɯ wa paɴ o tabeɾɯ."),
    ),
}
PARTING, CLOSING, OTHERS = frozenset("aɑæʌɐɛɔeoAIOWY"), frozenset("mbp"), frozenset("tdkɡnlɾsz")
ACCOMPANIMENT = "song_14"
REST_S = 1.0
#: How near a phoneme the film must show it, and how far from all the mouth must rest.
NEAR_S, FAR_S = 0.06, 0.25
#: What is left of the wider opening beside it where the lips count as closed.
CLOSED_SHARE = 0.25
#: A vowel is looked for on each side of a consonant as far as that.
BESIDE_S = 0.35
LAGS_S = np.arange(-0.2, 0.21, 0.02)


@dataclass(frozen=True)
class Heard:
    """A line on its way into a film: the sound (n,) at `RATE_HZ`, whether it is a voice alone, and its phonemes in its time."""

    mix: FloatArray
    alone: bool
    phonemes: tuple[Phoneme, ...]


def spoken(kokoro: Kokoro, line: str, voice: str) -> Heard:
    """The line alone, with a rest before and after it."""
    said = kokoro.speak(normalize("NFD", line), voice)
    sound = resample_poly(said.sound, RATE_HZ, SPOKEN_RATE_HZ).astype(np.float32)
    rest = round(REST_S * RATE_HZ)
    whole = at_usual_level(np.pad(sound, (rest, rest)))
    return Heard(whole, True, tuple(Phoneme(each.symbol, each.start_s + REST_S, each.end_s + REST_S) for each in said.phonemes))


def sung(alone: Heard, music: FloatArray, seed: int) -> Heard:
    """The spoken line as a tune over the music."""
    change = VoiceChange(sung=True, held=True, speed=0.85)
    piece = changed_voice(0, analyse_voice(alone.mix), change, np.random.default_rng(seed))
    now_s = np.arange(len(piece.source_s)) * FRAME_S
    reached_s = np.maximum.accumulate(piece.source_s)  # a held vowel is read back and forth
    edges = ((each.symbol, *np.searchsorted(reached_s, (each.start_s, each.end_s))) for each in alone.phonemes)
    phonemes = tuple(Phoneme(symbol, *(float(now_s[min(at, len(now_s) - 1)]) for at in span)) for symbol, *span in edges)
    return Heard(at_usual_level(piece.sound) + at_usual_level(np.resize(music, len(piece.sound))), False, phonemes)


def film_opening(heard: Heard) -> FloatArray:
    """(T,) how far the film's lips are apart."""
    return aperture(drive(heard.mix, heard.mix, True, SingingSettings()) if heard.alone else parted(heard.mix))


def parted(mix: FloatArray) -> Motion:
    """The motion of a mix of which the product parts the voice."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mix.wav"
        soundfile.write(path, mix, RATE_HZ, subtype="FLOAT")
        stems = SpleeterSeparator().separate(path, Path(folder))
        return SingingMotion(SingingSettings()).motion(stems.voice, path, FPS, round(len(mix) / RATE_HZ * FPS))


@dataclass(frozen=True)
class Counts:
    """What the film showed of a line, each as (how often, of how many), and its lag in seconds."""

    opened: tuple[int, int]
    closed: tuple[int, int]
    others_closed: tuple[int, int]
    shut: tuple[int, int]
    lag_s: float


def look(heard: Heard) -> Counts:
    """Count what a line's film shows."""
    opening = film_opening(heard)
    times_s = np.arange(len(opening)) / FPS
    opened = [span(opening, times_s, each).max() > BREATH for each in heard.phonemes if each.symbol in PARTING]
    closed, others = (
        [share < CLOSED_SHARE for share in consonants(heard.phonemes, opening, times_s, kinds)] for kinds in (CLOSING, OTHERS)
    )
    shut = opening[far_from_all(heard.phonemes, times_s)] <= BREATH
    lag = lag_s(heard.phonemes, opening, times_s)
    return Counts(hits(opened), hits(closed), hits(others), hits(shut), lag)


def hits(told: Sequence[bool] | np.ndarray) -> tuple[int, int]:
    """How many are true, of how many."""
    return int(np.sum(told)), len(told)


def span(opening: FloatArray, times_s: FloatArray, each: Phoneme) -> FloatArray:
    """The opening in the frames of a phoneme and `NEAR_S` around it."""
    return opening[(times_s > each.start_s - NEAR_S) & (times_s < each.end_s + NEAR_S)]


def consonants(phonemes: Sequence[Phoneme], opening: FloatArray, times_s: FloatArray, kinds: frozenset[str]) -> Iterator[float]:
    """For every phoneme of `kinds` with a parting vowel on both sides what is left in it of the wider of the openings there."""
    for each in phonemes:
        here_s = middle_s(each)
        beside = [other for other in phonemes if other.symbol in PARTING and abs(middle_s(other) - here_s) < BESIDE_S]
        left, right = ([o for o in beside if (middle_s(o) < here_s) == first] for first in (True, False))
        if each.symbol in kinds and left and right:
            wider = max(span(opening, times_s, other).max() for other in (left[-1], right[0]))
            if wider > BREATH:
                yield float(span(opening, times_s, each).min() / wider)


def middle_s(each: Phoneme) -> float:
    """The middle of a phoneme."""
    return (each.start_s + each.end_s) / 2.0


def far_from_all(phonemes: Sequence[Phoneme], times_s: FloatArray) -> np.ndarray:
    """(T,) bool: moments `FAR_S` and more from every phoneme but pauses."""
    said = [each for each in phonemes if each.symbol.isalpha()]
    near = [(times_s > each.start_s - FAR_S) & (times_s < each.end_s + FAR_S) for each in said]
    return ~np.any(near, axis=0)


def lag_s(phonemes: Sequence[Phoneme], opening: FloatArray, times_s: FloatArray) -> float:
    """How much later than the phonemes the opening is, by its correlation with 1 in parting vowels, else 0."""

    def wanted(at_s: FloatArray) -> FloatArray:
        parting = [(at_s >= each.start_s) & (at_s < each.end_s) for each in phonemes if each.symbol in PARTING]
        return np.any(parting, axis=0).astype(np.float32)

    if opening.std() == 0.0:
        return float("nan")
    agreement = [np.corrcoef(wanted(times_s - lag), opening)[0, 1] for lag in LAGS_S]
    return float(LAGS_S[int(np.argmax(agreement))])


def summed(rows: Sequence[Counts]) -> dict[str, float]:
    """Shares over all lines, and the median lag."""

    def share(name: str) -> float:
        true, count = np.sum([getattr(row, name) for row in rows], axis=0)
        return float(true / count) if count else float("nan")

    names = ("opened", "closed", "others_closed", "shut")
    return {name: share(name) for name in names} | {"lag_ms": 1000.0 * float(np.nanmedian([row.lag_s for row in rows]))}


def measure(shared: Path, languages: Sequence[str]) -> dict[str, dict[str, dict[str, float]]]:
    """For every language its figures when spoken and when sung in a song."""
    kokoro, music = Kokoro(), stem(shared, ACCOMPANIMENT, "accompaniment")
    table = {}
    for name in languages:
        language = LANGUAGES[name]
        alone = [spoken(kokoro, line, voice) for voice in language.voices for line in language.lines]
        songs = [sung(each, music, seed) for seed, each in enumerate(alone)]
        table[name] = {"spoken": summed([look(each) for each in alone]), "sung": summed([look(each) for each in songs])}
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--languages", nargs="+", choices=tuple(LANGUAGES), default=tuple(LANGUAGES), help="only these")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    table = measure(asked.shared, asked.languages)
    if asked.json:
        print(json.dumps(table))
        return
    print("| language | | vowels open | lips closed | other consonants | shut in rests | lag ms |")
    print("|---" * 7 + "|")
    for name, ways in table.items():
        for way, row in ways.items():
            shares = " | ".join(f"{row[key]:.2f}" for key in ("opened", "closed", "others_closed", "shut"))
            print(f"| {name} | {way} | {shares} | {row['lag_ms']:.0f} |")


if __name__ == "__main__":
    main()
