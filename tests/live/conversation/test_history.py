"""What a model is shown of a conversation: within its budget, the persona always."""

from __future__ import annotations

from live.conversation.history import CUT, History, HistorySettings, tokens_of
from live.conversation.mind import ReadAloud


def cost(turns):
    return sum(tokens_of(turn.text) + 4 for turn in turns)


def test_the_oldest_go_first_and_the_persona_stays():
    history = History("You are Aria.", HistorySettings(budget_tokens=100))
    for number in range(50):
        history.add("user", f"Question number {number}?")
        history.add("assistant", f"Answer number {number}.")
        assert cost(history.turns) <= 100
        assert history.turns[0].role == "system" and history.turns[0].text == "You are Aria."
        assert history.turns[-1].text == f"Answer number {number}." and history.turns[1].role == "user"
    assert 6 < len(history.turns) < 20
    assert len(history._turns) < 20


def test_a_long_turn_is_shortened_and_pushes_out_no_others():
    history = History("P", HistorySettings(budget_tokens=200))
    history.add("user", "My name is Ida.")
    history.add("assistant", "Hello Ida.")
    history.add("user", f"begin {'x ' * 5000} end")
    assert [turn.text for turn in history.turns[1:3]] == ["My name is Ida.", "Hello Ida."]
    long = history.turns[3].text
    assert long.startswith("begin") and long.endswith("end") and CUT in long and cost(history.turns) <= 200


def test_sentences_of_one_speaker_are_one_turn_and_nothing_is_none():
    history = History("P")
    history.add("user", "Hello.")
    history.add("user", "Are you there?")
    history.add("assistant", "  ")
    history.add("user", "")
    assert [turn.text for turn in history.turns] == ["P", "Hello. Are you there?"]


def test_who_greets_first_is_shown_until_the_person_speaks():
    history = History("P")
    history.add("assistant", "Welcome!")
    assert [turn.role for turn in history.turns] == ["system", "assistant"]
    history.add("user", "Hi")
    assert [turn.role for turn in history.turns] == ["system", "user"]


def test_scripts_without_blanks_cost_more_than_letters():
    assert tokens_of("こんにちは世界") == 7
    assert tokens_of("hello world") == 4
    assert tokens_of("") == 0


def test_reading_aloud_says_what_was_typed():
    history = History("P")
    assert list(ReadAloud().reply(history.turns)) == []
    history.add("user", "*joy* Read this.")
    assert list(ReadAloud().reply(history.turns)) == ["*joy* Read this."]
