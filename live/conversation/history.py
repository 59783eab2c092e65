"""What was said, as far as a model's budget of tokens goes: the oldest turns go first, the persona stays."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from live.conversation.mind import Role, Turn

#: Characters of a token, roughly, of the models in use: English has about 4, German 3; other scripts are counted by character.
CHARACTERS_PER_TOKEN = 3.0
#: What a model adds to every turn: its role and the marks around it.
TOKENS_PER_TURN = 4
#: A turn longer than this share of the budget is shortened in its middle, so that one long text does not push out all others.
LONGEST_SHARE = 0.5
CUT = " … "


@dataclass(frozen=True)
class HistorySettings:
    """budget_tokens: of all turns and the persona together, estimated. most_turns: kept at most, whatever they cost."""

    budget_tokens: int = 3000
    most_turns: int = 200


def tokens_of(text: str) -> int:
    """How many tokens a text has, about; rather too many than too few."""
    wide = sum(character > "ʯ" for character in text)
    return wide + -int(-(len(text) - wide) // CHARACTERS_PER_TOKEN)


class History:
    """One conversation. Memory is bounded: turns that no budget would show again are dropped."""

    def __init__(self, persona: str, settings: HistorySettings | None = None) -> None:
        """persona: what the model is told about who it is."""
        self._settings = settings or HistorySettings()
        self._persona = Turn("system", persona)
        self._turns: deque[Turn] = deque()

    def add(self, role: Role, text: str) -> None:
        """Add what was said; a second turn of the same speaker goes on with the first, and nothing said adds nothing."""
        text = text.strip()
        if not text:
            return
        if self._turns and self._turns[-1].role == role:
            text = f"{self._turns.pop().text} {text}"
        self._turns.append(Turn(role, _shortened(text, int(self._settings.budget_tokens * LONGEST_SHARE))))
        while len(self._turns) > 1 and (
            len(self._turns) > self._settings.most_turns or self._cost() > self._settings.budget_tokens
        ):
            self._turns.popleft()

    def _cost(self) -> int:
        return sum(tokens_of(turn.text) + TOKENS_PER_TURN for turn in (self._persona, *self._turns))

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The persona, then the turns in order. The first after the persona is the person's wherever they have spoken: models
        are taught on such conversations."""
        turns = list(self._turns)
        while len(turns) > 1 and turns[0].role == "assistant":
            turns.pop(0)
        return (self._persona, *turns)

    def turns_after(self, text: str) -> tuple[Turn, ...]:
        """The turns as they will be once the person has said `text`."""
        ahead = History(self._persona.text, self._settings)
        ahead._turns = deque(self._turns)
        ahead.add("user", text)
        return ahead.turns


def _shortened(text: str, most_tokens: int) -> str:
    """The text's beginning and end where the whole is too long."""
    if tokens_of(text) <= most_tokens:
        return text
    keep = max(1, int(len(text) * most_tokens / tokens_of(text)) // 2 - len(CUT))
    return text[:keep].rstrip() + CUT + text[-keep:].lstrip()
