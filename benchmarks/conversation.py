"""A conversation, measured from outside: `python -m benchmarks.conversation --picture demo/portrait.jpg [--parts host barge]`.

A person speaks into the avatar's microphone in real time, questions of another voice of Kokoro's, and what the avatar gives is
looked at as any stream does: when it is heard after the question's end, when it falls silent after it was broken in on, how long
it pauses, how many pictures are late. A model is stood for by a local server of the real protocol, 50 tokens a second, which also
fails in several ways.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.conversation_person import Person, spoken
from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from benchmarks.model_server import FakeServer
from core.errors import BelcantoError
from core.messages import as_written
from live.avatar import Avatar, AvatarOrder, MindOrder
from live.session.open import open_avatar

QUESTIONS = (
    *("Hello, my name is Thomas.", "What can you do?", "How does it work?", "Tell me a joke, please.", "Can you sing a song?"),
    *("How are you today?", "What kind of music do you like?", "Are you a real person?", "I am a little sad today."),
    "Thank you, goodbye.",
)
INTERRUPTION = "Wait a moment, please stop."
MODEL_ANSWER = "*joy* That is a lovely question about music! *neutral* I would begin with a short song. *surprise* Shall we try?"
FIRST_SENTENCE_ENDS = "music!"
KEY = "sk-benchmark-0123456789abcdef"
FAULTS: tuple[tuple[str, Any], ...] = (
    ("slow", "slow"),
    ("cut", "cut"),
    ("busy (429), then well", (429, {"Retry-After": "1"}, '{"error": {"message": "slow down"}}')),
    ("bad JSON", "bad json"),
    ("wrong key (401)", (401, {}, f'{{"error": {{"message": "bad key {KEY}"}}}}')),
)
Row = dict[str, Any]


def opened(order: AvatarOrder) -> tuple[Avatar, Person, float]:
    """The avatar once it is ready and has greeted, the person before it, and how long it took to get ready."""
    begin_s = time.monotonic()
    avatar = open_avatar(order)
    if not avatar.ready.wait(300) or avatar.failed:
        raise BelcantoError(as_written(f"The avatar does not get ready: {avatar.failed}"))
    ready_s, person = time.monotonic() - begin_s, Person(avatar)
    person.heard_after(begin_s)
    settled(person, time.monotonic())
    return avatar, person, ready_s


def settled(person: Person, since_s: float) -> None:
    """Wait until the avatar has said all it has to say."""
    person.wait_for("state", since_s, 90, state="idle")
    quiet(person)


def quiet(person: Person, for_s: float = 0.6) -> None:
    """Wait until the avatar has not been heard for a moment."""
    while True:
        now_s = time.monotonic()
        if not any(at_s > now_s - for_s and level > 160 for at_s, level in tuple(person.loud[-200:])):
            return
        time.sleep(0.05)


def ask(person: Person, sound: np.ndarray[Any, Any]) -> Row:
    """One question, answered to the end."""
    begin_s = time.monotonic()
    person.say(sound)
    first_s = person.heard_after(person.ended_s)
    heard = [event.values["text"] for event in person.told("heard", begin_s) if event.values["final"]]
    settled(person, person.ended_s)
    return {"heard": " ".join(heard), "first_sound_s": None if first_s is None else round(first_s - person.ended_s, 3)}


def host(order: AvatarOrder) -> Row:
    """Ten turns with the scripted host."""
    questions = [spoken(text) for text in QUESTIONS]
    avatar, person, ready_s = opened(order)
    turns = [{"said": text, **ask(person, sound)} for text, sound in zip(QUESTIONS, questions, strict=True)]
    row = {"ready_s": round(ready_s, 2), "turns": turns, **avatar.figures(), "quality": quality_told(person)}
    person.leave()
    avatar.close()
    return row


def quality_told(person: Person) -> list[Row]:
    """What was told of the quality."""
    return [
        {"at_s": event.at_s, "height": event.values["height"], "fps": event.values["fps"]} for event in person.told("quality")
    ]


def barge(order: AvatarOrder) -> Row:
    """The person breaks in on the avatar, five times."""
    question, interruption = spoken("How does it work?"), spoken(INTERRUPTION)
    avatar, person, _ = opened(order)
    stopped_s = []
    for _ in range(5):
        person.say(question)
        if person.heard_after(person.ended_s) is None:
            continue
        time.sleep(1.0)
        person.say(interruption)
        stopped_s.append(round(person.silent_after(person.began_s) - person.began_s, 3))
        settled(person, person.ended_s)
    inside = avatar.figures()["barge_in_s"]
    person.leave()
    avatar.close()
    return {"stopped_s": stopped_s, "known_inside_s": inside}


def model(order: AvatarOrder) -> Row:
    """A model's stream, well and with faults; the key must show nowhere."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    question = spoken("What shall we listen to?")
    rows = []
    with FakeServer(answer=MODEL_ANSWER) as server:
        mind = MindOrder("server", server.url, "test", KEY)
        avatar, person, _ = opened(AvatarOrder(order.portrait, order.engine, mind=mind, height=order.height))
        for name, fault in (("well", ""), ("well", ""), ("well", ""), *FAULTS, ("well", "")):
            server.faults, sent, begin_s = [fault] if fault else [], len(server.sent), time.monotonic()
            turn = ask(person, question)
            ended = [at_s for word, at_s in server.sent[sent:] if word == FIRST_SENTENCE_ENDS]
            first_s = person.heard_after(person.ended_s, 0.1)
            turn["after_first_sentence_s"] = round(first_s - ended[-1], 3) if ended and first_s is not None else None
            rows.append({"fault": name, **turn, "errors": [event.values["code"] for event in person.told("error", begin_s)]})
        told = [repr(person.events), json.dumps(avatar.figures()), json.dumps(avatar.transcript()), repr(mind), log.getvalue()]
        told += [json.dumps(avatar.timeline()), repr(avatar)]
        person.leave()
        avatar.close()
    logging.getLogger().removeHandler(handler)
    return {"turns": rows, "key_seen": any(KEY in text for text in told)}


def three(order: AvatarOrder) -> Row:
    """Three sessions on this machine, asked at once, three times, each something else."""
    sessions = [opened(order) for _ in range(3)]
    rounds: list[list[float | None]] = []
    texts = ("How does it work?", "What can you do?", "Tell me a joke.")
    for turn in range(3):
        begin_s = time.monotonic()
        for place, (avatar, _, _) in enumerate(sessions):
            avatar.said(texts[(turn + place) % 3])
        firsts = [person.heard_after(begin_s, 60) for _, person, _ in sessions]
        rounds.append([None if at_s is None else round(at_s - begin_s, 3) for at_s in firsts])
        for _, person, _ in sessions:
            settled(person, begin_s)
    rows = [avatar.figures() for avatar, _, _ in sessions]
    for avatar, person, _ in sessions:
        person.leave()
        avatar.close()
    return {"first_sound_s": rounds, "sessions": rows}


def long(order: AvatarOrder, minutes: float) -> Row:
    """Many turns; late pictures and memory."""
    avatar, person, _ = opened(order)
    sounds = [spoken(text) for text in QUESTIONS[:5]]
    begin_s, memory_mb, turns = time.monotonic(), [], 0
    while time.monotonic() < begin_s + 60 * minutes:
        ask(person, sounds[turns % len(sounds)])
        turns += 1
        memory_mb.append(memory_now_mb())
    row = {"turns": turns, "memory_mb": memory_mb, **avatar.figures(), "quality": quality_told(person)}
    person.leave()
    avatar.close()
    return row


def memory_now_mb() -> float:
    """What this process holds now, in 10^6 bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * 4096 / 1e6, 1)


def summary(name: str, row: Row) -> list[str]:
    """Lines of the table."""
    if name == "host":
        first = [turn["first_sound_s"] for turn in row["turns"] if turn["first_sound_s"] is not None]
        late = row["late_frames"] / max(1, row["frames"])
        return [
            f"| host: end of question to sound, median / most of {len(first)} | {np.median(first):.2f} / {max(first):.2f} s |",
            f"| host: pauses between sentences, most | {max(row['pauses_s'], default=0.0):.2f} s + 0.3 s in the sound |",
            f"| host: breaks inside sentences, late pictures | {len(row['breaks_s'])}, {late:.1%} |",
        ]
    if name == "barge":
        return [
            f"| broken in on: silent after, median / most | {np.median(row['stopped_s']):.2f} / {max(row['stopped_s']):.2f} s |"
        ]
    if name == "model":
        well = [turn["after_first_sentence_s"] for turn in row["turns"] if turn["after_first_sentence_s"] is not None]
        faults = "; ".join(f"{turn['fault']}: {', '.join(turn['errors']) or 'said'}" for turn in row["turns"])
        return [
            f"| model: first sentence to first sound, median / most | {np.median(well):.2f} / {max(well):.2f} s |",
            f"| model: faults | {faults} |",
            f"| model: key seen in what is told or logged | {row['key_seen']} |",
        ]
    if name == "three":
        breaks = [len(each["breaks_s"]) for each in row["sessions"]]
        return [f"| three sessions: first sound | {row['first_sound_s']} s |", f"| three sessions: breaks | {breaks} |"]
    late = row["late_frames"] / max(1, row["frames"])
    memory = row["memory_mb"]
    return [
        f"| long: {row['turns']} turns, late pictures | {late:.2%} of {row['frames']} |",
        f"| long: memory at the first, middle and last turn | {memory[0]}, {memory[len(memory) // 2]}, {memory[-1]} MB |",
    ]


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conversation", description=__doc__)
    names = ("host", "barge", "model", "three", "long")
    parser.add_argument("--picture", type=Path, required=True)
    parser.add_argument("--parts", nargs="+", choices=names, default=names)
    parser.add_argument("--height", type=int, default=512)
    parser.add_argument("--minutes", type=float, default=5.0, help="of the part `long`")
    parser.add_argument("--json", type=Path, help="where the figures are written")
    given = parser.parse_args(arguments)
    order = AvatarOrder(given.picture, height=given.height)
    parts: dict[str, Callable[[AvatarOrder], Row]] = {
        **{"host": host, "barge": barge, "model": model, "three": three},
        "long": lambda order: long(order, given.minutes),
    }
    figures: Row = {"machine": describe_machine().sentence()}
    print(figures["machine"], "\n\n| what | value |\n|---|---|")
    for name in given.parts:
        figures[name] = parts[name](order)
        print("\n".join(summary(name, figures[name])), flush=True)
        if given.json:
            given.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
