"""A message: its English sentence, what it becomes as JSON and back, and what stands in it."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError, MissingError
from core.messages import NOTHING, Message, as_written, either, filled, message, message_from_json

SHORT = message("media.song_too_short", name="x.mp3", length=0.2, least=0.5)
NESTED = message("motion.lips_lack_a_part", reason=message("neural.no_onnx_for_speech"))


def test_an_error_is_its_english_sentence():
    error = InputError("media.song_too_short", name="x.mp3", length=0.2, least=0.5)
    assert str(error) == "The song x.mp3 lasts only 0.20 s; at least 0.5 s are needed."
    assert error.message == SHORT and str(InputError(error.message)) == str(error)


def test_a_message_in_a_message_is_worded_too():
    assert str(NESTED).startswith("The package onnx is missing") and str(NESTED).endswith("makes the lips without it.")


def test_values_are_kept_plain():
    values = message("a.b", path=Path("/x/y"), number=np.float32(0.5), several=(1, Path("z")), nothing=None, yes=True).values
    assert values == {"path": "/x/y", "number": 0.5, "several": [1, "z"], "nothing": None, "yes": True}
    assert type(values["number"]) is float


@pytest.mark.parametrize("each", [SHORT, NESTED, message("a.b", list=["x", message("c.d", n=1)]), NOTHING])
def test_json_brings_the_message_back(each):
    assert message_from_json(json.loads(json.dumps(each.as_json()))) == each


def test_a_sentence_of_an_earlier_program_stays_as_it_is():
    assert str(message_from_json("A {sentence} with 100 % of all signs.")) == "A {sentence} with 100 % of all signs."


def test_an_unknown_code_and_a_value_that_lacks_harm_nothing():
    assert str(message("other.version")) == "other.version"
    assert str(message("../../etc.passwd")) == "../../etc.passwd"
    assert str(message("media.picture_damaged")).startswith("The picture … is damaged")


def test_nothing_is_said_by_nothing():
    assert not NOTHING and str(NOTHING) == "" and as_written("Said.")


def test_texts_in_values_can_be_changed_and_nothing_else():
    told = message("a.b", name="/s/song-1.mp3", number=1, inner=message("c.d", list=["song-1.mp3", 2]))
    changed = told.with_texts(lambda text: text.replace("/s/", "").replace("song-1.mp3", "“Aria”"))
    assert changed == message("a.b", name="“Aria”", number=1, inner=message("c.d", list=["“Aria”", 2]))


def test_numbers_bear_the_languages_point_and_texts_do_not():
    values = {"length": 12.5, "count": 3, "name": "v2.0", "each": [0.5, 1.5]}
    assert filled("{name}: {length:.2f}, {count}, {each}", values, str, ",") == "v2.0: 12,50, 3, 0,5, 1,5"


@pytest.mark.parametrize(("values", "said"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", 3], "a, b or 3")])
def test_choices_end_with_an_or(values, said):
    assert str(either(values)) == said


def test_errors_cross_processes_with_their_values():
    error = pickle.loads(pickle.dumps(MissingError("neural.no_torch", command="pip install torch")))
    assert isinstance(error, MissingError) and error.message.values == {"command": "pip install torch"}


def test_a_command_that_answers_in_json_says_code_and_sentence():
    assert InputError(SHORT).as_json() == {"error": str(SHORT), **SHORT.as_json()}


def test_a_message_is_a_value_that_never_changes():
    with pytest.raises(AttributeError):
        SHORT.code = "other"  # type: ignore[misc]
    assert {Message("a.b", {"x": 1}) == Message("a.b", {"x": 1})} == {True}
