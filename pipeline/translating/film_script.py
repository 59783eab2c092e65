"""What is said in a film as a script in another language: heard, translated, and given to those whose lips move."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path
from typing import Any

from core.contracts import Stems
from core.errors import InputError
from core.film_stages import LISTEN
from core.messages import message
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
from speech.translation import ModelTranslator, TranslatorSettings, translator_of_environment

SCRIPT_NAME, HEARING_PACKAGE, TRANSLATING_PACKAGE = "script.json", "speech.hearing", "pipeline.translating"
BLOCK_S = 10.0


def film_stems(run: Run, shown: ShownFilm, settings: TranslationSettings, stages: Stages) -> Stems:
    """The voices of the film and the rest of its sound. Raises `InputError` where it has none."""
    if not shown.source.has_sound:
        raise InputError("pipeline.translating.film_is_silent", name=shown.source.path.name)
    sound = own_sound(run, shown.source, shown.digest, stages)
    return stems_of(run, sound, file_digest(sound), settings.dub, stages)


@dataclass(frozen=True)
class HeardScript:
    """script: what is said. heard: the languages in which it was heard, two letters each, the most spoken first. left_open: how
    many texts are left for somebody to write, since nobody translates them here."""

    script: DubScript
    heard: tuple[str, ...]
    left_open: int = 0

    def as_json(self) -> dict[str, Any]:
        """As JSON values; `heard_script_from_json` reads them."""
        return {"script": self.script.as_json(), "heard": list(self.heard), "left_open": self.left_open}


def heard_script_from_json(given: Mapping[str, Any]) -> HeardScript:
    """What `as_json` wrote."""
    return HeardScript(script_from_json(given["script"]), tuple(given["heard"]), given["left_open"])


def film_script(
    run: Run,
    shown: ShownFilm,
    stems: Stems,
    faces: FilmFaces,
    key: str,
    settings: TranslationSettings,
    stages: Stages,
    leave_open: bool = False,
) -> HeardScript:
    """The script, out of the cache where it was made before. key: of the faces there. leave_open: whether texts that nobody
    translates here are left empty.

    Raises `InputError` where nobody speaks, or it takes a model to translate and none is named.
    """
    model = translator_settings(settings)
    leave_open = leave_open and model is None and settings.translate != ENGLISH
    with run.stage(LISTEN) as progress, opened():

        def make(folder: Path) -> None:
            blocks = read_audio_blocks(stems.voice, RATE_HZ, 1, seconds_to_samples(BLOCK_S, RATE_HZ))
            length = max(1, round(shown.duration_s))
            heard = list(heard_sentences(blocks, report=lambda done_s: progress(LISTEN, min(length, round(done_s)), length)))
            found = script_of_sentences(heard, faces, settings, leave_open)
            (folder / SCRIPT_NAME).write_text(json.dumps(found.as_json(), ensure_ascii=False), encoding="utf-8")

        rooms = f"{stages.version(HEARING_PACKAGE)} {stages.version(TRANSLATING_PACKAGE)}"
        named = None if model is None else (model.url, model.model)
        choices = {"translate": settings.translate, "voice": settings.voice, "model": named, "leave_open": leave_open}
        folder, _ = run.cached(LISTEN, rooms, {"voice": file_digest(stems.voice), "faces": key}, choices, make)
        found = heard_script_from_json(json.loads((folder / SCRIPT_NAME).read_text(encoding="utf-8")))
        if not found.script.lines:
            raise InputError("pipeline.translating.nobody_speaks", name=shown.source.path.name)
        if found.left_open:
            run.note(message("pipeline.translating.texts_left_open", count=found.left_open))
        return found


def script_of_sentences(
    heard: Sequence[HeardSentence], faces: FilmFaces, settings: TranslationSettings, leave_open: bool = False
) -> HeardScript:
    """The script of what was heard; it has no lines where nothing was. Raises `InputError` where a model is needed."""
    from pipeline.translating.speakers import speaker, voices_for

    clear = [track.number for track in faces.tracks if seen_clearly(track)]
    sentences = [(sentence, speaker(faces, sentence.start_s, sentence.end_s, clear)) for sentence in heard]
    voices = voices_for(sentences, settings.voices, settings.language)
    texts = list(translated(heard, settings, leave_open))
    lines = [
        ScriptLine(round(each.start_s, 3), round(each.end_s, 3), number, voices[number], each.text, text)
        for (each, number), text in zip(sentences, texts, strict=True)
    ]
    left_open = sum(each.language != settings.translate for each in heard) if leave_open else 0
    languages = Counter(each.language for each in heard)
    return HeardScript(
        DubScript(tuple(lines), settings.translate), tuple(language for language, _ in languages.most_common()), left_open
    )


def translated(heard: Sequence[HeardSentence], settings: TranslationSettings, leave_open: bool) -> Iterator[str]:
    """Each sentence in the language that is spoken in the end; those that are in it already stay."""
    foreign = [sentence for sentence in heard if sentence.language != settings.translate]
    model = translator_of(settings)
    if model is not None and foreign:
        told = iter(list(model.translate([each.text for each in foreign], foreign[0].language, settings.translate)))
    elif foreign and settings.translate != ENGLISH and leave_open:
        told = repeat("")
    elif foreign and settings.translate != ENGLISH:
        raise InputError("pipeline.translating.translator_needed", language=settings.translate)
    else:
        told = (whisper().in_english(each.sound, each.language).text for each in foreign)
    for sentence in heard:
        yield sentence.text if sentence.language == settings.translate else next(told)


def translator_of(settings: TranslationSettings) -> ModelTranslator | None:
    """The model that the settings name, or else the environment."""
    named = translator_settings(settings)
    return None if named is None else ModelTranslator(named)


def translator_settings(settings: TranslationSettings) -> TranslatorSettings | None:
    """Where that model is asked; None where nobody names one. Raises `InputError` for half of a name in the environment."""
    if settings.translator is None or settings.translator_model is None:
        return translator_of_environment()
    return TranslatorSettings(settings.translator, settings.translator_model)


def within(script: DubScript, faces: FilmFaces, duration_s: float) -> DubScript:
    """The script's lines that begin within the film, and of faces that it has; the others are said by nobody who is seen."""
    known = {track.number for track in faces.tracks if seen_clearly(track)}
    lines = (line for line in script.lines if line.start_s < duration_s)
    return replace(script, lines=tuple(line if line.face in known else replace(line, face=0) for line in lines))
