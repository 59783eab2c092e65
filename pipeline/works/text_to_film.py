"""The kind of work that makes a portrait say a text."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.contracts import Progress
from core.film_stages import FRAMES, MOTION, MUX, PORTRAIT, SPEAK
from core.messages import Message, message
from core.option_kinds import Text
from core.options import N_, Declared, declared_options, option
from core.stage_cost import StageCost
from core.work import PlannedStage, WorkKind, WorkOrder, WorkPlan
from pipeline.engine_list import engine_named
from pipeline.film_report import told_of
from pipeline.film_settings import VIDEO_SUFFIX
from pipeline.filter_chain import frames_cost
from pipeline.performance_settings import performer_lacking
from pipeline.script import Pause, read_script, script_digest, spoken_characters, title_of
from pipeline.subtitles import SRT, VTT
from pipeline.text_settings import TextToVideoSettings, text_options
from pipeline.works.song_to_film import COSTS, expected_engine, film_pixels, learned_as
from speech.readable import unreadable_for

TEXT = "text"
#: What a voice says in a second at its natural speed, blanks and signs among it, and what speaking takes on two common cores.
CHARACTERS_PER_S = 14.0
SPEAK_COST = StageCost(5.0, 1.0)
PACED = (SPEAK, FRAMES)
STAGES = (PORTRAIT, SPEAK, MOTION, FRAMES, MUX)


@dataclass(frozen=True)
class GivenText:
    """What is said."""

    text: str = option(
        "",
        Text(),
        "what is said: *joy* before a sentence names its feeling, [pause 1.5] is silence in seconds",
        label=N_("Text"),
        hint=N_("*joy* before a sentence names its feeling, [pause 1.5] is silence in seconds."),
        section="speech",
    )


def declared() -> list[Declared]:
    """Every option: the text, and how its film is made."""
    return [*declared_options(GivenText), *text_options()]


def settle(given: Mapping[str, Any]) -> dict[str, Any]:
    """The text, which must be one that can be spoken, and the options that pages offer."""
    text = str(given.get(TEXT) or "")
    read_script(text)
    return {TEXT: text, **settings_of(given).as_json(pages=True)}


def settings_of(given: Mapping[str, Any]) -> TextToVideoSettings:
    """The options but for the text. Raises `InputError`."""
    return TextToVideoSettings.from_json({name: value for name, value in given.items() if name != TEXT}, pages=True)


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Make the film and its subtitles; the figures are `SpokenFilmReport.as_json`, with the notes as codes."""
    from pipeline.stills import still_beside
    from pipeline.text_to_video import text_to_video

    settings, film = settings_of(order.options), order.outputs["film"]
    subtitles = [order.outputs[role] for role in ("subtitles", "srt")]
    portrait = order.inputs["portrait"].path
    report = text_to_video(
        portrait, str(order.options[TEXT]), film, settings, progress, subtitles=subtitles, still=still_beside(film)
    )
    names = [path.name for path in subtitles]
    return {**told_of(report, film), "subtitles": names}


def plan(order: WorkOrder, figures: Mapping[str, Any] | None) -> WorkPlan:
    """By the length of the text, or of the film that came of it."""
    settings, portrait = settings_of(order.options), order.inputs["portrait"].facts
    film = settings.film
    engine = expected_engine(film, bool(portrait.get("drawing"))) if figures is None else str(figures["engine"])
    card = shutil.which("nvidia-smi") is not None
    frames = frames_cost(engine_named(engine), film, card)
    costs = {PORTRAIT: COSTS[PORTRAIT], SPEAK: SPEAK_COST, MOTION: COSTS[MOTION], FRAMES: frames, MUX: COSTS[MUX]}
    words = {name: learned_as(name, engine, film) for name in costs} | {SPEAK: SPEAK}  # the engine has no part in that
    stages = [PlannedStage(name, cost, words[name], name in PACED) for name, cost in costs.items()]
    length_s = spoken_s(str(order.options[TEXT]), settings) if figures is None else float(figures["duration_s"])
    return WorkPlan(length_s, film_pixels(film, portrait), tuple(stages))


def spoken_s(text: str, settings: TextToVideoSettings) -> float:
    """About how long it takes to say the text."""
    script = read_script(text)
    pauses_s = sum(part.duration_s for part in script if isinstance(part, Pause))
    return spoken_characters(script) / (CHARACTERS_PER_S * settings.speed) + pauses_s


def contents(options: Mapping[str, Any]) -> frozenset[str]:
    """See `WorkKind`: what is spoken."""
    return frozenset({script_digest(read_script(str(options[TEXT])))})


def lacking(options: Mapping[str, Any]) -> Message | None:
    """What is missing to read the text here, or to perform it."""
    return unreadable_for(str(options["voice"]), options.get("language")) or performer_lacking(options)


def titled(options: Mapping[str, Any]) -> str:
    """The text's first words."""
    return title_of(read_script(str(options[TEXT])))


TEXT_TO_FILM = WorkKind(
    shows=("portrait",),
    name="text_to_film",
    title=N_("A picture says a text"),
    run=run,
    inputs={"portrait": "picture"},
    outputs={"film": VIDEO_SUFFIX, "subtitles": VTT, "srt": SRT},
    options=TextToVideoSettings,
    declared=declared,
    settle=settle,
    plan=plan,
    contents=contents,
    titled=titled,
    broke=message("pipeline.film_broke"),
    late=lambda minutes: message("pipeline.text_film_took_too_long", count=minutes),
    lacking=lacking,
    stages=STAGES,
)
