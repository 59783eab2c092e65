"""The voices of Kokoro: who speaks which language, and how several are mixed.

mixture("af_heart:0.7+af_bella:0.3")
# (Part("af_heart", 0.7), Part("af_bella", 0.3))
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from core.errors import InputError
from weights.registry import registry

#: The first letter of a voice's name: the language that it speaks, as BCP 47 writes it.
LANGUAGE_OF = {"a": "en-US", "b": "en-GB", "e": "es", "f": "fr", "h": "hi", "i": "it", "j": "ja", "p": "pt-BR", "z": "zh"}
Gender = Literal["woman", "man"]
#: Languages that no voice is of: those of another language lend themselves, and have an accent. Which are understood best was
#: measured (`benchmarks.spoken_words`): of German by a Portuguese one 1 word of 6 is misheard, by an English one more than half.
LENT: dict[str, dict[Gender, str]] = {"de": {"woman": "pf_dora", "man": "pm_alex"}}
LANGUAGES = (*LANGUAGE_OF.values(), *LENT)
#: What a voice says for somebody to get to know it.
SAMPLE_TEXTS = {
    "de": "Hallo! Das ist meine Stimme. Ich kann Ihnen etwas vorlesen und singen.",
    "en-US": "Hello! This is my voice. I can read to you, and sing along.",
    "en-GB": "Hello! This is my voice. I can read to you, and sing along.",
    "es": "¡Hola! Esta es mi voz. Puedo leerte un cuento.",
    "fr": "Bonjour ! Voici ma voix. Je peux vous lire une histoire.",
    "hi": "नमस्ते! यह मेरी आवाज़ है। मैं आपको एक कहानी सुना सकती हूँ।",
    "it": "Ciao! Questa è la mia voce. Posso leggerti una storia.",
    "ja": "こんにちは。これが わたしの こえです。おはなしを よみましょうか。",
    "pt-BR": "Olá! Esta é a minha voz. Posso ler uma história para você.",
    "zh": "你好！这是我的声音。我可以给你读一个故事。",
}


@dataclass(frozen=True)
class VoiceCard:
    """name: as settings have it. language: as BCP 47 writes it. title: a name to read: Heart."""

    name: str
    language: str
    gender: Gender
    title: str


@dataclass(frozen=True)
class Part:
    """A voice's part of a mixture; the weights of all parts are 1 together."""

    name: str
    weight: float


def voices() -> tuple[str, ...]:
    """Names of the voices that the registry knows; the first letter tells the language, the second woman (f) or man (m)."""
    names = (name.removeprefix("kokoro_") for name in registry() if name.startswith("kokoro_"))
    return tuple(name for name in names if name[1:2] in ("f", "m") and name[2:3] == "_")


def voice_cards() -> tuple[VoiceCard, ...]:
    """All voices, by language in the order of `LANGUAGES`, women before men, by their names."""
    cards = [
        VoiceCard(name, LANGUAGE_OF[name[0]], "woman" if name[1] == "f" else "man", name[3:].capitalize()) for name in voices()
    ]
    return tuple(sorted(cards, key=lambda card: (LANGUAGES.index(card.language), card.gender == "man", card.name)))


def mixture(text: str) -> tuple[Part, ...]:
    """The voices of a name or a mixture such as "af_heart:0.7+af_bella:0.3"; without weights they share alike.

    Weights count against one another: 7 and 3 are as good as 0.7 and 0.3.
    Raises InputError for a voice that there is not, a voice that is named twice, or a weight that is no number above 0.
    """
    given = [part.partition(":") for part in text.replace(" ", "").split("+")]
    for place, (name, _, _) in enumerate(given):
        if name not in voices():
            raise InputError("speech.no_such_voice", name=name, list=voices())
        if name in [other for other, _, _ in given[:place]]:
            raise InputError("speech.voice_twice", name=name)
    weights = [_weight(name, weight) if colon else 1.0 for name, colon, weight in given]
    return tuple(Part(name, weight / sum(weights)) for (name, _, _), weight in zip(given, weights, strict=True))


def _weight(name: str, text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    if not (weight > 0 and math.isfinite(weight)):
        raise InputError("speech.bad_weight", name=name, given=text)
    return weight


def language_of(voice: str) -> str:
    """The language of a voice, or of the first one of a mixture. Raises InputError like `mixture`."""
    return LANGUAGE_OF[mixture(voice)[0].name[0]]


def voice_for(language: str, like: str) -> str:
    """A voice that speaks a language, of the gender of another one; that one itself where it speaks it, or none does.

    language: as in `LANGUAGES`, or its first letters. Raises InputError like `mixture`.
    """
    if language_of(like).startswith(language):
        return like
    gender: Gender = "woman" if mixture(like)[0].name[1] == "f" else "man"
    cards = [card for card in voice_cards() if card.language.startswith(language)]
    if cards:
        return next((card for card in cards if card.gender == gender), cards[0]).name
    return LENT[language][gender] if language in LENT else like
