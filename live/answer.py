"""An answer on its way: what the mind has thought of until now, what of it was given out to be spoken, and what was heard."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from core.messages import Message
from live.conversation.mind import Mind, Reply
from speech.emotion.feeling import Feeling


@dataclass(frozen=True)
class Sentence:
    """One sentence to be spoken, and how. number: counts up through the conversation."""

    number: int
    text: str
    feeling: Feeling


@dataclass(eq=False)
class Answer:
    """mind: who thinks of it. question: what it answers; None: it is a greeting. heard: by sentence, what of it was heard until
    now. failure: why it is not whole."""

    mind: Mind
    question: str | None = None
    reply: Reply | None = None
    waiting: deque[Sentence] = field(default_factory=deque)
    given: list[Sentence] = field(default_factory=list)
    heard: dict[int, str] = field(default_factory=dict)
    thought_out: bool = False
    closed: bool = False
    failure: Message | None = None

    @property
    def said_out(self) -> bool:
        """Whether all of it was heard."""
        return self.thought_out and not self.waiting and all(self.heard.get(each.number) == each.text for each in self.given)

    def give(self) -> Sentence:
        """The next sentence that waits."""
        sentence = self.waiting.popleft()
        self.given.append(sentence)
        return sentence

    def close(self) -> None:
        """Nobody wants it any more."""
        self.closed = True
        if self.reply is not None:
            self.reply.close()
