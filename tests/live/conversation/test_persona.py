"""Who the avatar may be: six of ours, and what a person writes."""

from __future__ import annotations

import re

import pytest

from core.errors import InputError
from live.conversation.persona import Persona, persona_named, personas
from speech.emotion.feeling import EKMAN
from speech.emotion.tagged_text import TaggedText

#: Kokoro's names of voices that speak English, American or British.
VOICE = re.compile(r"[abp][fm]_[a-z]+")


def test_there_are_six_and_each_can_be_played():
    assert len(personas()) == 6
    assert {persona.language for persona in personas().values()} == {"en", "de"}
    assert len({persona.voice for persona in personas().values()}) == 6
    for persona in personas().values():
        assert VOICE.fullmatch(persona.voice) and len(persona.character) > 80
        greeting = TaggedText()
        pieces = [*greeting.push(persona.greeting), *greeting.finish()]
        assert pieces[0].feeling and persona.name in persona.greeting and pieces[-1].text.endswith("?")


def test_a_model_is_told_who_it_is_and_how_it_speaks():
    told = persona_named("clara").instructions()
    assert "You are Clara" in told and "in German" in told and "AI" in told and "Kammersängerin" in told
    assert all(emotion in told for emotion in EKMAN)
    assert "{" not in told


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "live.persona_name"),
        ({"name": "x" * 61}, "live.persona_name"),
        ({"character": "x" * 2001}, "live.persona_character"),
    ],
)
def test_a_persona_that_cannot_be_played_is_refused(change, code):
    with pytest.raises(InputError) as refused:
        Persona(**({"name": "Ida", "character": "", "voice": "af_heart", "language": "en"} | change))
    assert refused.value.message.code == code
    with pytest.raises(InputError) as missing:
        persona_named("nobody")
    assert "aria" in str(missing.value)
