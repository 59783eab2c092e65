"""Who has the floor: states, breaking in, and a transcript of what was really said."""

from __future__ import annotations

import threading
import time

import pytest

from benchmarks.model_server import FakeServer
from live.conversation.mind import MindError, Pieces, Turn
from live.conversation.persona import persona_named
from live.conversation.server_mind import ServerMind, ServerSettings
from live.dialogue import MOST_WAITING, Dialogue, State
from live.transcript import heard_part
from speech.emotion.feeling import feeling
from speech.voice import Word

REPLY = "*joy* One two. *sad* Three four. *neutral* Five six."


class Told:
    """A mind that answers with what it is given, and remembers what it was shown."""

    def __init__(self, *replies):
        self.replies, self.shown = list(replies), []

    def reply(self, history):
        self.shown.append(history)
        answer = self.replies.pop(0)
        return answer if hasattr(answer, "close") else Pieces(answer)

    def copy(self):
        return self


def dialogue(*replies, **options):
    states = []
    mind = Told(*replies)
    talk = Dialogue(persona_named("aria"), mind, on_state=states.append, **options)
    return talk, mind, states


def speak(talk, count=99):
    """Say `count` sentences as they come, or all."""
    said = []
    while len(said) < count and (sentence := talk.next_sentence(2.0)):
        assert talk.wanted(sentence)
        talk.heard(sentence, sentence.text)
        said.append(sentence)
        if talk.state is State.IDLE:
            break
    return said


def until(condition, limit_s=3.0):
    end_s = time.monotonic() + limit_s
    while not condition() and time.monotonic() < end_s:
        time.sleep(0.005)
    assert condition()


def test_a_turn_from_listening_to_idle():
    talk, mind, states = dialogue(REPLY)
    talk.person_begins()
    talk.person_said("Hello?")
    said = speak(talk)
    until(lambda: talk.state is State.IDLE)
    assert states == [State.LISTENING, State.THINKING, State.SPEAKING, State.IDLE]
    assert [sentence.text for sentence in said] == ["One two.", "Three four.", "Five six."]
    assert [sentence.feeling for sentence in said] == [feeling("joy"), feeling("sadness"), feeling("neutral")]
    person, avatar = talk.transcript
    assert (person.who, person.text) == ("person", "Hello?")
    assert (avatar.who, avatar.text, avatar.interrupted) == ("avatar", "One two. Three four. Five six.", False)
    assert mind.shown[0][-1] == Turn("user", "Hello?") and mind.shown[0][0].role == "system"


def test_breaking_in_keeps_only_what_was_heard():
    talk, mind, _ = dialogue(REPLY, "*joy* Good. ")
    talk.person_said("Hello?")
    (first,) = speak(talk, 1)
    second = talk.next_sentence(2.0)
    talk.heard(second, "Three")
    begun_s = time.monotonic()
    talk.person_begins()
    assert time.monotonic() - begun_s < 0.05 and talk.state is State.LISTENING
    assert not talk.wanted(first) and not talk.wanted(second) and talk.next_sentence() is None
    talk.heard(second, second.text)  # what still sounds after that was not heard
    assert [entry.text for entry in talk.transcript] == ["Hello?", "One two. Three"]
    assert talk.transcript[-1].interrupted and len(talk.transcript[-1].feelings) == 2
    talk.person_said("Stop.")
    talk.heard(second, second.text)  # nor is it the next answer's
    assert talk.state is State.THINKING
    until(lambda: len(mind.shown) == 2)
    assert mind.shown[1][-2:] == (Turn("assistant", "One two. Three"), Turn("user", "Stop."))
    assert [sentence.text for sentence in speak(talk)] == ["Good."]


def test_typing_breaks_in_too_and_an_answer_that_nobody_heard_was_not_given():
    talk, mind, _ = dialogue(REPLY, REPLY)
    talk.person_said("First.")
    until(lambda: len(mind.shown) == 1)
    talk.person_said("Second.")
    assert [entry.text for entry in talk.transcript] == ["First.", "Second."]
    assert mind.shown[1][-1] == Turn("user", "First. Second.")
    assert len(speak(talk)) == 3


def test_nothing_understood_is_no_turn():
    talk, mind, states = dialogue()
    talk.person_begins()
    talk.person_said("   ")
    assert states == [State.LISTENING, State.IDLE] and not mind.shown and not talk.transcript


def test_a_mind_that_fails_is_said_and_what_it_said_stays():
    def half():
        yield "*joy* One two. Three"
        raise MindError("live.mind_cut", host="here")

    errors = []
    talk, _, _ = dialogue(half(), on_error=errors.append)
    talk._mind.replies = [Pieces(half())]
    talk.person_said("Hello?")
    said = speak(talk, 2)
    until(lambda: talk.state is State.IDLE)
    assert [sentence.text for sentence in said] == ["One two.", "Three"]
    assert [error.code for error in errors] == ["live.mind_cut"]
    assert talk.transcript[-1].text == "One two. Three"


def test_a_mind_that_says_nothing_ends_in_idle():
    talk, _, states = dialogue([])
    talk.person_said("Hello?")
    until(lambda: talk.state is State.IDLE)
    assert states == [State.THINKING, State.IDLE]


def test_a_mind_without_end_waits_and_is_stopped():
    taken, closed = [], threading.Event()

    def endless():
        for number in range(10**6):
            taken.append(number)
            yield f"*joy* Sentence {number}. "

    class Watched(Pieces):
        def close(self):
            closed.set()
            super().close()

    talk, _, _ = dialogue(Watched(endless()))
    talk.person_said("Talk!")
    until(lambda: len(taken) > MOST_WAITING)
    time.sleep(0.1)
    assert len(taken) <= MOST_WAITING + 2
    talk.person_begins()
    assert closed.is_set()
    until(lambda: not any(thread.name == "mind" for thread in threading.enumerate()))


def test_the_persona_greets_first():
    talk, mind, _ = dialogue()
    talk.greet()
    said = speak(talk)
    assert said[0].text.startswith("Hello, I'm Aria") and not mind.shown
    until(lambda: talk.state is State.IDLE)
    assert talk.transcript[0].text.endswith("What's your name?")


def test_breaking_in_hangs_up_on_a_server_at_once():
    with FakeServer(answer="*joy* " + "A word or two. " * 100) as server:
        talk = Dialogue(persona_named("aria"), ServerMind(ServerSettings(server.url, "tiny")))
        talk.person_said("Hello?")
        sentence = talk.next_sentence(3.0)
        talk.heard(sentence, sentence.text)
        begun_s = time.monotonic()
        talk.person_begins()
        assert time.monotonic() - begun_s < 0.3
        assert server.hung_up.wait(1.0)
    assert talk.transcript[-1].text == "A word or two."


WORDS = (Word("Hello", 0.1, 0.5), Word("my,", 0.5, 0.8), Word("friend!", 0.9, 1.4))


@pytest.mark.parametrize(
    ("heard_s", "words", "part"),
    [
        (0.0, WORDS, ""),
        (0.05, WORDS, ""),
        (0.3, WORDS, "Hello"),
        (0.7, WORDS, "Hello my,"),
        (0.95, WORDS, "Hello my, friend!"),
        (2.0, WORDS, "Hello my, friend!"),
        (0.1, (), ""),
        (0.8, (), "Hello my,"),
        (1.5, (), "Hello my, friend!"),
    ],
)
def test_what_was_heard_of_a_sentence(heard_s, words, part):
    assert heard_part("Hello my, friend!", words, 1.5, heard_s) == part


def test_an_answer_is_begun_ahead_and_kept_where_the_person_was_done():
    talk, mind, states = dialogue(REPLY)
    talk.person_begins()
    talk.suppose("Hello?")
    sentence = talk.next_sentence(2.0)
    assert talk.supposed(sentence) and not talk.wanted(sentence) and states == [State.LISTENING]
    assert mind.shown[0][-1] == Turn("user", "Hello?") and talk.transcript == ()
    talk.suppose("Hello?")
    talk.person_said("Hello? ")
    assert talk.wanted(sentence) and talk.state is State.THINKING and len(mind.shown) == 1
    talk.heard(sentence, sentence.text)
    assert [each.text for each in speak(talk)] == ["Three four.", "Five six."]
    assert [entry.text for entry in talk.transcript] == ["Hello?", "One two. Three four. Five six."]


def test_what_was_supposed_is_forgotten_where_the_person_goes_on():
    talk, mind, _ = dialogue(REPLY, REPLY, "*joy* Good.")
    talk.person_begins()
    talk.suppose("I would")
    sentence = talk.next_sentence(2.0)
    talk.forget()
    assert not talk.supposed(sentence) and talk.next_sentence() is None
    talk.suppose("I would like")
    talk.person_said("I would like to sing.")
    assert [each.text for each in speak(talk)] == ["Good."]
    assert [entry.text for entry in talk.transcript] == ["I would like to sing.", "Good."]
    assert [turn.text for turn in mind.shown[-1][1:]] == ["I would like to sing."]


def test_why_a_supposed_answer_failed_is_told_only_if_it_is_wanted():
    errors = []
    talk, _, _ = dialogue(Failing(), Failing(), on_error=errors.append)
    talk.person_begins()
    talk.suppose("Hello?")
    time.sleep(0.1)
    assert errors == []
    talk.person_said("Hello?")
    until(lambda: [error.code for error in errors] == ["live.mind_unreachable"] and talk.state is State.IDLE)


class Failing:
    """A reply that never comes."""

    def __iter__(self):
        return self

    def __next__(self):
        raise MindError("live.mind_unreachable", host="x", error="y")

    def close(self):
        pass
