"""A text with feelings and pauses becomes sentences and pauses."""

from __future__ import annotations

import pytest

from core.errors import InputError
from motion.singing.performance.emotions import FELT_STYLES
from pipeline.script import MOST_CHARACTERS, NAMED_FEELINGS, PARAGRAPH_PAUSE_S, Line, Pause, read_script, spoken_characters


def test_a_feeling_holds_for_its_sentence_and_pauses_stand_between():
    script = read_script(
        "*joy* What a day! I could sing. *Sad*: But it ends.\n[pause 1.5]*surprise* Oh! [Pause: 2 s] Dr. Bo left.\n"
    )
    assert script == (
        Line("What a day!", "happy"),
        Line("I could sing."),
        Line("But it ends.", "sad"),
        Pause(1.5),
        Line("Oh!", "surprised"),
        Pause(2.0),
        Line("Dr. Bo left."),
    )
    assert spoken_characters(script) == sum(map(len, ("What a day!", "I could sing.", "But it ends.", "Oh!", "Dr. Bo left.")))


def test_a_blank_line_is_a_pause_unless_one_is_asked_for():
    assert read_script("One.\r\n\r\n  \nTwo.\n\n[pause 3]\n\nThree.") == (
        Line("One."),
        Pause(PARAGRAPH_PAUSE_S),
        Line("Two."),
        Pause(3.0),
        Line("Three."),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I *really* mean it.", "I really mean it."),
        ("*Joy* is what we want.", "Joy is what we want."),
        ("**Joy** to all, and 2*3*4 is 24.", "Joy to all, and 2*3*4 is 24."),
        ("*what a day* it was", "what a day it was"),
        ("See [1] and [the pause].", "See [1] and [the pause]."),
    ],
)
def test_other_asterisks_and_brackets_are_no_feelings(text, said):
    assert read_script(text) == (Line(said),)


def test_lines_of_a_poem_have_feelings_of_their_own():
    assert [(line.style, line.text) for line in read_script("*angry* No more\n*calm* of this")] == [
        ("angry", "No more"),
        ("neutral", "of this"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "pipeline.text_is_empty"),
        (" \n\n … — \n", "pipeline.text_is_empty"),
        ("[pause 1]", "pipeline.text_is_empty"),
        ("*joy*", "pipeline.text_is_empty"),
        ("*sparkly* What a day!", "pipeline.no_such_feeling"),
        ("Well. *Sparkly* What a day!", "pipeline.no_such_feeling"),
        ("Well. [pause long] Now.", "pipeline.pause_unreadable"),
        ("Well. [pause 61] Now.", "pipeline.pause_too_long"),
        ("a" * (MOST_CHARACTERS + 1), "pipeline.text_too_long"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(text, code):
    with pytest.raises(InputError) as caught:
        read_script(text)
    assert caught.value.message.code == code
    assert str(caught.value).count("\n") == 0
    if code.endswith("feeling"):
        assert "sparkly" in str(caught.value).lower() and "joy" in str(caught.value)


def test_every_feeling_is_a_style_that_a_face_can_show():
    styles = {line.style for name in NAMED_FEELINGS for line in read_script(f"*{name}* Hi.")}
    assert styles == set(FELT_STYLES)
    assert [line.style for name in FELT_STYLES for line in read_script(f"*{name}* Hi.")] == list(FELT_STYLES)
    assert read_script("*traurig* Ach.") == (Line("Ach.", "sad"),)
