"""One sentence on the stage: which of its parts is heard when, and how much of it was heard until now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from live.dialogue import Sentence
from live.session.speaking.orders import SpeechOrder
from live.transcript import heard_part
from speech.voice import Said

#: Silence at a part's end; once it is reached, all was heard.
TRAIL_S = 0.2


@dataclass(frozen=True)
class PlacedPart:
    """What of the sentence is heard from start_s to end_s in the session's time."""

    said: Said
    start_s: float
    end_s: float

    def words(self) -> list[list[Any]]:
        """[text, start_s, end_s] each, in the session's time."""
        return [
            [word.text, round(self.start_s + word.start_s, 3), round(self.start_s + word.end_s, 3)] for word in self.said.words
        ]


@dataclass(eq=False)
class Utterance:
    """told: what the dialogue was told was heard. begun: parts whose beginning was told."""

    sentence: Sentence
    order: SpeechOrder
    placed: list[PlacedPart] = field(default_factory=list)
    told: str = ""
    begun: int = 0
    failure_told: bool = False

    @property
    def whole(self) -> bool:
        """Whether all of it is on the stage, or no more will come."""
        return not self.order.open and len(self.placed) == len(self.order.said)

    def unplaced(self) -> Iterator[Said]:
        """The parts that are spoken and not on the stage yet."""
        yield from self.order.said[len(self.placed) :]

    def place(self, said: Said, start_s: float, end_s: float) -> None:
        """A part is on the stage."""
        self.placed.append(PlacedPart(said, start_s, end_s))

    def next_begun(self, now_s: float) -> int | None:
        """Number of the next part whose beginning has come and was not told."""
        if self.begun == len(self.placed) or self.placed[self.begun].start_s > now_s:
            return None
        self.begun += 1
        return self.begun - 1

    def over(self, now_s: float) -> bool:
        """Whether all of it was heard."""
        if not self.whole or not self.placed:
            return self.whole
        last = self.placed[-1]
        return now_s >= max(last.start_s, last.end_s - TRAIL_S)

    def heard(self, now_s: float) -> str:
        """What was heard until now; the whole text once it is over."""
        if self.over(now_s):
            return self.sentence.text
        heard = [
            heard_part(part.said.text, part.said.words, part.end_s - part.start_s - TRAIL_S, now_s - part.start_s)
            for part in self.placed
        ]
        text = " ".join(filter(None, heard))
        return text if text != self.sentence.text else text[:-1]

    def record(self) -> dict[str, Any]:
        """For the timeline: the sentence with what of it is on the stage."""
        return {
            "number": self.sentence.number,
            "text": self.sentence.text,
            "start_s": round(self.placed[0].start_s, 3),
            "end_s": round(self.placed[-1].end_s, 3),
            "emotion": self.sentence.feeling.emotion,
            "strength": self.sentence.feeling.strength,
            "words": [word for part in self.placed for word in part.words()],
            "phonemes": [
                [each.symbol, round(part.start_s + each.start_s, 3), round(part.start_s + each.end_s, 3)]
                for part in self.placed
                for each in part.said.phonemes
            ],
        }
