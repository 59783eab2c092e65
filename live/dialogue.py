"""One conversation: who has the floor, what is to be said next, and what was really said.

    idle -- the person speaks --> listening -- their words --> thinking -- first sound --> speaking -- all said --> idle

The person may break in at any time, by voice (`person_begins`) or by typing (`person_said`): the mind is closed, what was not yet
said is dropped, and the transcript keeps what was heard. While the person pauses and may be done, `suppose` has an answer begun,
which is the answer if they are, and forgotten if they go on.

No sound is made here: whoever makes it takes sentences by `next_sentence` and tells by `heard` how far each has come. All methods
may be called from any thread, and none waits for the mind.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum
from functools import partial

from core.errors import BelcantoError
from core.messages import Message
from live.answer import Answer, Sentence
from live.conversation.history import History, HistorySettings
from live.conversation.mind import Mind, Pieces, Reply
from live.conversation.persona import Persona
from live.transcript import Entry
from speech.emotion.classifier import feeling_of
from speech.emotion.feeling import feeling
from speech.emotion.tagged_text import Piece, TaggedText

__all__ = ["Dialogue", "Sentence", "State"]
#: So many sentences may wait to be spoken; a mind that is ahead of them waits too.
MOST_WAITING = 8
#: Characters of the first sentence's first clause, if that is to be said before the sentence is whole.
FIRST_CLAUSE = 12


class State(Enum):
    """Who does what."""

    IDLE = "idle"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"


class Dialogue:
    """A persona and a person."""

    def __init__(
        self,
        persona: Persona,
        mind: Mind,
        on_state: Callable[[State], None] = lambda state: None,
        on_error: Callable[[Message], None] = lambda message: None,
        budget: HistorySettings | None = None,
    ) -> None:
        """on_state: told of every change; on_error: why an answer is missing or not whole; both from any thread, and be quick."""
        self._persona, self._mind, self._on_state, self._on_error = persona, mind, on_state, on_error
        self._history = History(persona.instructions(), budget)
        self._entries: list[Entry] = []
        self._changed = threading.Condition(threading.RLock())
        self._state, self._count = State.IDLE, 0
        self._answer: Answer | None = None
        self._supposed: Answer | None = None

    @property
    def state(self) -> State:
        """Who does what now."""
        return self._state

    @property
    def transcript(self) -> tuple[Entry, ...]:
        """What was said until now, the answer on its way not among it."""
        with self._changed:
            return tuple(self._entries)

    def greet(self) -> None:
        """The persona says its greeting, or lets the mind think of one."""
        with self._changed:
            self._break_off()
            greeting = self._persona.greeting
            answer = Answer(self._mind)
            self._think(answer, partial(Pieces, [greeting]) if greeting else partial(self._mind.reply, self._history.turns))
            self._answer_with(answer)

    def person_begins(self) -> None:
        """The person begins to speak: whatever is thought or said ends at once."""
        with self._changed:
            self._break_off()
            self._go(State.LISTENING)

    def suppose(self, text: str) -> None:
        """The person has perhaps said this, all of it: think of the answer, for the case that they have."""
        text = text.strip()
        with self._changed:
            if self._state is not State.LISTENING or not text or (self._supposed and self._supposed.question == text):
                return
            self.forget()
            self._supposed = Answer(self._mind.copy(), text)
            self._think(self._supposed, partial(self._supposed.mind.reply, self._history.turns_after(text)))
            self._changed.notify_all()

    def forget(self) -> None:
        """The person goes on: what was supposed was not all."""
        with self._changed:
            if self._supposed is not None:
                self._supposed.close()
                self._supposed = None
                self._changed.notify_all()

    def person_said(self, text: str) -> None:
        """The person has said or typed this; blank: nothing was understood."""
        text = text.strip()
        with self._changed:
            supposed, self._supposed = self._supposed, None
            if supposed is not None and supposed.question != text:
                supposed.close()
                supposed = None
            if not text:
                if self._state is State.LISTENING:
                    self._go(State.IDLE)
                return
            self._break_off()
            self._entries.append(Entry("person", text))
            self._history.add("user", text)
            if supposed is None:
                supposed = Answer(self._mind, text)
                self._think(supposed, partial(self._mind.reply, self._history.turns))
            self._answer_with(supposed)

    def next_sentence(self, timeout_s: float = 0.0) -> Sentence | None:
        """The next to be spoken, of the answer or else of the one that is supposed, waited for so long; None where there is none.

        It may be made to sound only while it is `wanted`, and made ready while it is `wanted` or `supposed`.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._next() is not None, timeout_s)
            answer = self._next()
            if answer is None:
                return None
            sentence = answer.give()
            self._changed.notify_all()
            return sentence

    def wanted(self, sentence: Sentence) -> bool:
        """Whether it is still to be spoken: asked before each block of its sound goes out."""
        with self._changed:
            return self._answer is not None and sentence in self._answer.given

    def supposed(self, sentence: Sentence) -> bool:
        """Whether it may come to be wanted."""
        with self._changed:
            return self._supposed is not None and sentence in self._supposed.given

    def heard(self, sentence: Sentence, text: str) -> None:
        """As much of the sentence was heard until now (`transcript.heard_part`); one that was broken off gets no more."""
        with self._changed:
            answer = self._answer
            if answer is None or sentence not in answer.given or not text:
                return
            answer.heard[sentence.number] = text
            if answer.said_out:
                self._end(answer, interrupted=False)
            else:
                self._go(State.SPEAKING)

    def interrupt(self) -> None:
        """The answer is broken off, and nobody has the floor."""
        with self._changed:
            if self._answer is not None:
                self._break_off()
                self._go(State.IDLE)

    def close(self) -> None:
        """The conversation is over."""
        with self._changed:
            self.forget()
            self._break_off()
            self._go(State.IDLE)

    def _next(self) -> Answer | None:
        """Whose sentence is next."""
        answer = self._answer or self._supposed
        return answer if answer is not None and answer.waiting else None

    def _go(self, state: State) -> None:
        if state is not self._state:
            self._state = state
            self._on_state(state)
        self._changed.notify_all()

    def _think(self, answer: Answer, ask: Callable[[], Reply]) -> None:
        threading.Thread(target=self._listen, args=(answer, ask), name="mind", daemon=True).start()

    def _answer_with(self, answer: Answer) -> None:
        """This is the answer from now on; one that was thought of ahead may be whole, or have failed."""
        self._answer, self._mind = answer, answer.mind
        self._go(State.THINKING)
        if answer.thought_out:
            self._thought_out(answer)

    def _listen(self, answer: Answer, ask: Callable[[], Reply]) -> None:
        """Take the mind's words as they come, in a thread of their own."""
        reader, failure = TaggedText(FIRST_CLAUSE), None
        try:
            reply = ask()
            with self._changed:
                answer.reply = reply
                if answer.closed:
                    reply.close()
            for words in reply:
                if not self._put(answer, reader.push(words)):
                    break
        except BelcantoError as error:
            failure = error.message
        finally:
            self._put(answer, reader.finish())
            with self._changed:
                answer.thought_out, answer.failure = True, failure
                if answer is self._answer:
                    self._thought_out(answer)

    def _thought_out(self, answer: Answer) -> None:
        """The mind has no more to say, or can't: the person is told why it ended."""
        if answer.failure is not None and not answer.closed:
            self._on_error(answer.failure)
        if answer.said_out:
            self._end(answer, interrupted=False)

    def _put(self, answer: Answer, pieces: list[Piece]) -> bool:
        """Hand out the sentences; False where nobody wants them any more."""
        felt = [feeling(each.feeling) if each.feeling else feeling_of(each.written, self._persona.language) for each in pieces]
        with self._changed:
            for piece, emotion in zip(pieces, felt, strict=True):
                self._changed.wait_for(lambda: answer.closed or len(answer.waiting) < MOST_WAITING)
                if answer.closed:
                    return False
                answer.waiting.append(Sentence(self._count, piece.text, emotion))
                self._count += 1
                self._changed.notify_all()
            return not answer.closed

    def _break_off(self) -> None:
        if (answer := self._answer) is not None:
            self._end(answer, interrupted=True)

    def _end(self, answer: Answer, interrupted: bool) -> None:
        """The answer is over: what was heard of it goes into the transcript, and into what the mind remembers."""
        self._answer = None
        if interrupted:
            answer.close()
        answer.closed = True
        heard = [sentence for sentence in answer.given if answer.heard.get(sentence.number)]
        text = " ".join(answer.heard[sentence.number] for sentence in heard)
        if text:
            self._entries.append(Entry("avatar", text, tuple(sentence.feeling for sentence in heard), interrupted))
            self._history.add("assistant", text)
        if not interrupted:
            self._go(State.IDLE)
        self._changed.notify_all()
