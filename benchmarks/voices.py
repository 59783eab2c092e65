"""Every kind of voice: whether the mouth is open where the voice is, and shut where it is not.

    python -m benchmarks.voices --shared ../shared [--lips features] [--held-out] [--json]

Real speakers and singers of the shared folder, made into whispers, growls, children and so on (`voice_kinds.py`), alone or in a
song, each with the same sound without its voice as a control. Open: the lips stand apart within 80 ms. Shut: a quarter of a
second and more from any voice they are no wider apart than for a breath. Edge: how far the mouth's first opening of a phrase and
its last lie from the voice's. Lips: correlation with the true lips of those who spoke, one lag within 160 ms taken out. Tuned on
a few of the clips; --held-out leaves those out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
from scipy.ndimage import binary_closing, maximum_filter1d

from benchmarks.voice_kinds import RATE_HZ, VOICE_KINDS, at_usual_level
from core.contracts import FloatArray, Motion
from media.media import read_audio
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.smoothing import runs
from motion.singing.runner import SingingMotion, SingingSettings

FPS = 25.0
#: A voice is where the sound is within so many dB of its loudest.
VOICE_RANGE_DB = 25.0
#: Frames around each in which an open mouth counts, and frames around a voice that count neither as voice nor as silence.
NEAR_FRAMES, MARGIN_FRAMES = 2, 6
#: Shorter rests don't end a phrase.
PHRASE_GAP_S = 0.5
#: Openings above the first are open, up to the second shut: people part their lips to breathe.
PARTED, BREATH = 0.02, 0.06
#: Clips of `../shared/talking` on which thresholds were chosen, with the first of the two songs; all others are held out.
TUNED_ON = ("sentences_are_you_well", "sentences_do_you_want_to_split_an_appetizer1", "sentences_how_are_you")
HELD_OUT = ("missing_happy_birthday", "missing_what_are_your_hobbies", "vr_2", "GRID_lbbc2a", "s26_bgbsza", "s31_lgbj5a")
TUNED_SONG, HELD_OUT_SONG = "song_10", "song_14"
SUNG_S = (3.0, 10.0)


@dataclass(frozen=True)
class Take:
    """What the mouth is driven by: voice and mix (n,) at `RATE_HZ`, and where in it somebody is heard, (n / 160,) bool.

    alone: the voice was recorded alone. empty: voice and mix of the same sound without the voice. lips: (T,) how far the lips of
    whoever spoke were apart, at `FPS`, where that is known.
    """

    kind: str
    name: str
    voice: FloatArray
    mix: FloatArray
    heard: np.ndarray
    alone: bool
    empty: tuple[FloatArray, FloatArray]
    lips: FloatArray | None = None


def aperture(motion: Motion) -> FloatArray:
    """(T,) how far the lips are apart: the jaw less what closes the lips over it, and what parts the lips."""
    lips = sum(motion.shape(f"mouth{part}{side}") for part in ("LowerDown", "UpperUp") for side in ("Left", "Right"))
    opening: FloatArray = np.maximum(motion.shape("jawOpen") - motion.shape("mouthClose"), 0.0) + 0.08 * lips
    return opening


def heard_in(sound: FloatArray) -> np.ndarray:
    """(n / 160,) bool: where a clean voice (n,) is heard."""
    power = np.convolve(np.square(sound, dtype=np.float64), np.ones(400) / 400, mode="same")[::160]
    return power > power.max() * 10 ** (-VOICE_RANGE_DB / 10)


@dataclass(frozen=True)
class Clip:
    """Somebody who speaks: sound (n,) at `RATE_HZ`, and lips (T,), see `Take`."""

    sound: FloatArray
    lips: FloatArray


def talking(shared: Path, names: Iterable[str]) -> dict[str, Clip]:
    """The clips of these names."""
    found = {}
    for part in ("others", "grid_others"):
        with np.load(shared / "talking" / f"{part}.npz") as data:
            clips, index = list(data["clip"]), list(data["landmark_index"])
            samples, frames = (np.concatenate([[0], np.cumsum(data[name])]) for name in ("samples", "frames"))
            points = data["landmarks"][:, [index.index(k) for k in (13, 14, 33, 263)], :2].astype(np.float32)
        lips = np.linalg.norm(points[:, 0] - points[:, 1], axis=1) / np.linalg.norm(points[:, 2] - points[:, 3], axis=1)
        for name in names:
            if name in clips:
                k = clips.index(name)
                path, piece = shared / "talking" / f"{part}.flac", slice(frames[k], frames[k + 1])
                sound = soundfile.read(path, start=int(samples[k]), stop=int(samples[k + 1]), dtype="float32")[0]
                found[name] = Clip(sound, lips[piece])
    return found


def stem(shared: Path, song: str, part: str, span_s: tuple[float, float] | None = None) -> FloatArray:
    """A stem of a shared song, (n,)."""
    sound: FloatArray = read_audio(shared / "songs" / f"{song}_{part}.flac", RATE_HZ, 1)[:, 0]
    return sound if span_s is None else sound[round(span_s[0] * RATE_HZ) : round(span_s[1] * RATE_HZ)]


def room(count: int) -> FloatArray:
    """(count,) a quiet room in which nobody is."""
    return at_usual_level(np.zeros(count, dtype=np.float32))


def made_takes(name: str, sound: FloatArray, lips: FloatArray | None = None) -> Iterator[Take]:
    """A clean voice as every kind, alone in its file; one without lips sings."""
    for kind, made in VOICE_KINDS.items():
        changed = made.change(sound)
        voice, empty = at_usual_level(changed), room(len(changed))
        told = None if lips is None else np.interp(np.arange(0, len(lips), made.speed), np.arange(len(lips)), lips)
        kind = kind if lips is not None else f"{kind}, sung"
        yield Take(kind, name, voice, voice, heard_in(changed), True, (empty, empty), told)


def short_takes(name: str, sound: FloatArray) -> Iterator[Take]:
    """One word with a rest around it, and a file that holds hardly more than a syllable."""
    # Rises, not the sound itself: some recordings have thumps that nobody hears.
    power = np.convolve(np.square(np.diff(sound, prepend=0.0)), np.ones(4000), mode="same")
    middle = int(np.argmax(power))
    for kind, half, rest in (("one word", 3600, 8000), ("half a second", 4000, 0)):
        word = sound[max(0, middle - half) : middle + half]
        word = word * np.minimum(1.0, np.minimum(np.arange(len(word)), np.arange(len(word))[::-1]) / 480)
        word = np.pad(word, (rest, rest)).astype(np.float32)
        voice, empty = at_usual_level(word), room(len(word))
        yield Take(kind, name, voice, voice, heard_in(word), True, (empty, empty))


def song_takes(name: str, sound: FloatArray, music: FloatArray) -> Iterator[Take]:
    """The voice in a song: late, softly sung, over loud leftovers, quiet in a file of its own."""
    voice = at_usual_level(sound)
    music = at_usual_level(music)
    late = np.pad(voice, (round(20.0 * RATE_HZ), RATE_HZ))
    settings = {
        "starts late": (late, 0.05, 1.0, False),
        "loud leftovers": (np.pad(voice, (3 * RATE_HZ, RATE_HZ)), 0.3, 1.0, False),
        "soft in a loud song": (0.25 * np.pad(voice, (3 * RATE_HZ, RATE_HZ)), 0.03, 1.0, False),
        "quiet voice alone beside a song": (0.02 * np.pad(voice, (RATE_HZ, RATE_HZ)), 0.0, 1.0, True),
    }
    for kind, (own, left, loud, alone) in settings.items():
        band = loud * np.resize(music, len(own)).astype(np.float32)
        stem_of = own + left * band
        empty = (room(len(own)) if alone else left * band, band)
        yield Take(kind, name, stem_of, band if alone else own + band, heard_in(own), alone, empty)


def takes(shared: Path, held_out: bool | None = None) -> Iterator[Take]:
    """All takes; held_out: only those that no threshold was chosen on (True) or only the others (False)."""
    for names, song, here in ((TUNED_ON, TUNED_SONG, False), (HELD_OUT, HELD_OUT_SONG, True)):
        if held_out in (None, here):
            music = stem(shared, song, "accompaniment")
            for name, clip in talking(shared, names).items():
                yield from made_takes(name, clip.sound, clip.lips)
                yield from short_takes(name, clip.sound)
                yield from song_takes(name, clip.sound, music)
            sung = stem(shared, song, "voice", SUNG_S)
            yield from made_takes(song, sung)
            yield from song_takes(song, sung, music)


@dataclass(frozen=True)
class Seen:
    """What the mouth did: share of the voice's time in which it is open, of the silence in which it is shut, median distance of
    the phrases' ends in seconds, correlation with the true lips (each NaN where there is nothing to tell it by), how wide the
    mouth is in the voice's time, and whether it stays shut where the voice is taken away.
    """

    open_share: float
    shut_share: float
    edge_s: float
    lips: float
    opening: float
    shut_without: bool


def drive(voice: FloatArray, mix: FloatArray, alone: bool, settings: SingingSettings) -> Motion:
    """The motion of a voice and a mix that are at hand as samples."""
    with TemporaryDirectory() as folder:
        voice_path, mix_path = Path(folder) / "voice.wav", Path(folder) / "mix.wav"
        for path, sound in ((voice_path, voice), (mix_path, mix)):
            soundfile.write(path, sound, RATE_HZ, subtype="FLOAT")
        frames = max(1, round(len(voice) / RATE_HZ * FPS))
        return SingingMotion(settings).motion(voice_path, mix_path, FPS, frames, alone=alone)


def sounding_frames(heard: np.ndarray, frames: int) -> np.ndarray:
    """(frames,) bool: in which frames of the film the voice is heard."""
    return np.array([heard[4 * k : 4 * k + 4].mean() > 0.5 if 4 * k < len(heard) else False for k in range(frames)])


def shares(opening: FloatArray, heard: np.ndarray) -> tuple[float, float]:
    """Share of the voice in which the mouth is open, and of the silence in which it is shut, of an opening (T,)."""
    sounding = sounding_frames(heard, len(opening))
    near = maximum_filter1d(opening, 2 * NEAR_FRAMES + 1)
    silent = ~maximum_filter1d(sounding, 2 * MARGIN_FRAMES + 1)
    shut = float((opening[silent] <= BREATH).mean()) if silent.any() else float("nan")
    return float((near[sounding] > PARTED).mean()), shut


def edge_s(opening: FloatArray, heard: np.ndarray) -> float:
    """Median distance in seconds from the ends of the voice's phrases to those of the open mouth; NaN where it never opens."""
    spans = [runs(joined(flags, PHRASE_GAP_S)) / FEATURE_RATE_HZ for flags in (heard, np.repeat(opening > BREATH, 4))]
    if not len(spans[0]) or not len(spans[1]):
        return float("nan")
    return float(np.median([np.abs(spans[1] - edge)[:, side].min() for span in spans[0] for side, edge in enumerate(span)]))


def joined(flags: np.ndarray, gap_s: float) -> np.ndarray:
    """(N,) bool with gaps shorter than `gap_s` closed."""
    size = round(gap_s * FEATURE_RATE_HZ)
    padded = np.pad(flags, size)
    closed: np.ndarray = binary_closing(padded, np.ones(size))[size : len(padded) - size]
    return closed


def agreement(opening: FloatArray, lips: FloatArray) -> float:
    """Correlation of an opening (T,) with true lips (about T,), at the best lag within 160 ms; 0 for a mouth that never opens."""
    count = min(len(opening), len(lips))
    ours, true = opening[:count], lips[:count]
    pairs = [(ours[max(0, lag) : count + min(0, lag)], true[max(0, -lag) : count - max(0, lag)]) for lag in range(-4, 5)]
    return max(float(np.corrcoef(a, b)[0, 1]) if a.std() > 0 else 0.0 for a, b in pairs)


def look(take: Take, settings: SingingSettings) -> Seen:
    """Drive a mouth by the take, and by the same sound without its voice."""
    opening = aperture(drive(take.voice, take.mix, take.alone, settings))
    without = aperture(drive(*take.empty, take.alone, settings))
    lips = float("nan") if take.lips is None else agreement(opening, take.lips)
    wide = float(opening[sounding_frames(take.heard, len(opening))].mean())
    return Seen(*shares(opening, take.heard), edge_s(opening, take.heard), lips, wide, bool(without.max() <= BREATH))


def summed(seen: list[Seen]) -> dict[str, float]:
    """The means of a kind, and the worst take."""

    def mean(values: list[float]) -> float:
        told = [value for value in values if not np.isnan(value)]
        return float(np.mean(told)) if told else float("nan")

    return {
        "takes": len(seen),
        "open": mean([one.open_share for one in seen]),
        "least open": min(one.open_share for one in seen),
        "shut": mean([one.shut_share for one in seen]),
        "edge ms": 1000.0 * mean([one.edge_s for one in seen]),
        "lips": mean([one.lips for one in seen]),
        "opening": mean([one.opening for one in seen]),
        "opens without": sum(not one.shut_without for one in seen),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--lips", choices=("learned", "features"), default="learned")
    parser.add_argument("--held-out", action="store_true", help="only clips on which nothing was chosen")
    parser.add_argument("--tuned-on", action="store_true", help="only clips on which thresholds were chosen")
    parser.add_argument("--kinds", nargs="+", help="only these kinds")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows: dict[str, list[Seen]] = {}
    for take in takes(asked.shared, True if asked.held_out else False if asked.tuned_on else None):
        if not asked.kinds or take.kind in asked.kinds:
            rows.setdefault(take.kind, []).append(look(take, SingingSettings(lips=asked.lips)))
    table = {kind: summed(seen) for kind, seen in rows.items()}
    if asked.json:
        print(json.dumps(table))
        return
    print("| kind | takes | open where heard | the least | shut in silence | edge ms | true lips | opening | opens without |")
    print("|---" * 9 + "|")
    for kind, row in table.items():
        numbers = " | ".join(f"{row[name]:.2f}" for name in ("open", "least open", "shut"))
        others = f"{row['edge ms']:.0f} | {row['lips']:.2f} | {row['opening']:.2f} | {row['opens without']:.0f}"
        print(f"| {kind} | {row['takes']:.0f} | " + f"{numbers} | {others} |".replace("nan", "-"))


if __name__ == "__main__":
    main()
