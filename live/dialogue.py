"""One conversation: who has the floor, what is to be said next, and what was really said.

    idle -- the person speaks --> listening -- their words --> thinking -- first sound --> speaking -- all said --> idle

The person may break in at any time, by voice (`person_begins`) or by typing (`person_said`): the mind is closed, what was not yet
said is dropped, and the transcript keeps what was heard. No sound is made here: whoever makes it takes sentences by
`next_sentence` and tells by `heard` how far each has come. All methods may be called from any thread, and none waits for the
mind.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import partial

from core.errors import BelcantoError
from core.messages import Message
from live.conversation.history import History, HistorySettings
from live.conversation.mind import Mind, Pieces, Reply
from live.conversation.persona import Persona
from live.transcript import Entry
from speech.emotion.classifier import feeling_of
from speech.emotion.feeling import Feeling, feeling
from speech.emotion.tagged_text import Piece, TaggedText

#: So many sentences may wait to be spoken; a mind that is ahead of them waits too.
MOST_WAITING = 8


class State(Enum):
    """Who does what."""

    IDLE = "idle"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"


@dataclass(frozen=True)
class Sentence:
    """One sentence to be spoken, and how. number: counts from 0 through the conversation."""

    number: int
    text: str
    feeling: Feeling


@dataclass(eq=False)
class _Answer:
    """An answer on its way. heard: by sentence, what of it was heard until now."""

    reply: Reply | None = None
    waiting: deque[Sentence] = field(default_factory=deque)
    given: list[Sentence] = field(default_factory=list)
    heard: dict[int, str] = field(default_factory=dict)
    thought_out: bool = False
    closed: bool = False

    @property
    def said_out(self) -> bool:
        """Whether all of it was heard."""
        return self.thought_out and not self.waiting and all(self.heard.get(each.number) == each.text for each in self.given)


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
        self._answer: _Answer | None = None

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
            self._think(partial(Pieces, [greeting]) if greeting else partial(self._mind.reply, self._history.turns))

    def person_begins(self) -> None:
        """The person begins to speak: whatever is thought or said ends at once."""
        with self._changed:
            self._break_off()
            self._go(State.LISTENING)

    def person_said(self, text: str) -> None:
        """The person has said or typed this; blank: nothing was understood."""
        text = text.strip()
        with self._changed:
            if not text:
                if self._state is State.LISTENING:
                    self._go(State.IDLE)
                return
            self._break_off()
            self._entries.append(Entry("person", text))
            self._history.add("user", text)
            self._think(partial(self._mind.reply, self._history.turns))

    def next_sentence(self, timeout_s: float = 0.0) -> Sentence | None:
        """The next to be spoken, waited for so long; None where there is none."""
        with self._changed:
            self._changed.wait_for(lambda: self._answer is not None and self._answer.waiting, timeout_s)
            if self._answer is None or not self._answer.waiting:
                return None
            sentence = self._answer.waiting.popleft()
            self._answer.given.append(sentence)
            self._changed.notify_all()
            return sentence

    def wanted(self, sentence: Sentence) -> bool:
        """Whether it is still to be spoken: asked before each block of its sound goes out."""
        with self._changed:
            return self._answer is not None and sentence in self._answer.given

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

    def close(self) -> None:
        """The conversation is over."""
        with self._changed:
            self._break_off()
            self._go(State.IDLE)

    def _go(self, state: State) -> None:
        if state is not self._state:
            self._state = state
            self._on_state(state)
        self._changed.notify_all()

    def _think(self, ask: Callable[[], Reply]) -> None:
        self._answer = answer = _Answer()
        self._go(State.THINKING)
        threading.Thread(target=self._listen, args=(answer, ask), name="mind", daemon=True).start()

    def _listen(self, answer: _Answer, ask: Callable[[], Reply]) -> None:
        """Take the mind's words as they come, in a thread of their own."""
        reader, failure = TaggedText(), None
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
            self._finish(answer, reader, failure)

    def _finish(self, answer: _Answer, reader: TaggedText, failure: Message | None) -> None:
        """The mind has no more to say, or can't: the rest is handed out, and the person told why it ended."""
        self._put(answer, reader.finish())
        with self._changed:
            answer.thought_out = True
            if failure is not None and not answer.closed:
                self._on_error(failure)
            if answer is self._answer and answer.said_out:
                self._end(answer, interrupted=False)

    def _put(self, answer: _Answer, pieces: list[Piece]) -> bool:
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

    def _end(self, answer: _Answer, interrupted: bool) -> None:
        """The answer is over: what was heard of it goes into the transcript, and into what the mind remembers."""
        self._answer, answer.closed = None, True
        if interrupted and answer.reply is not None:
            answer.reply.close()
        heard = [sentence for sentence in answer.given if answer.heard.get(sentence.number)]
        text = " ".join(answer.heard[sentence.number] for sentence in heard)
        if text:
            self._entries.append(Entry("avatar", text, tuple(sentence.feeling for sentence in heard), interrupted))
            self._history.add("assistant", text)
        if not interrupted:
            self._go(State.IDLE)
        self._changed.notify_all()
