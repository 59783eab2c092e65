"""What can be asked without a session: a reply, speech with its mouth, the emotion of a text."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from core.blendshapes import BLENDSHAPE_NAMES
from core.contracts import FloatArray
from core.errors import InputError
from live.avatar import AvatarOrder
from live.conversation.history import History
from live.conversation.mind import Mind
from live.conversation.persona import Persona, personas
from live.service.limits import ServiceLimits
from live.service.orders import as_either, made, mind_order, number_of, text_of
from live.session.minds import mind_of, persona_of
from motion.live.performer import LivePerformer
from speech.emotion.classifier import classifier, feeling_of
from speech.emotion.feeling import Feeling, feeling
from speech.emotion.tagged_text import Piece, TaggedText
from speech.speaker import DEFAULT_VOICE, SpeechSettings, open_voice
from speech.visemes import viseme_of
from speech.voice import Said
from speech.voices import language_of

#: Silence before the first word, between sentences, and after the last, in seconds: the face comes from rest and goes back to it.
BEFORE_S, BETWEEN_S, AFTER_S = 0.2, 0.3, 0.5
#: How long before it is heard the face is told of a piece: lips and brows begin before their sounds.
TOLD_BEFORE_S = 0.2
#: Decimals of curves.
DIGITS = 3


def persona_asked_for(body: Mapping[str, Any]) -> Persona:
    """The persona that a body names or writes. Raises InputError."""
    named = {name: body[name] for name in ("persona", "persona_own") if name in body}
    return persona_of(made(AvatarOrder, as_either({"portrait": Path(), **named})))


def history_of(body: Mapping[str, Any], persona: Persona, text: str, most: int) -> History:
    """What was said until now, the text last. Raises InputError."""
    history, turns = History(persona.instructions()), body.get("history", [])
    if not isinstance(turns, list):
        raise InputError("live.service.value_unusable", field="history")
    for turn in turns:
        role = turn.get("role") if isinstance(turn, dict) else None
        if role not in ("user", "assistant"):
            raise InputError("live.service.value_unusable", field="history")
        history.add(role, text_of(turn, "text", 2 * most))
    history.add("user", text)
    return history


def reply(body: Mapping[str, Any], limits: ServiceLimits) -> dict[str, Any]:
    """A mind's answer to a text: its sentences, each with the feeling that it is said with."""
    text, persona = text_of(body, "text", limits.text_characters), persona_asked_for(body)
    mind = mind_of(mind_order(body.get("mind", {})), persona)
    turns = history_of(body, persona, text, limits.text_characters).turns
    sentences: list[dict[str, Any]] = []
    for piece in sentences_of(mind, turns, limits.work_s):
        felt = feeling(piece.feeling) if piece.feeling else feeling_of(piece.written, persona.language)
        sentences.append({"text": piece.text, "emotion": felt.emotion, "strength": felt.strength})
    return {"sentences": sentences, "text": " ".join(str(row["text"]) for row in sentences)}


def sentences_of(mind: Mind, turns: Any, work_s: float) -> Iterator[Piece]:
    """The sentences of the mind's answer; it is broken off after so many seconds."""
    reader, latest_s, answer = TaggedText(), time.monotonic() + work_s, mind.reply(turns)
    try:
        for words in answer:
            yield from reader.push(words)
            if time.monotonic() > latest_s:
                return
        yield from reader.finish()
    finally:
        answer.close()


def emotion(body: Mapping[str, Any], limits: ServiceLimits) -> dict[str, Any]:
    """Probabilities of GoEmotions' 28 classes and Ekman's 7."""
    scores = classifier().scores(text_of(body, "text", limits.text_characters))
    name, strength = scores.top
    return {
        "goemotions": rounded(scores.goemotions),
        "ekman": rounded(scores.ekman),
        "found": list(scores.found),
        "top": {"emotion": name, "strength": round(strength, DIGITS)},
    }


def rounded(scores: Mapping[str, float]) -> dict[str, float]:
    """The scores as they are told."""
    return {name: round(value, DIGITS) for name, value in scores.items()}


def our_personas() -> dict[str, Any]:
    """The six of ours."""
    told = ("language", "voice", "character", "greeting", "about")
    ours = personas().items()
    return {
        "personas": [{"name": name, "title": each.name, **{field: getattr(each, field) for field in told}} for name, each in ours]
    }


class Recital:
    """A text as it is spoken: sound, and what the face does meanwhile, at one time scale from 0."""

    def __init__(self, fps: float) -> None:
        self._performer, self._fps = LivePerformer(fps), fps
        self._sound: list[FloatArray] = []
        self._frames: list[FloatArray] = []
        self._words: list[list[Any]] = []
        self._phonemes: list[dict[str, Any]] = []
        self._emotions: list[dict[str, Any]] = []
        self.rate_hz, self._samples, self._silence_s = 0, 0, BEFORE_S
        self._performer.attend("speaking")

    def say(self, text: str, felt: Feeling, said: Said, begins: bool) -> None:
        """The next sentence, or the next breath of it. begins: whether it is the sentence's first."""
        if begins and self._samples:
            self._silence_s = BETWEEN_S
        self.rate_hz = self.rate_hz or said.rate_hz
        self._append(np.zeros(round(self._silence_s * self.rate_hz), np.float32))
        at_s = self._samples / self.rate_hz
        self._append(said.sound)
        end_s = self._samples / self.rate_hz
        self._perform(at_s - TOLD_BEFORE_S)
        if begins:
            self._performer.feel(felt.style, felt.strength)
            self._emotions.append({"text": text, "emotion": felt.emotion, "start_s": round(at_s, DIGITS)})
        self._emotions[-1]["end_s"] = round(end_s, DIGITS)
        self._performer.say(at_s, said)
        self._words += [[each.text, round(at_s + each.start_s, DIGITS), round(at_s + each.end_s, DIGITS)] for each in said.words]
        self._phonemes += [
            {
                "phoneme": each.symbol,
                "viseme": viseme_of(each.symbol),
                "start_s": round(at_s + each.start_s, DIGITS),
                "end_s": round(at_s + each.end_s, DIGITS),
            }
            for each in said.phonemes
        ]
        self._silence_s = 0.0

    def _append(self, sound: FloatArray) -> None:
        self._sound.append(sound)
        self._samples += len(sound)

    def _perform(self, until_s: float) -> None:
        """What the face does until then; later frames may depend on what is said next."""
        missing = round(until_s * self._fps) - sum(map(len, self._frames))
        if missing > 0:
            self._frames.append(self._performer.block(missing).blendshapes)

    def told(self) -> dict[str, Any]:
        """All of it. Raises InputError where nothing was said."""
        if not self._samples:
            raise InputError("speech.nothing_to_say")
        self._append(np.zeros(round(AFTER_S * self.rate_hz), np.float32))
        duration_s = self._samples / self.rate_hz
        self._perform(duration_s)
        wav = io.BytesIO()
        soundfile.write(wav, np.clip(np.concatenate(self._sound), -1.0, 1.0), self.rate_hz, "PCM_16", format="WAV")
        rows = [[round(float(value), DIGITS) for value in row] for frames in self._frames for row in frames]
        return {
            "rate_hz": self.rate_hz,
            "duration_s": round(duration_s, DIGITS),
            "sound": base64.b64encode(wav.getvalue()).decode("ascii"),
            "words": self._words,
            "phonemes": self._phonemes,
            "emotions": self._emotions,
            "curves": {"fps": self._fps, "names": list(BLENDSHAPE_NAMES), "frames": rows},
        }


def speech(body: Mapping[str, Any], limits: ServiceLimits) -> dict[str, Any]:
    """A text spoken, with the mouth's curves; feelings between asterisks before sentences are taken out and shown."""
    text, fps = text_of(body, "text", limits.text_characters), number_of(body, "fps", 25.0, 1.0, 60.0)
    name, language = body.get("voice") or DEFAULT_VOICE, body.get("language") or ""
    if not isinstance(name, str) or not isinstance(language, str):
        raise InputError("live.service.value_unusable", field="voice")
    settings = SpeechSettings(name, language, number_of(body, "speed", 1.0, 0.5, 2.0), early=False)
    voice, reader = open_voice(settings), TaggedText()
    spoken_language = (language or language_of(name)).partition("-")[0]
    recital, latest_s = Recital(fps), time.monotonic() + limits.work_s
    for piece in [*reader.push(text), *reader.finish()]:
        felt = feeling(piece.feeling) if piece.feeling else feeling_of(piece.written, spoken_language)
        for place, said in enumerate(voice.say(piece.text)):
            recital.say(piece.text, felt, said, begins=place == 0)
            if time.monotonic() > latest_s:
                raise InputError("live.service.takes_too_long", seconds=limits.work_s)
    return recital.told()
