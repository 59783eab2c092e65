"""The avatar that talks: it hears, thinks, speaks, and shows all of that in its face."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from core.contracts import FloatArray
from core.errors import InputError
from core.messages import Message, message
from live.avatar import AvatarOrder
from live.dialogue import Dialogue, State
from live.session.actor import Actor
from live.session.figures import Figures
from live.session.listening.ears import Ears
from live.session.listening.moods import VoiceMood, mirrored
from live.session.minds import mind_of, persona_of, speech_of, told_elsewhere
from live.session.parts import Performer
from live.session.showing.painter import Moves
from live.session.showing.picture_line import Ahead
from live.session.showing.sound_line import FADE_S
from live.session.showing.stage import Stage
from live.session.speaking.speech_desk import SpeechDesk
from live.session.speaking.teller import Teller
from live.session.speaking.utterance import Utterance
from live.session.staged import StagedAvatar
from speech.hearing.whisper import Heard
from speech.remote import RemoteVoiceSettings
from speech.speaker import SpeechSettings, open_voice

#: The longest text that a person may type.
MOST_CHARACTERS = 2000
#: Sentences that the timeline keeps.
MOST_SENTENCES = 1000
#: A greeting waits for somebody to be there.
GREETING_STEP_S = 0.1


class TalkingAvatar(StagedAvatar):
    """See `live.avatar.Avatar`."""

    def __init__(self, order: AvatarOrder, make_performer: Callable[[], Performer], desk: SpeechDesk) -> None:
        """Raises InputError and MissingError for an order that can't be met."""
        self._order, self._desk, self._make_performer = order, desk, make_performer
        self._persona = persona_of(order)
        self._speech = speech_of(order, self._persona)
        self._mind = mind_of(order.mind, self._persona)
        self._figures, self._mood = Figures(), VoiceMood()
        self._records: deque[dict[str, Any]] = deque(maxlen=MOST_SENTENCES)
        self._stage = Stage(order, self._figures, self._prepare, self._begin, self._end, Ahead())
        self._dialogue = Dialogue(self._persona, self._mind, self._state, self._trouble)
        self._actor: Actor | None = None
        self._teller: Teller | None = None
        self._ears: Ears | None = None
        self._greeter: threading.Thread | None = None
        self._stage.start()

    # what others ask of it

    def said(self, text: str) -> None:
        """See `Avatar`."""
        if len(text) > MOST_CHARACTERS:
            raise InputError("live.session.text_too_long", most=MOST_CHARACTERS)
        if (teller := self._teller) is None or not text.strip():
            return
        self._stage.events.tell("heard", text=text.strip(), final=True, language=self._persona.language)
        teller.asked(0.0)
        teller.break_off(lambda: self._dialogue.person_said(text))

    def hear(self, block: FloatArray) -> None:
        """See `Avatar`."""
        if (ears := self._ears) is not None:
            ears.hear(block)

    def interrupt(self) -> None:
        """See `Avatar`."""
        if (teller := self._teller) is not None:
            teller.break_off(self._dialogue.interrupt)

    def transcript(self) -> list[dict[str, Any]]:
        """See `Avatar`."""
        return [
            {
                "who": entry.who,
                "text": entry.text,
                "feelings": [asdict(feeling) for feeling in entry.feelings],
                "interrupted": entry.interrupted,
            }
            for entry in self._dialogue.transcript
        ]

    def timeline(self) -> dict[str, Any]:
        """See `Avatar`."""
        return {"sentences": [dict(record) for record in tuple(self._records)]}

    def figures(self) -> dict[str, Any]:
        """See `Avatar`."""
        return self._figures.as_json()

    def close(self) -> None:
        """See `Avatar`."""
        self._dialogue.close()
        self._stage.close(str(message("live.session.ended")))

    def _end(self) -> None:
        """Of the stage: it is over."""
        for part in (self._ears, self._teller):
            if part is not None:
                part.close()
        self._dialogue.close()
        if self._greeter is not None:
            self._greeter.join()

    # getting ready

    def _prepare(self) -> Moves:
        """In the stage's thread."""
        warmed_up(self._speech)
        actor = self._actor = Actor(self._make_performer())
        sound = self._stage.sound
        self._ears = Ears(self, self._trouble, self._order.language[:2].lower(), self._persona.language)
        self._teller = Teller(self._dialogue, self._desk, self._speech, actor, sound, self, self._figures, self._trouble)
        return actor.block

    def _begin(self) -> None:
        """The feed runs."""
        if self._stage.closed or self._ears is None or self._teller is None:
            return
        self._ears.start()
        self._teller.start()
        self._stage.events.tell("state", state="idle")
        if host := told_elsewhere(self._speech):
            self._stage.events.tell_message("note", message("live.session.spoken_elsewhere", host=host))
        if self._order.mind.kind != "read_aloud":
            self._greeter = threading.Thread(target=self._greet, name="avatar greeter", daemon=True)
            self._greeter.start()

    def _greet(self) -> None:
        """Say the greeting once somebody is there to hear it, if nobody was quicker."""
        while not self._stage.closed and not self.feed.listeners:
            time.sleep(GREETING_STEP_S)
        if not self._stage.closed and self._dialogue.state is State.IDLE and not self._dialogue.transcript:
            self._dialogue.greet()

    # what happens

    def _state(self, state: State) -> None:
        """The dialogue's state has changed."""
        if (actor := self._actor) is not None:
            if state is not State.IDLE:
                actor.attend(state.value)
            else:
                actor.attend("idle")
                actor.feel(0.0, "neutral", 1.0)
        self._stage.events.tell("state", state=state.value)

    def _trouble(self, why: Message) -> None:
        self._stage.events.tell_message("error", why)

    def part_begins(self, utterance: Utterance, part: int) -> None:
        """Of the teller: a part of a sentence is heard."""
        placed, sentence = utterance.placed[part], utterance.sentence
        times = {"start_s": round(placed.start_s, 3), "end_s": round(placed.end_s, 3)}
        self._stage.events.tell("caption", text=placed.said.text, sentence=sentence.number, **times, words=placed.words())
        if part == 0:
            felt = sentence.feeling
            self._stage.events.tell("feeling", **asdict(felt), sentence=sentence.number)
            self._records.append(utterance.record())
        else:
            self._records[-1] = utterance.record()

    def person_begins(self, late_s: float) -> None:
        """Of the ears: the person began to speak, `late_s` ago."""
        teller = self._teller
        assert teller is not None
        speaking = teller.sounds
        teller.break_off(self._dialogue.person_begins)
        if speaking:
            self._figures.barge_in_s.append(late_s + FADE_S)

    def partial(self, heard: Heard) -> None:
        """Of the ears."""
        if self._dialogue.state is State.LISTENING:
            self._stage.events.tell("heard", text=heard.text, final=False, language=heard.language)
            if self._order.mirror and self._actor is not None:
                felt = mirrored(heard.text, heard.language)
                self._actor.feel(0.0, felt.style, felt.strength)

    def perhaps(self, heard: Heard) -> None:
        """Of the ears."""
        self._dialogue.suppose(heard.text)

    def goes_on(self) -> None:
        """Of the ears."""
        self._dialogue.forget()

    def heard(self, heard: Heard, late_s: float) -> None:
        """Of the ears: what the person said, `late_s` after its end."""
        self._stage.events.tell("heard", text=heard.text, final=True, language=heard.language)
        if heard.text and self._teller is not None:
            self._teller.asked(late_s)
        self._dialogue.person_said(heard.text)

    def voice(self, block: FloatArray) -> None:
        """Of the ears."""
        if self._mood.push(block) and self._actor is not None:
            self._actor.notice(self._mood.loudness, self._mood.lively)

    def speaks(self) -> bool:
        """Of the ears."""
        return self._teller is not None and self._teller.sounds


def warmed_up(settings: SpeechSettings | RemoteVoiceSettings) -> None:
    """The voice has spoken once, so that its first sentence is not late; a server is asked for nothing.

    Raises MissingError where a part is missing.
    """
    if isinstance(settings, RemoteVoiceSettings):
        return
    for _ in open_voice(settings).say("a"):
        pass
