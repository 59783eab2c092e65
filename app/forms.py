"""The forms of the wizard. They work without JavaScript; their texts are ready for translation."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.context import db_session
from app.option_fields import OptionsForm, form_options, options_form, text_of
from app.services.engines import engine_states
from app.services.key_points import points_words
from app.services.options import film_options
from app.watching.living import somebody_has
from core.errors import BelcantoError
from core.messages import Message
from motion.intensity import Points
from pipeline.film_settings import value_of


class UploadForm(FlaskForm):
    """A song or a picture. refused: the error of a file that was given in vain."""

    refused: BelcantoError | None = None
    file = FileField(validators=[FileRequired(lazy_gettext("Choose a file first."))])


class RenameForm(FlaskForm):
    """A new title."""

    title = StringField(validators=[InputRequired(lazy_gettext("Enter a name.")), Length(max=200)])


def lock_engines(form: OptionsForm) -> dict[str, Message]:
    """Have the form's list not offer the engines that lack something here: which, and what."""
    lacking = {state.name: state.lacking for state in engine_states() if state.lacking is not None}
    if lacking:  # another machine's worker may have it
        lacking = {name: lack for name, lack in lacking.items() if not somebody_has(db_session(), name)}
    for choice in form["engine"].choices:
        choice.render_kw = {"disabled": True} if choice.value in lacking else {}
    return lacking


class OrderForm(OptionsForm):
    """How the film is made; what belongs to song and picture travels beside it. `order_form` makes one with fields."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.lacking = lock_engines(self)

    @property
    def points(self) -> Points:
        """The key points; none where they can't be read."""
        try:
            points: Points = self.declared["intensity"].read(self["intensity"].data)
        except BelcantoError:
            return ()
        return points


def order_form(data: dict[str, Any] | None = None) -> OrderForm:
    """The form of the order with a field for every option that is chosen there."""
    made: OrderForm = options_form(OrderForm)(data=data)
    return made


def form_values(settings: dict[str, Any]) -> dict[str, Any]:
    """A film's settings as the form's fields take them."""
    options = film_options(settings)
    values: dict[str, Any] = {}
    for each in form_options():
        value = value_of(options, each)
        values[each.name] = value if isinstance(value, bool) else text_of(each, value)
    values["intensity"] = points_words(options.intensity_points)
    return values
