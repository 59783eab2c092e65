"""A text of two minutes as a film: do the lips shut where the voice says so, is the feeling seen, and how long does it take?

    python -m benchmarks.speak --portrait demo/portrait.jpg --out FOLDER [--languages English Spanish] [--text-file T] [--json]

The film is made by the program's own command with a cache of its own, measured from outside: wall time and memory. Its frames are
read by the Face Landmarker. Shut: of the phonemes m, b and p the share in which the aperture falls under 15 % of its 95th
percentile, within 60 ms; others: the same of t, d, k, n and their like, which need no lips. Then the same film is drawn once more
by the sound alone, without the phonemes. Feelings: of the sentences that name one, the share whose face is read as that, against
the faces of the sentences without.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import numpy as np
import soundfile

from benchmarks.emotions import ALL_SIGNS, FaceOverTime, read_as, read_face
from benchmarks.ending import ends_in_words
from benchmarks.languages import CLOSING, NEAR_S, OTHERS
from benchmarks.machine import describe_machine
from benchmarks.programs import last_line, run_measured
from benchmarks.spoken_texts import ENGLISH, SPANISH
from benchmarks.spoken_words import Ear, errors, words_of
from core.contracts import DrivingSound, FloatArray, Keep, MotionSource, Performance, Progress, TimedPhoneme, silent
from core.errors import InputError, MissingError
from core.messages import as_written
from core.timebase import frame_times_s, seconds_to_samples
from media.media import probe_video
from motion.singing.source import SungMotion
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_settings import SongToVideoSettings
from pipeline.spoken_text import SpokenSentence, SpokenText
from pipeline.stages import Stages, make_motion_source
from pipeline.text_settings import TextToVideoSettings
from pipeline.text_to_video import text_to_video

HEIGHT_PX = 512
#: What of the aperture's 95th percentile counts as shut.
SHUT_SHARE, WIDE_PERCENTILE = 0.15, 95.0


@dataclass(frozen=True)
class Language:
    """A voice, its language as Whisper calls it, and what it says."""

    voice: str
    code: str
    text: str


LANGUAGES = {"English": Language("af_heart", "en", ENGLISH), "Spanish": Language("ef_dora", "es", SPANISH)}


@dataclass(frozen=True)
class Figures:
    """What one text's film showed. closures: how many there were. shut, others: see the module; unled: without the phonemes.

    word_errors: changed, left-out and added words for each that is said, as Whisper base hears the sentences; NaN where
    faster-whisper is not installed. seconds: of wall time for each second of film; peak_mb: of the program and all that it
    starts. stages: seconds of each.
    """

    film_s: float
    closures: int
    shut: float
    others: float
    shut_unled: float
    others_unled: float
    feelings: float
    word_errors: float
    seconds: float
    processor_seconds: float
    peak_mb: float | None
    stages: dict[str, float]


def film_opening(video: Path) -> FloatArray:
    """(T,) aperture of the lips in the film's frames, in eye spans; NaN where no face is found."""
    return read_face(video).opening


def closures_of(
    phonemes: Sequence[TimedPhoneme], opening: FloatArray, fps: float, kinds: frozenset[str] = CLOSING
) -> list[float]:
    """For every phoneme of `kinds` the least aperture in its frames and those near it, as a share of a wide mouth's."""
    times_s, wide = frame_times_s(len(opening), fps), float(np.nanpercentile(opening, WIDE_PERCENTILE))
    shares = []
    for each in phonemes:
        if each.symbol in kinds:
            near = opening[(times_s > each.start_s - NEAR_S) & (times_s < each.end_s + NEAR_S)]
            shares.append(float(np.nanmin(near)) / wide if np.isfinite(near).any() else float("nan"))
    return shares


def shut_share(spoken: SpokenText, opening: FloatArray, fps: float, kinds: frozenset[str]) -> float:
    """The share of the phonemes of `kinds` in which the lips are shut; a frame without a face counts as open."""
    return float(np.mean([share < SHUT_SHARE for share in closures_of(spoken.phonemes, opening, fps, kinds)]))


class ByEar(SungMotion):
    """The usual performer, who is not told what the voice says."""

    def perform(self, sound: DrivingSound, keep: Keep, progress: Progress = silent) -> Performance:
        """See `MotionSource`."""
        return super().perform(replace(sound, phonemes=()), keep, progress)


def by_ear(settings: SongToVideoSettings) -> MotionSource:
    """See `Stages.motion_source`."""
    return ByEar(cast(SungMotion, make_motion_source(settings)).settings)


def feelings_read(spoken: SpokenText, face: FaceOverTime, fps: float) -> Iterator[tuple[str, str]]:
    """For every sentence that names a feeling its style, and the one as which its face is read.

    It is held against the faces of the sentences that name none.
    """
    times_s = frame_times_s(len(face.opening), fps)

    def signs(sentence: SpokenSentence) -> FloatArray:
        within = (times_s >= sentence.start_s) & (times_s < sentence.end_s)
        return np.asarray(np.nanmean(face.signs[within], axis=0), np.float32)

    plain = np.mean([signs(each) for each in spoken.sentences if each.style is None], axis=0)
    for each in spoken.sentences:
        if each.style is not None:
            more = signs(each) - plain
            yield each.style, read_as({sign: float(value) for sign, value in zip(ALL_SIGNS, more, strict=True)})


def word_errors(spoken: SpokenText, language: str) -> float:
    """The word error rate of what Whisper base hears of each sentence; NaN where it can't be asked."""
    wrong = count = 0
    with TemporaryDirectory() as folder:
        try:
            ear = Ear(Path(folder))
        except MissingError:
            return float("nan")
        rate_hz = soundfile.info(spoken.sound).samplerate
        for each in spoken.sentences:
            first, last = (seconds_to_samples(time_s, rate_hz) for time_s in (each.start_s, each.end_s))
            sound = soundfile.read(spoken.sound, start=first, stop=last, dtype="float32")[0]
            wanted = words_of(each.text, language)
            wrong += errors(wanted, words_of(ear.hear(sound, rate_hz, language), language))
            count += len(wanted)
    return wrong / count


def measure(portrait: Path, name: str, language: Language, out: Path) -> Figures:
    """Make the film of one language and look at it."""
    text, film, cache = out / f"{name}.txt", out / f"{name}.mp4", out / f"{name}-cache"
    text.write_text(language.text, encoding="utf-8")
    command = [sys.executable, "-m", "pipeline", "speak", "--portrait", str(portrait), "--text-file", str(text), "--json"]
    command += [
        "--out",
        str(film),
        "--voice",
        language.voice,
        "--height",
        str(HEIGHT_PX),
        "--subtitles",
        "both",
        "--style",
        "neutral",
    ]
    run = run_measured(command, {"BELCANTO_CACHE_DIR": str(cache)})
    if run.code != 0:
        raise InputError(as_written(last_line(run.stderr)))
    report = json.loads(last_line(run.stdout))
    fps, film_s = probe_video(film).fps, float(report["duration_s"])
    (record,) = (cache / "speak").glob("*/spoken.json")
    spoken, face = SpokenText.load(record.parent), read_face(film)
    settings = TextToVideoSettings(voice=language.voice, style="neutral", film=SongToVideoSettings(height=HEIGHT_PX))
    unled = out / f"{name}-by-ear.mp4"
    kept = StageCache(CacheSettings(cache))
    text_to_video(portrait, language.text, unled, settings, stages=Stages(motion_source=by_ear), cache=kept)
    heard = film_opening(unled)
    read = list(feelings_read(spoken, face, fps))
    return Figures(
        film_s=film_s,
        closures=sum(each.symbol in CLOSING for each in spoken.phonemes),
        shut=shut_share(spoken, face.opening, fps, CLOSING),
        others=shut_share(spoken, face.opening, fps, OTHERS),
        shut_unled=shut_share(spoken, heard, fps, CLOSING),
        others_unled=shut_share(spoken, heard, fps, OTHERS),
        feelings=float(np.mean([style == seen for style, seen in read])) if read else float("nan"),
        word_errors=word_errors(spoken, language.code),
        seconds=run.seconds / film_s,
        processor_seconds=run.processor_seconds / film_s,
        peak_mb=run.tree_mb,
        stages=report["seconds"],
    )


def lines_of(table: dict[str, Figures]) -> Iterator[str]:
    """The figures as a Markdown table."""
    yield "| text | m b p | shut | by ear | others shut | by ear | feelings read | words wrong | s per s | processor | memory |"
    yield "|---" * 11 + "|"
    for name, row in table.items():
        told = (row.shut, row.shut_unled, row.others, row.others_unled, row.feelings, row.word_errors)
        shares = " | ".join(f"{share:.3f}" for share in told)
        memory = "" if row.peak_mb is None else f"{row.peak_mb:.0f} MB"
        times = f"{row.seconds:.2f} | {row.processor_seconds:.2f}"
        yield f"| {name}, {row.film_s:.0f} s | {row.closures} | {shares} | {times} | {memory} |"


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speak", description=__doc__)
    parser.add_argument("--portrait", type=Path, required=True, help="picture with a face")
    parser.add_argument("--out", type=Path, required=True, help="folder of films, subtitles and stage results")
    parser.add_argument("--languages", nargs="+", choices=tuple(LANGUAGES), default=["English"], help="which texts")
    parser.add_argument("--text-file", type=Path, help="another text in the place of the first language's")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    portrait, machine, table = options.portrait.resolve(), describe_machine(), {}
    for number, name in enumerate(options.languages):
        language = LANGUAGES[name]
        if options.text_file is not None and number == 0:
            language = replace(language, text=options.text_file.read_text(encoding="utf-8"))
        table[name] = measure(portrait, name, language, options.out.resolve())
    if options.json:
        print(json.dumps({"machine": machine.sentence(), **{name: asdict(row) for name, row in table.items()}}))
    else:
        print(machine.sentence(), *lines_of(table), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
