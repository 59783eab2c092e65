"""What is said in a film as a script in another language: heard, translated, and given to those whose lips move."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from core.contracts import Stems
from core.errors import InputError
from core.film_stages import LISTEN
from core.timebase import seconds_to_samples
from faces.tracking.tracks import FilmFaces
from media.sound_reader import read_audio_blocks
from neural.log_mel import RATE_HZ
from pipeline.cache import file_digest
from pipeline.dub_inputs import ShownFilm, own_sound, seen_clearly, stems_of
from pipeline.run import Run
from pipeline.stages import Stages, opened
from pipeline.translating.settings import ENGLISH, TranslationSettings
from pipeline.translating.table import DubScript, ScriptLine, script_from_json
from speech.hearing.long_sound import HeardSentence, heard_sentences
from speech.hearing.whisper import whisper
from speech.translation import ModelTranslator, TranslatorSettings

SCRIPT_NAME, HEARING_PACKAGE, TRANSLATING_PACKAGE = "script.json", "speech.hearing", "pipeline.translating"
BLOCK_S = 10.0


def film_stems(run: Run, shown: ShownFilm, settings: TranslationSettings, stages: Stages) -> Stems:
    """The voices of the film and the rest of its sound. Raises `InputError` where it has none."""
    if not shown.source.has_sound:
        raise InputError("pipeline.translating.film_is_silent", name=shown.source.path.name)
    sound = own_sound(run, shown.source, shown.digest, stages)
    return stems_of(run, sound, file_digest(sound), settings.dub, stages)


def film_script(
    run: Run, shown: ShownFilm, stems: Stems, faces: FilmFaces, key: str, settings: TranslationSettings, stages: Stages
) -> DubScript:
    """The script, out of the cache where it was made before. key: of the faces there.

    Raises `InputError` where nobody speaks, or it takes a model to translate and none is named.
    """
    with run.stage(LISTEN) as progress, opened():

        def make(folder: Path) -> None:
            blocks = read_audio_blocks(stems.voice, RATE_HZ, 1, seconds_to_samples(BLOCK_S, RATE_HZ))
            length = max(1, round(shown.duration_s))
            heard = list(heard_sentences(blocks, report=lambda done_s: progress(LISTEN, min(length, round(done_s)), length)))
            script = script_of_sentences(heard, faces, settings)
            (folder / SCRIPT_NAME).write_text(json.dumps(script.as_json(), ensure_ascii=False), encoding="utf-8")

        rooms = f"{stages.version(HEARING_PACKAGE)} {stages.version(TRANSLATING_PACKAGE)}"
        choices = {name: getattr(settings, name) for name in ("translate", "voice", "translator", "translator_model")}
        folder, _ = run.cached(LISTEN, rooms, {"voice": file_digest(stems.voice), "faces": key}, choices, make)
        script = script_from_json(json.loads((folder / SCRIPT_NAME).read_text(encoding="utf-8")))
        if not script.spoken:
            raise InputError("pipeline.translating.nobody_speaks", name=shown.source.path.name)
        return script


def script_of_sentences(heard: Sequence[HeardSentence], faces: FilmFaces, settings: TranslationSettings) -> DubScript:
    """The script of what was heard; it has no lines where nothing was. Raises `InputError` where a model is needed."""
    from pipeline.translating.speakers import speaker, voices_for

    clear = [track.number for track in faces.tracks if seen_clearly(track)]
    sentences = [(sentence, speaker(faces, sentence.start_s, sentence.end_s, clear)) for sentence in heard]
    voices = voices_for(sentences, settings.voices, settings.language)
    texts = translated(heard, settings)
    lines = [
        ScriptLine(round(each.start_s, 3), round(each.end_s, 3), number, voices[number], each.text, text)
        for (each, number), text in zip(sentences, texts, strict=True)
    ]
    return DubScript(tuple(lines), settings.translate)


def translated(heard: Sequence[HeardSentence], settings: TranslationSettings) -> Iterator[str]:
    """Each sentence in the language that is spoken in the end; those that are in it already stay."""
    foreign = [sentence for sentence in heard if sentence.language != settings.translate]
    model = translator_of(settings)
    if model is not None and foreign:
        told = iter(list(model.translate([each.text for each in foreign], foreign[0].language, settings.translate)))
    elif foreign and settings.translate != ENGLISH:
        raise InputError("pipeline.translating.translator_needed", language=settings.translate)
    else:
        told = (whisper().in_english(each.sound, each.language).text for each in foreign)
    for sentence in heard:
        yield sentence.text if sentence.language == settings.translate else next(told)


def translator_of(settings: TranslationSettings) -> ModelTranslator | None:
    """The model that the settings name."""
    if settings.translator is None or settings.translator_model is None:
        return None
    return ModelTranslator(TranslatorSettings(settings.translator, settings.translator_model))


def within(script: DubScript, faces: FilmFaces, duration_s: float) -> DubScript:
    """The script's lines that begin within the film, and of faces that it has; the others are said by nobody who is seen."""
    known = {track.number for track in faces.tracks if seen_clearly(track)}
    lines = (line for line in script.lines if line.start_s < duration_s)
    return replace(script, lines=tuple(line if line.face in known else replace(line, face=0) for line in lines))
