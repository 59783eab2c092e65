"""A text and a portrait in, a film out in which the portrait says the text: read it top to bottom in `text_to_video`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from core.contracts import DrivingSound, Progress, silent
from core.engine_card import Sound
from core.errors import InputError
from core.film_stages import PORTRAIT, SPEAK
from core.film_tags import SPOKEN_TEXT
from core.messages import Message, message
from core.output_files import check_free_space, check_output
from core.processor import usable_cores
from core.timebase import frame_count
from motion.intensity import check_within
from pipeline.cache import CacheSettings, StageCache, file_digest
from pipeline.engines import check_engine, check_sings
from pipeline.film_renderer import check_renderer, make_film_renderer
from pipeline.film_report import FilmReport, film_bytes
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.input_files import check_input
from pipeline.lyrics.lines import Lyrics, lines_of_words
from pipeline.run import Run, unheard
from pipeline.script import MOST_CHARACTERS, Line, Script, read_script, script_digest, title_of
from pipeline.song_to_video import film_picture, report_of
from pipeline.speaking import speak
from pipeline.spoken_text import SpokenText
from pipeline.stages import Stages, opened
from pipeline.steps import SongExcerpt, Vocals, draw_film, make_motion
from pipeline.subtitles import SRT, VTT, cues_of, words_of, write_subtitles
from pipeline.text_settings import TextToVideoSettings
from provenance.making import accounted
from speech.emotion.classifier import feeling_of
from speech.emotion.feeling import NEUTRAL

SPEECH_PACKAGE = "speech"
#: Name of the film's metadata that holds who speaks; what is said stands in them up to so many characters.
VOICE_TAG, MOST_TAGGED = "voice", 20_000
#: What of the settings decides how the text sounds.
SPOKEN_BY = ("voice", "language", "speed", "voice_server", "voice_protocol")
#: Sentences that our own voices speak side by side; each takes some memory. A server, or a checkpoint, gets one after the other.
MOST_AT_ONCE = 2
#: A feeling that a sentence's words tell less strongly is not shown.
LEAST_TOLD = 0.55
#: So many words that were read by a guess are named.
MOST_NAMED = 12
SUFFIXES = {"none": (), "srt": (SRT,), "vtt": (VTT,), "both": (SRT, VTT)}


@dataclass(frozen=True)
class SpokenFilmReport(FilmReport):
    """What was made. sentences: how many were spoken; subtitles: paths of the files beside the film."""

    sentences: int = 0
    subtitles: tuple[str, ...] = ()


@accounted("speak", "portrait", "text")
def text_to_video(
    portrait: Path,
    text: str,
    video: Path,
    settings: TextToVideoSettings | None = None,
    progress: Progress = silent,
    stages: Stages | None = None,
    cache: StageCache | None = None,
    tell: Callable[[Message], None] = unheard,
    subtitles: Iterable[Path] | None = None,
    still: Path | None = None,
) -> SpokenFilmReport:
    """Make the film `video` of the `portrait` saying the `text`, which is written as `pipeline/script.py` reads it.

    progress: called with a stage's name (portrait, speak, motion, frames, mux), what is done and how much there is (0: unknown).
        What it raises, for example `Cancelled`, ends the work; nothing is left behind but finished stages in the cache.
    stages, cache, tell, still: see `song_to_video`. subtitles: files to write, as their names end; what the settings ask for,
        beside the film, where none are given.
    Raises `InputError` where an input can't be used, `MissingError` where a weight or a package is missing.
    """
    settings, stages = settings or TextToVideoSettings(), stages or Stages()
    film = settings.film
    script = read_script(text)
    beside = [video.with_suffix(suffix) for suffix in SUFFIXES[settings.subtitles]] if subtitles is None else list(subtitles)
    check_files(portrait, video, beside, settings)
    check_sings(film)
    check_engine(film)
    with ExitStack() as release:
        run = Run(cache or StageCache(CacheSettings.from_environment()), progress, release, tell=tell, still=still)
        picture = film_picture(run, portrait, film, stages)
        check_renderer(picture.engine, film, lambda _, done, total: progress(PORTRAIT, done, total))
        spoken, digest = speak_text(run, script, settings, stages)
        excerpt = spoken_excerpt(spoken, digest, script, settings)
        check_within(film.intensity_points, excerpt.duration_s, film.fps)
        check_free_space(video.parent, film_bytes(picture.size, excerpt.frames, excerpt.duration_s))
        vocals = spoken_vocals(spoken, excerpt, settings)
        performance = make_motion(run, vocals, stages.motion_source(film), stages)
        renderer = make_film_renderer(picture.engine, film, Sound(vocals.sound.voice, vocals.sound.phonemes), run.note)
        drawn = draw_film(run, excerpt, picture, performance, renderer, video, film)
        for path in beside:
            write_subtitles(path, cues_of(spoken))
        report = report_of(run, video, drawn, picture.engine.name, performance.emotion)
        return SpokenFilmReport(**vars(report), sentences=len(spoken.sentences), subtitles=tuple(map(str, beside)))


def check_files(portrait: Path, video: Path, subtitles: Iterable[Path], settings: TextToVideoSettings) -> None:
    """Raises `InputError` where an input can't be read or the film or its subtitles can't be written."""
    check_input(portrait, "portrait")
    for file, what in (*settings.film.files(), *settings.voice_files()):
        check_input(file, what)
    check_output(video, VIDEO_SUFFIX, (portrait,))
    for path in subtitles:
        check_output(path, (SRT, VTT), (portrait, video))


def speak_text(run: Run, script: Script, settings: TextToVideoSettings, stages: Stages) -> tuple[SpokenText, str]:
    """What was spoken, out of the cache where it was spoken before, with its key there."""
    with run.stage(SPEAK) as progress, opened():

        def make(folder: Path) -> None:
            voice = stages.voice(settings)
            ours = settings.voice_server is None and settings.voice_file is None
            at_once = min(MOST_AT_ONCE, usable_cores()) if ours else 1
            speak(script, voice, settings.speed, folder, lambda done, total: progress(SPEAK, done, total), at_once)

        choices = {name: getattr(settings, name) for name in SPOKEN_BY}
        choices["seed"] = settings.film.seed if settings.voice_file is not None else None
        inputs = {"script": script_digest(script)} | {what: file_digest(file) for file, what in settings.voice_files()}
        folder, key = run.cached(SPEAK, stages.version(SPEECH_PACKAGE), inputs, choices, make)
        spoken = SpokenText.load(folder)
        if spoken.unsure:
            run.note(message("speech.words_guessed", words=spoken.unsure[:MOST_NAMED]))
        return spoken, key


def spoken_excerpt(spoken: SpokenText, digest: str, script: Script, settings: TextToVideoSettings) -> SongExcerpt:
    """The sound of the film: all that was spoken, with what the film's metadata tell of it."""
    said = " ".join(part.text for part in script if isinstance(part, Line))
    tags = {SPOKEN_TEXT: said if len(said) <= MOST_TAGGED else said[:MOST_TAGGED] + " …", VOICE_TAG: voice_name(settings)}
    frames = frame_count(spoken.duration_s, settings.film.fps)
    lyrics = spoken_lyrics(spoken) if settings.film.shows_words else None
    return SongExcerpt(spoken.sound, 0.0, spoken.duration_s, spoken.sound, digest, frames, title_of(script), tags, lyrics)


def spoken_lyrics(spoken: SpokenText) -> Lyrics:
    """The words as they were spoken, whose times are known."""
    return Lyrics(tuple(line for sentence in spoken.sentences for line in lines_of_words(words_of(sentence))))


def voice_name(settings: TextToVideoSettings) -> str:
    """Whose voice it is, for the film's metadata; a checkpoint's by its SHA-256, for its name says nothing."""
    return settings.voice if settings.voice_file is None else f"StyleTTS 2, sha256 {file_digest(settings.voice_file)}"


def spoken_vocals(spoken: SpokenText, excerpt: SongExcerpt, settings: TextToVideoSettings) -> Vocals:
    """The sound that drives the motion: a voice alone that tells what it says and feels."""
    sound = DrivingSound(
        voice=spoken.sound,
        mix=spoken.sound,
        fps=settings.film.fps,
        frames=excerpt.frames,
        alone=True,
        phonemes=spoken.phonemes,
        feelings=spoken.feelings(style_of_plain(settings)),
    )
    return Vocals(sound, {"voice": excerpt.digest, "mix": excerpt.digest})


def style_of_plain(settings: TextToVideoSettings) -> Callable[[str], str]:
    """The style of a sentence that names no feeling: the settings', and where they leave it open, what its words tell.

    Words are understood in English and, less well, in German; in other languages nothing is felt.
    """
    if settings.style != "auto":
        return lambda text: settings.style

    def told(text: str) -> str:
        felt = feeling_of(text, settings.spoken_language[:2])
        return felt.style if felt.strength >= LEAST_TOLD else NEUTRAL.style

    return told


def read_text(path: Path) -> str:
    """The text of a file in UTF-8. Raises `InputError` where it can't be read, is no text or far too long."""
    check_input(path, "text file")
    if path.stat().st_size > 4 * MOST_CHARACTERS:
        raise InputError("pipeline.text_file_too_large", path=path, most=MOST_CHARACTERS)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("pipeline.text_file_no_text", path=path) from error
