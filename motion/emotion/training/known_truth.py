"""Makes the set whose emotion is known at every frame: `python -m motion.emotion.training.known_truth OUT`.

OUT holds the set itself: takes of 8 to 15 s by many made voices in five styles, some voices for validation and testing alone.
Beside it come OUT-long, takes of the test voices three times as long as any in OUT, and OUT-languages, other voices in seven
other languages; both are all test. With --speech FOLDER, OUT-speech: real acted voices (`acted_speech`) in their own styles.

The sounds: Kokoro's voices (`voice_bank`), made emotional by a drawn strength (`prosody`). The truth: `saliency`, from the sound
alone. The faces: `true_faces`. All follow from --seed; what is there already is not made again.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.contracts import FloatArray
from core.errors import BelcantoError
from core.timebase import frame_count
from motion.emotion.styles import FPS, SAMPLE_RATE_HZ, STYLES
from motion.emotion.training import voice_bank
from motion.emotion.training.acted_speech import acted_takes
from motion.emotion.training.prosody import PROSODIES, emotional
from motion.emotion.training.take_files import Place, write_face, write_facts, write_sound
from motion.emotion.training.true_faces import listened, made_face
from motion.emotion.training.voice_bank import Utterance, said_by, spoken
from motion.singing.training.augment import analyse_voice

#: A take of the set is no longer; one of the long set is at least three times that.
LONGEST_S, LONG_S = 15.0, 46.0
#: Utterances in a take; how often a voice says all it says in a long one, which is cut.
EACH_SAYS, LONG_TURNS = 2, 3
#: Takes of a voice and a style outside training.
TAKES = {"validation": 2, "test": 3, "foreign": 2, "long": 1}
DEFAULT_MINUTES = 55.0
DEFAULT_CACHE = Path.home() / ".cache" / "belcanto" / "voices"
LICENCE = "made by this project's script; Kokoro-82M's voices are Apache-2.0, the sentences and curves MIT"
SOURCE = "motion.emotion.training.known_truth, seed {seed}"
#: What a maker of takes tells as it goes: the take, and its length in seconds.
Report = Callable[[Place, float], None]


@dataclass(frozen=True)
class Making:
    """What all takes share. cache_dir: of the voices' plain sounds. seed: of all chance."""

    cache_dir: Path
    seed: int = 0

    def generator(self, place: Place) -> np.random.Generator:
        """The chance of one take, the same whatever else is made."""
        return np.random.default_rng(
            [self.seed, zlib.crc32(f"{place.folder.name}/{place.speaker}/{place.style}/{place.take}".encode())]
        )


def made_take(place: Place, said: Sequence[Utterance], making: Making, longest_s: float = LONGEST_S) -> float:
    """Write a take in which a voice says these utterances with feeling; returns its length in seconds."""
    generator = making.generator(place)
    plain = np.concatenate([spoken(utterance, making.cache_dir) for utterance in said])
    sound, _ = emotional(analyse_voice(plain), PROSODIES[place.style], generator)
    return with_face(place, sound[: round(longest_s * SAMPLE_RATE_HZ)], generator)


def with_face(place: Place, sound: FloatArray, generator: np.random.Generator) -> float:
    """Write a sound (n,) at 16 kHz with its true face; returns its length in seconds."""
    path, frames = write_sound(place, sound), frame_count(len(sound) / SAMPLE_RATE_HZ, FPS)
    face = made_face(listened(path, frames), place.style, generator)
    write_face(place, face.motion, face.saliency)
    return frames / FPS


def rounds(folder: Path, voices: Sequence[str], takes: int) -> Iterator[tuple[Place, list[Utterance]]]:
    """The takes of voices in all styles, the first of each before any second; each says other utterances than its neighbours."""
    for take in range(takes):
        for voice in voices:
            own = said_by(voice)
            for number, style in enumerate(STYLES):
                first = EACH_SAYS * take + number
                said = [own[(first + step) % len(own)] for step in range(EACH_SAYS)]
                yield Place(folder, voice, style, f"take{take + 1:02d}"), said


def make_set(folder: Path, making: Making, minutes: float, speakers: int, report: Report) -> None:
    """The set itself: so many minutes of training by so many voices, and the takes of validation and test."""
    training = voice_bank.TRAINING_VOICES[:speakers]
    kept = {"validation": voice_bank.VALIDATION_VOICES, "test": voice_bank.TEST_VOICES}
    write_facts(folder, LICENCE, SOURCE.format(seed=making.seed), kept)
    for part, voices in kept.items():
        make_all(rounds(folder, voices, TAKES[part]), making, report)
    most = int(minutes * 60.0 / (8.0 * len(training) * len(STYLES))) + 1
    make_all(rounds(folder, training, most), making, report, minutes * 60.0)


def make_all(
    wanted: Iterator[tuple[Place, list[Utterance]]],
    making: Making,
    report: Report,
    enough_s: float = float("inf"),
    longest_s: float = LONGEST_S,
) -> None:
    """Make the takes that are not there yet, until there are `enough_s` seconds of them."""
    done_s = 0.0
    for place, said in wanted:
        if done_s >= enough_s:
            return
        length_s = sound_length_s(place) if place.whole else made_take(place, said, making, longest_s)
        done_s += length_s
        report(place, length_s)


def sound_length_s(place: Place) -> float:
    """Of a take that is there."""
    import soundfile

    return float(soundfile.info(place.file(".flac")).duration)


def make_tests(folder: Path, making: Making, report: Report) -> None:
    """The two sets that are all test: long takes, and other languages."""
    long, foreign = beside(folder, "long"), beside(folder, "languages")
    facts = LICENCE, SOURCE.format(seed=making.seed)
    write_facts(long, *facts, {"test": voice_bank.TEST_VOICES})
    all_said = ((place, LONG_TURNS * said_by(place.speaker)) for place, _ in rounds(long, voice_bank.TEST_VOICES, TAKES["long"]))
    make_all(all_said, making, report, longest_s=LONG_S)
    write_facts(foreign, *facts, {"test": voice_bank.FOREIGN_VOICES})
    make_all(rounds(foreign, voice_bank.FOREIGN_VOICES, TAKES["foreign"]), making, report)


def make_acted(folder: Path, speech: Path, making: Making, report: Report) -> None:
    """The set of real voices: what each actor says in a style, as many of the recordings in a take as fit."""
    acted = beside(folder, "speech")
    speakers = sorted({take.speaker for take in acted_takes(speech)})
    write_facts(
        acted, "the recordings' own, see where they come from; curves made", f"acted speech in {speech.name}", {"test": speakers}
    )
    for take in acted_takes(speech):
        place = Place(acted, take.speaker, take.style, take.name)
        if not place.whole:
            report(place, with_face(place, take.sound(), making.generator(place)))


def beside(folder: Path, what: str) -> Path:
    """The folder of a set that belongs to another one."""
    return folder.with_name(f"{folder.name}-{what}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the sets. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m motion.emotion.training.known_truth", description=__doc__)
    parser.add_argument("out", type=Path, help="folder of the set")
    parser.add_argument("--minutes", type=float, default=DEFAULT_MINUTES, help="of sound to train on (default: %(default)g)")
    parser.add_argument("--speakers", type=int, default=len(voice_bank.TRAINING_VOICES), help="voices to train on")
    parser.add_argument("--seed", type=int, default=0, help="of all chance (default: %(default)s)")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="folder where what the voices say is kept")
    parser.add_argument("--speech", type=Path, help="folder of acted speech, files named as those of RAVDESS or EMO-DB")
    given = parser.parse_args(arguments)
    making = Making(given.cache, given.seed)
    try:
        make_set(given.out, making, given.minutes, given.speakers, _told)
        make_tests(given.out, making, _told)
        if given.speech:
            make_acted(given.out, given.speech, making, _told)
    except BelcantoError as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


def _told(place: Place, length_s: float) -> None:
    print(f"{place.folder.name}/{place.speaker}/{place.style}/{place.take}: {length_s:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
