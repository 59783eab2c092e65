"""The forms of the wizard. They work without JavaScript; their texts are ready for translation."""

from __future__ import annotations

from typing import Any, get_args

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, Field, FloatField, IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import NumberInput, RangeInput

from app.services.engines import engine_states
from app.services.key_points import points_words, read_intensity
from app.services.options import MAX_SEED, SADTALKER, TURNS, FilmOptions, read_turns
from app.texts import ENGINES, IN_BETWEEN, LIPS, POSES, PREPROCESS, STYLES
from app.wording import in_person_words
from core.errors import BelcantoError
from motion.intensity import Points, StyleChoice
from pipeline.engine_options import POSE_STYLES, SIZES, PoseChoice, PreprocessChoice
from pipeline.film_settings import EngineChoice, InBetweenChoice, LipsChoice

STRENGTH = NumberRange(0, 2, lazy_gettext("Choose a number from 0 to 2."))
HEIGHTS = ("360", "512", "720", "1080", "1440", "2160")
RATES = ("24", "25", "30", "50", "60")


PLAIN = {"autocomplete": "off", "spellcheck": "false"}
NOT_FROM_0_TO_1 = lazy_gettext("Choose a number from 0 to 1.")
NO_POSE_STYLE = lazy_gettext("Give a whole number from 0 to 45.")


class UploadForm(FlaskForm):
    """A song or a picture."""

    file = FileField(validators=[FileRequired(lazy_gettext("Choose a file first."))])


class RenameForm(FlaskForm):
    """A new title."""

    title = StringField(validators=[InputRequired(lazy_gettext("The name is empty.")), Length(max=200)])


class SadTalkerForm(FlaskForm):
    """What the engine sadtalker alone can be told; where it does not sing, the page sends none of these."""

    size = SelectField(
        lazy_gettext("Pixels of the head"), choices=[SelectChoice(str(size), f"{size} × {size}") for size in SIZES], default="256"
    )
    preprocess = SelectField(
        lazy_gettext("What the film shows"),
        choices=[SelectChoice(name, PREPROCESS.get(name, name)) for name in get_args(PreprocessChoice)],
        default=FilmOptions.preprocess,
    )
    pose = SelectField(
        lazy_gettext("What moves the head"),
        choices=[SelectChoice(name, POSES.get(name, name)) for name in get_args(PoseChoice)],
        default=FilmOptions.pose,
    )
    pose_style = IntegerField(
        lazy_gettext("Manner of the head"),
        [Optional(), NumberRange(0, POSE_STYLES - 1, NO_POSE_STYLE)],
        default=0,
        widget=NumberInput(min=0, max=POSE_STYLES - 1, step=1),
    )
    yaw = StringField(lazy_gettext("Turn to the side, in degrees"), render_kw=PLAIN)
    pitch = StringField(lazy_gettext("Nod, in degrees"), render_kw=PLAIN)
    roll = StringField(lazy_gettext("Tip to the shoulder, in degrees"), render_kw=PLAIN)

    def validate_yaw(self, field: Field) -> None:
        """Raises ValidationError with the sentence for turning points that can't be used."""
        try:
            read_turns(field.name, field.data or "")
        except BelcantoError as error:
            raise ValidationError(in_person_words(error)) from error

    validate_pitch = validate_roll = validate_yaw

    def sadtalker_options(self) -> dict[str, Any]:
        """The choices as `FilmOptions` reads them, of those that were sent."""
        return {name: self[name].data for name in SADTALKER if self[name].raw_data}


class OrderForm(SadTalkerForm):
    """How the film is made; what belongs to song and picture travels beside it."""

    engine = SelectField(
        lazy_gettext("Engine"),
        choices=[SelectChoice(name, ENGINES.get(name, name)) for name in get_args(EngineChoice)],
        default="auto",
    )
    height = SelectField(lazy_gettext("Height of the film"), default="", validate_choice=False)
    expressiveness = FloatField(
        lazy_gettext("Expressiveness"),
        [InputRequired(lazy_gettext("Choose a number from 0 to 2.")), STRENGTH],
        default=1.0,
        widget=RangeInput(step=0.1),
        render_kw={"min": 0, "max": 2},
    )
    head_motion = FloatField(
        lazy_gettext("Head motion"),
        [InputRequired(lazy_gettext("Choose a number from 0 to 2.")), STRENGTH],
        default=1.0,
        widget=RangeInput(step=0.1),
        render_kw={"min": 0, "max": 2},
    )
    fps = SelectField(lazy_gettext("Frames per second"), default="25", validate_choice=False)
    seed = IntegerField(
        lazy_gettext("Take"),
        [
            InputRequired(lazy_gettext("Give a whole number from 0 up.")),
            NumberRange(0, MAX_SEED, lazy_gettext("Give a whole number from 0 up.")),
        ],
        default=0,
        widget=NumberInput(min=0, max=MAX_SEED, step=1),
    )
    lips = SelectField(
        lazy_gettext("Lips"),
        choices=[SelectChoice(name, LIPS.get(name, name)) for name in get_args(LipsChoice)],
        default=FilmOptions.lips,
    )
    style = SelectField(
        lazy_gettext("What the face feels"),
        choices=[SelectChoice(name, STYLES.get(name, name)) for name in get_args(StyleChoice)],
        default="auto",
    )
    intensity = StringField(lazy_gettext("How strongly, over time"), render_kw={"autocomplete": "off", "spellcheck": "false"})
    restore = FloatField(
        lazy_gettext("Restored share of the face"),
        [Optional(), NumberRange(0, 1, NOT_FROM_0_TO_1)],
        default=0.0,
        widget=RangeInput(step=0.1),
        render_kw={"min": 0, "max": 1},
    )
    in_between = SelectField(
        lazy_gettext("Frames in between"),
        choices=[SelectChoice(name, IN_BETWEEN.get(name, name)) for name in get_args(InBetweenChoice)],
        default=FilmOptions.in_between,
    )
    label = BooleanField(lazy_gettext("Visible label “AI-generated”"), default=False)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        own = SelectChoice("", lazy_gettext("The picture's own, at most 1080 px"))
        self.height.choices = [own, *(SelectChoice(value, f"{value} px") for value in with_own(HEIGHTS, self.height.data))]
        self.lacking = {state.name: state.lacking for state in engine_states() if state.lacking is not None}
        self.engine.choices = [
            SelectChoice(name, ENGINES.get(name, name), render_kw={"disabled": True} if name in self.lacking else {})
            for name in get_args(EngineChoice)
        ]
        self.fps.choices = [SelectChoice(value, value) for value in with_own(RATES, self.fps.data)]

    def validate_intensity(self, field: Field) -> None:
        """Raises ValidationError with the sentence for key points that can't be used."""
        try:
            read_intensity("intensity", field.data or "")
        except BelcantoError as error:
            raise ValidationError(in_person_words(error)) from error

    @property
    def points(self) -> Points:
        """The key points; none where they can't be read."""
        try:
            return read_intensity("intensity", self.intensity.data or "")
        except BelcantoError:
            return ()

    def options(self) -> dict[str, Any]:
        """The choices as `FilmOptions` reads them."""
        names = ("engine", "height", "expressiveness", "head_motion", "fps", "seed", "label", "lips", "style", "intensity")
        more = ("restore", "in_between")
        return {name: self[name].data for name in (*names, *more)} | self.sadtalker_options()

    def is_default(self) -> bool:
        """Whether nothing was changed."""
        return FilmOptions.from_mapping(self.options()) == FilmOptions()


def with_own(values: tuple[str, ...], own: str | None) -> list[str]:
    """The values to choose from, and the film's own where it is none of them."""
    return [*values, own] if own and own not in values else list(values)


def form_values(settings: dict[str, Any]) -> dict[str, Any]:
    """A film's settings as the form's fields take them."""
    options = FilmOptions.from_mapping(settings).as_json()
    options["height"] = "" if options["height"] is None else str(options["height"])
    options["fps"] = f"{options['fps']:g}"
    options["size"] = str(options["size"])
    options |= {name: ", ".join(f"{turn:g}" for turn in options[name]) for name in TURNS}
    options["intensity"] = points_words(FilmOptions.from_mapping(settings).intensity)
    return options
