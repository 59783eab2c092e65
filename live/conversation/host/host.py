"""The scripted host: converses without a model, within the bounds of rules that we wrote (`en.toml`, `de.toml`).

It greets, asks for the name and remembers it, explains the program step by step, tells what it can sing, jokes, answers a feeling
with one, asks back, does not repeat itself while it has something else to say, and says so where it does not understand. The same
seed and the same words give the same conversation.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from copy import copy
from string import Formatter

from live.conversation.host.rules import Match, Script, best_match, plain, script_of, sentences
from live.conversation.mind import Pieces, Reply, Turn
from live.conversation.persona import Persona
from speech.emotion.classifier import feeling_of

#: A feeling is answered where it is so clear that a wrong guess is unlikely.
LEAST_STRENGTH = 0.4
#: What a person may have the host remember is no longer than this.
MOST_REMEMBERED_CHARACTERS = 60
#: Of what a person says the host reads so much.
MOST_CHARACTERS = 1000
#: The host asks back by itself no more often than at every so many answers.
QUESTION_EVERY = 2
MOST_NAME_WORDS = 3


class ScriptedHost:
    """One conversation's host; its memory is that of this conversation."""

    def __init__(self, persona: Persona, seed: int = 0) -> None:
        self._script: Script = script_of(persona.language)
        self._language = persona.language
        self._chance = random.Random(seed)
        self._known: dict[str, str] = {"me": persona.name}
        self._used: dict[tuple[str, ...], list[str]] = {}
        self._asked, self._asked_ever = "", set[str]()
        self._steps, self._step = "", 0
        self._last, self._since_question = "", QUESTION_EVERY - 1

    def reply(self, history: tuple[Turn, ...]) -> Reply:
        """The answer to what was said last; a greeting where nothing was."""
        return Pieces(self._once(history[-1]))

    def copy(self) -> ScriptedHost:
        """Another that remembers the same until now; the rules are shared."""
        twin = copy(self)
        twin._chance = random.Random()
        twin._chance.setstate(self._chance.getstate())
        twin._known, twin._asked_ever = dict(self._known), set(self._asked_ever)
        twin._used = {answers: list(used) for answers, used in self._used.items()}
        return twin

    def _once(self, last: Turn) -> Iterator[str]:
        answer = self._answer(last.text[:MOST_CHARACTERS]) if last.role == "user" else self._greeting()
        self._last = answer
        yield answer

    def _greeting(self) -> str:
        self._asked = "name"
        self._asked_ever.add("name")
        return f"{self._one_of(self._script.greetings)} {self._script.questions['name']}"

    def _answer(self, text: str) -> str:
        """What is answered to all sentences of a turn together: what the first and the weightiest of them call for."""
        asked, self._asked = self._asked, ""
        said = sentences(text)
        matches = [match for sentence in said if (match := best_match(self._script, sentence, asked)) is not None]
        kept = [match for match in matches if self._remember(match, text)]
        if not kept:
            return self._without_rule(text)
        weighty = [match for match in kept if not match.rule.light] or kept
        main = max(weighty, key=lambda match: match.letters)
        first = [match for match in kept[:1] if match.rule is not main.rule]
        parts = [*(self._of_rule(match)[0] for match in first), *self._of_rule(main)]
        return self._with_question([part for part in parts if part], main)

    def _of_rule(self, match: Match) -> list[str]:
        """The answer of a rule, in parts."""
        rule, script = match.rule, self._script
        if rule.again and self._last:
            return [script.words["again"], self._last]
        if rule.steps:
            self._steps, self._step = rule.steps, 0
        if rule.steps or rule.going_on:
            return [*([self._one_of(rule.answers)] if rule.answers else []), self._next_step()]
        if rule.asks:
            self._asked = rule.asks
            self._asked_ever.add(rule.asks)
        fillable = any(map(self._can_be_filled, rule.answers))
        return [self._one_of(rule.answers if fillable else rule.otherwise)]

    def _next_step(self) -> str:
        """The next part of what is being explained; where nothing is, or no more, so it says."""
        steps = self._script.steps.get(self._steps, ())
        if self._step >= len(steps):
            self._steps = ""
            return self._script.words["no_more_steps"]
        self._step += 1
        told = steps[self._step - 1]
        if self._step < len(steps):
            self._asked = "go_on"
            return f"{told} {self._script.words['go_on']}"
        self._steps = ""
        return told

    def _without_rule(self, text: str) -> str:
        """The answer where no rule fits: to the feeling in it, else an honest way on."""
        felt = feeling_of(text, self._language)
        if felt.emotion in self._script.feelings and felt.strength >= LEAST_STRENGTH:
            return self._one_of(self._script.feelings[felt.emotion])
        return self._with_question([self._one_of(self._script.unknown)], None)

    def _with_question(self, parts: list[str], main: Match | None) -> str:
        """The answer, and where it asks nothing itself now and then a question that was not asked yet."""
        self._since_question += 1
        ends = main is not None and main.rule.ends
        open_ones = [name for name in self._script.questions if name not in self._asked_ever and name not in self._known]
        if open_ones and not ends and not parts[-1].endswith("?") and (self._since_question >= QUESTION_EVERY or main is None):
            self._asked, self._since_question = open_ones[0], 0
            self._asked_ever.add(open_ones[0])
            parts = [*parts, self._script.questions[open_ones[0]].format_map(self._known)]
        return " ".join(parts)

    def _remember(self, match: Match, text: str) -> bool:
        """Keep what the rule takes from the sentence; False where it can't be that."""
        if not match.rule.remember:
            return True
        words = self._name(match.words, text) if match.rule.remember == "name" else self._turned_round(match.words)
        if words:
            self._known[match.rule.remember] = words
        return bool(words)

    def _name(self, words: str, text: str) -> str:
        """The name in the words, written as the person wrote it; empty where it is none."""
        taken: list[str] = []
        for word in words.split():
            if word in self._script.no_names or len(taken) == MOST_NAME_WORDS:
                break
            taken.append(word)
        written = {plain(word): word.strip(".,!?;:\"'“”„()*") for word in text.split()}
        name = " ".join(written.get(word, word) for word in taken)
        return (name if name != name.lower() else name.title())[:MOST_REMEMBERED_CHARACTERS]

    def _turned_round(self, words: str) -> str:
        """The words from the other's point of view: my dog, your dog."""
        return " ".join(self._script.swap.get(word, word) for word in words.split())[:MOST_REMEMBERED_CHARACTERS].rstrip()

    def _one_of(self, answers: Sequence[str]) -> str:
        """One of the answers that can be filled, and not again until all of them were said."""
        possible = [each for each in answers if self._can_be_filled(each)]
        used = self._used.setdefault(tuple(answers), [])
        fresh = [each for each in possible if each not in used]
        if not fresh:
            last = used[-1:]
            used.clear()
            fresh = [each for each in possible if each not in last] or possible
        chosen = self._chance.choice(fresh)
        used.append(chosen)
        tag, _, said = chosen.format_map(self._known).partition("* ")
        return f"{tag}* {said[:1].upper()}{said[1:]}"

    def _can_be_filled(self, answer: str) -> bool:
        return all(name is None or name in self._known for _, name, _, _ in Formatter().parse(answer))
