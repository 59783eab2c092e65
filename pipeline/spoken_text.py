"""What was spoken of a text: the sound file, and its sentences, words and phonemes with their times."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.contracts import StyledSection
from speech.voice import Phoneme, Word

SOUND_NAME, RECORD_NAME = "voice.wav", "spoken.json"


@dataclass(frozen=True)
class SpokenSentence:
    """One sentence. style: the one that its feeling asks for; None: none was named. Times in seconds from the sound's beginning;
    words, phonemes: empty where the voice does not tell. unsure: words that were read by a guess."""

    text: str
    style: str | None
    start_s: float
    end_s: float
    words: tuple[Word, ...] = ()
    phonemes: tuple[Phoneme, ...] = ()
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True)
class SpokenText:
    """sound: a WAV of the voice alone, duration_s long. sentences: in order."""

    sound: Path
    duration_s: float
    sentences: tuple[SpokenSentence, ...]

    @property
    def phonemes(self) -> tuple[Phoneme, ...]:
        """All phonemes, in order."""
        return tuple(phoneme for sentence in self.sentences for phoneme in sentence.phonemes)

    @property
    def unsure(self) -> tuple[str, ...]:
        """The words that were read by a guess, each once."""
        return tuple(dict.fromkeys(word for sentence in self.sentences for word in sentence.unsure))

    def feelings(self, otherwise: Callable[[str], str]) -> tuple[StyledSection, ...]:
        """The style of every sentence, without gaps: one goes over to the next amid the silence between two sentences, and the
        last lasts beyond the end. otherwise: the style of a sentence that names none, by its text."""
        edges_s = [0.5 * (one.end_s + next_.start_s) for one, next_ in zip(self.sentences, self.sentences[1:], strict=False)]
        spans_s = zip([0.0, *edges_s], [*edges_s, self.duration_s + 1.0], self.sentences, strict=True)
        return tuple(StyledSection(start_s, stop_s, each.style or otherwise(each.text)) for start_s, stop_s, each in spans_s)

    def as_json(self) -> dict[str, Any]:
        """As JSON values; `from_json` reads them."""
        sentences = [asdict(each) for each in self.sentences]
        return {"sound": self.sound.name, "duration_s": self.duration_s, "sentences": sentences}

    @staticmethod
    def from_json(record: Mapping[str, Any], folder: Path) -> SpokenText:
        """What `as_json` wrote, of a sound in `folder`."""
        sentences = tuple(
            SpokenSentence(
                **{
                    **each,
                    "words": tuple(Word(**word) for word in each["words"]),
                    "phonemes": tuple(Phoneme(**phoneme) for phoneme in each["phonemes"]),
                    "unsure": tuple(each["unsure"]),
                }
            )
            for each in record["sentences"]
        )
        return SpokenText(folder / record.get("sound", SOUND_NAME), record["duration_s"], sentences)

    def save(self, folder: Path) -> None:
        """Write the record beside the sound; `load` reads it."""
        (folder / RECORD_NAME).write_text(json.dumps(self.as_json(), ensure_ascii=False), encoding="utf-8")

    @staticmethod
    def load(folder: Path) -> SpokenText:
        """The record that lies in the folder."""
        return SpokenText.from_json(json.loads((folder / RECORD_NAME).read_text(encoding="utf-8")), folder)
