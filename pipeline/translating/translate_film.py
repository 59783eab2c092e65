"""A film in, the same film in another language out: the whole way, read top to bottom in `translate_film`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.contracts import Progress, silent
from core.errors import InputError
from core.film_stages import FRAMES, SPEAK
from core.messages import Message, message
from core.output_files import check_free_space, check_output
from faces.tracking.tracks import FilmFaces
from lipsync.card import LipsCard
from media.film_opening import open_film
from pipeline.cache import CacheSettings, StageCache, file_digest
from pipeline.dub import DubReport, bring_all, note_what_is_left, report_of
from pipeline.dub_frames import Dubbing, NewLips, draw_dubbed
from pipeline.dub_inputs import NewSound, ShownFilm, driving_settings, find_faces, mixed, part_digest, seen_clearly
from pipeline.film_report import film_bytes
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.input_files import check_input
from pipeline.lips_engines import lips_for
from pipeline.lone_filters import lone_size
from pipeline.run import Run, unheard
from pipeline.stages import Stages, opened
from pipeline.steps import Vocals, make_motion
from pipeline.subtitles import SRT, VTT, cues_of, write_subtitles
from pipeline.translating.film_script import (
    TRANSLATING_PACKAGE,
    HeardScript,
    film_script,
    film_stems,
    translator_of,
    translator_settings,
    within,
)
from pipeline.translating.settings import TranslationSettings
from pipeline.translating.table import CSV, DubScript, ScriptLine, read_script, write_script
from pipeline.translating.timed_speech import TimedSpeech, speak_in_time
from speech.speaker import DEFAULT_VOICE, SpeechSettings, open_voice
from speech.voice import Voice
from speech.voices import language_of

SPEECH_PACKAGE = "speech"


@dataclass(frozen=True)
class TranslationReport(DubReport):
    """What was made. language: that is spoken. sentences: how many. subtitles: the files of subtitles."""

    language: str = ""
    sentences: int = 0
    subtitles: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScriptReport:
    """What was heard. faces: numbers of those who are seen clearly. seconds, cached_stages, notes: see `FilmReport`."""

    found: HeardScript
    faces: tuple[int, ...]
    seconds: Mapping[str, float]
    cached_stages: tuple[str, ...]
    notes: tuple[Message, ...]

    @property
    def script(self) -> DubScript:
        """What was written."""
        return self.found.script


def translate_film(
    film: Path,
    video: Path,
    settings: TranslationSettings | None = None,
    progress: Progress = silent,
    stages: Stages | None = None,
    cache: StageCache | None = None,
    tell: Callable[[Message], None] = unheard,
    engine: LipsCard | None = None,
    given: DubScript | None = None,
    beside: Sequence[Path] | None = None,
) -> TranslationReport:
    """Make `video`: the `film`, whose people speak another language.

    progress: called with a stage's name (decode, faces, separate, listen, speak, motion, frames, mux), what is done and how much
        there is (0: unknown). stages, cache, tell, engine: see `dub`. given: what is said; without it the table that the settings
        name, or what is heard. beside: files to write, as their names end, of subtitles or the table of what was spoken; without
        it those that the settings ask for.
    Raises `InputError` where an input can't be used, `MissingError` where a weight or a package is missing.
    """
    settings, stages = settings or TranslationSettings(), stages or Stages()
    beside = subtitle_files(video, settings) if beside is None else beside
    check_files(film, video, beside, settings)
    engine = engine or lips_for(settings.dub, settings.dub.engine)
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release, tell=tell)
        shown = film_part(run, film, settings)
        check_free_space(video.parent, film_bytes(lone_size(shown.size, settings.dub), shown.frames, shown.duration_s))
        bring_all(engine, settings.dub, lambda _, done, total: progress(FRAMES, done, total))
        stems = film_stems(run, shown, settings, stages)
        faces, key = find_faces(run, shown, stages)
        script = given or (None if settings.script is None else read_script(settings.script, settings.translate))
        if script is None:
            script = film_script(run, shown, stems, faces, key, settings, stages).script
        speech, digest = speak_script(run, script, shown, faces, settings, stages)
        lips = lips_of(run, speech, shown, digest, settings, stages)
        note_what_is_left(run, faces, tuple(each.face for each in lips), shown.source)
        sound = NewSound(speech.spoken.sound, shown.duration_s, speech.spoken.sound, digest)
        heard = mixed(run, shown, sound, stems.accompaniment, settings.music) if settings.music else sound
        dubbing = Dubbing(shown, faces, key, lips, engine)
        made = draw_dubbed(run, dubbing, heard, video, settings.dub.title or film.stem, settings.dub, stages)
        write_beside(beside, speech, settings)
        report = report_of(run, video, made, dubbing)
        count = len(speech.spoken.sentences)
        subtitles = tuple(str(path) for path in beside if path.suffix.lower() != CSV)
        return TranslationReport(**vars(report), language=settings.translate, sentences=count, subtitles=subtitles)


def write_film_script(
    film: Path,
    table: Path,
    settings: TranslationSettings | None = None,
    progress: Progress = silent,
    stages: Stages | None = None,
    cache: StageCache | None = None,
    tell: Callable[[Message], None] = unheard,
) -> ScriptReport:
    """Write what is said in the film, translated, as a table that a person edits and `TranslationSettings.script` names.

    Texts that nobody translates here are left empty, and a note says so. Raises as `translate_film`.
    """
    settings, stages = settings or TranslationSettings(), stages or Stages()
    check_input(film, "film")
    check_output(table, CSV, (film,))
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release, tell=tell)
        shown = film_part(run, film, settings)
        stems = film_stems(run, shown, settings, stages)
        faces, key = find_faces(run, shown, stages)
        found = film_script(run, shown, stems, faces, key, settings, stages, leave_open=True)
        write_script(table, found.script)
        clear = tuple(track.number for track in faces.tracks if seen_clearly(track))
        return ScriptReport(found, clear, run.timings(), tuple(run.cached_stages), tuple(run.notes))


def write_beside(paths: Sequence[Path], speech: TimedSpeech, settings: TranslationSettings) -> None:
    """Write the files of subtitles, and the table of what was spoken in the end."""
    for path in paths:
        if path.suffix.lower() == CSV:
            write_script(path, DubScript(speech.lines, settings.translate))
        else:
            write_subtitles(path, cues_of(speech.spoken))


def subtitle_files(video: Path, settings: TranslationSettings) -> tuple[Path, ...]:
    """The files of subtitles that are asked for, beside the film."""
    wanted = {"none": (), "srt": (SRT,), "vtt": (VTT,), "both": (SRT, VTT)}[settings.subtitles]
    return tuple(video.with_suffix(suffix) for suffix in wanted)


def check_files(film: Path, video: Path, beside: Sequence[Path], settings: TranslationSettings) -> None:
    """Raises `InputError` where an input can't be read or an output can't be written."""
    check_input(film, "film")
    if settings.script is not None:
        check_input(settings.script, "script")
    for file, what in settings.dub.files():
        check_input(file, what)
    check_output(video, VIDEO_SUFFIX, (film,))
    for path in beside:
        check_output(path, (SRT, VTT, CSV), (film, video))


def film_part(run: Run, film: Path, settings: TranslationSettings) -> ShownFilm:
    """The part of the film that is taken. Raises `InputError` where it can't be used."""
    source = open_film(film, settings.dub.start_s, settings.dub.duration_s)
    if source.count < 2:
        raise InputError("pipeline.film_of_one_frame", name=film.name)
    run.note(*source.notes)
    return ShownFilm(source, part_digest(file_digest(film), source), "cut", source.count)


def speak_script(
    run: Run, whole: DubScript, shown: ShownFilm, faces: FilmFaces, settings: TranslationSettings, stages: Stages
) -> tuple[TimedSpeech, str]:
    """The script, as far as the film shows it, as it is spoken, with its key in the cache, where it may lie already."""
    script = within(whole, faces, shown.duration_s)
    script.check()
    with run.stage(SPEAK) as progress, opened():
        model = translator_of(settings)

        def make(folder: Path) -> None:
            speech = speak_in_time(
                script,
                voice_by_line(settings),
                shown.duration_s,
                folder,
                None if model is None else model.shorten,
                lambda done, total: progress(SPEAK, done, total),
            )
            speech.save(folder)

        named = translator_settings(settings)
        rooms = f"{stages.version(SPEECH_PACKAGE)} {stages.version(TRANSLATING_PACKAGE)}"
        model_there = None if named is None else (named.url, named.model)
        choices = {"duration_s": shown.duration_s, "voice": settings.voice, "said": script.digest, "model": model_there}
        folder, key = run.cached(SPEAK, rooms, {"script": whole.digest}, choices, make)
        speech = TimedSpeech.load(folder)
        run.note(*speech.notes)
        if speech.spoken.unsure:
            run.note(message("speech.words_guessed", words=speech.spoken.unsure[:10]))
        return speech, key


def voice_by_line(settings: TranslationSettings) -> Callable[[ScriptLine], Voice]:
    """Who speaks a line: the voice that it names, else the first of the settings."""
    fallback = settings.voices[0] if settings.voices else DEFAULT_VOICE

    @cache
    def named(name: str) -> Voice:
        own = language_of(name).partition("-")[0] == settings.translate
        return open_voice(SpeechSettings(voice=name, language="" if own else settings.language, early=False))

    return lambda line: named(line.voice or fallback)


def lips_of(
    run: Run, speech: TimedSpeech, shown: ShownFilm, digest: str, settings: TranslationSettings, stages: Stages
) -> list[NewLips]:
    """The lips of all who speak and are seen. Whoever is seen and says nothing keeps his own."""
    source = stages.motion_source(driving_settings(settings.dub))
    lips = []
    for face, spoken in sorted(speech.faces.items()):
        if face:
            sound = speech.driving(face, shown.fps, shown.frames)
            performance = make_motion(run, Vocals(sound, {"voice": digest, "face": str(face)}), source, stages)
            lips.append(NewLips(face, spoken.sound, performance.motion))
    if not lips:
        run.note(message("pipeline.translating.nobody_seen_speaks"))
    return lips
