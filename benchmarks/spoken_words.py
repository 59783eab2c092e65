"""Are the spoken sentences understood? What Whisper base hears of them, against the words that should be said.

    pip install faster-whisper
    python -m benchmarks.spoken_words [--voices af_heart bm_george] [--languages en es fr] [--json]

The sentences are full of numbers, names, abbreviations and heteronyms; their words were written out by hand. What Whisper writes
is put into words by the same rules as any text ("$3.50"). Word error rate: changed, left-out and added words for 100 that should
be said; of Chinese and Japanese, of characters.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unicodedata import category, normalize

import numpy as np
from scipy.signal import resample_poly

from core.contracts import FloatArray
from core.errors import BelcantoError, MissingError
from core.messages import as_written
from speech.english.wording import said
from speech.languages.german import in_words
from speech.speaker import SpeechSettings, open_voice
from speech.voices import LENT
from weights.fetch import ensure_all

RATE_HZ = 16_000
PARTS = ("whisper_base_part1", "whisper_base_part2")
BESIDE = {
    "config.json": "whisper_base_config",
    "tokenizer.json": "whisper_base_tokenizer",
    "vocabulary.txt": "whisper_base_vocabulary",
}
#: A text, and its words where they are not as they stand.
ENGLISH: tuple[tuple[str, str], ...] = (
    ("Dr. Smith paid $3.50 for the book.", "doctor smith paid three dollars and fifty cents for the book"),
    ("The train leaves at 5:30 p.m. on May 21st.", "the train leaves at five thirty pm on may twenty first"),
    ("In 1998, about 12% of the U.S. population moved.",
     "in nineteen ninety eight about twelve percent of the us population moved"),
    ("I read the report yesterday, and I will read it again tomorrow.", ""),
    ("They record a new record every year.", ""),
    ("It weighs 2.5 kg, and it is 30 cm long.", "it weighs two point five kilograms and it is thirty centimeters long"),
    ("Mrs. Johnson lives at 42 Baker Street, next to St. Mary's Church.",
     "missus johnson lives at forty two baker street next to saint mary's church"),
    ("The company made $3 million in 2021.", "the company made three million dollars in twenty twenty one"),
    ("NASA launched 3 rockets from Florida, e.g. the Saturn.",
     "nasa launched three rockets from florida for example the saturn"),
    ("He was the 2nd president, and Henry VIII was a king.", "he was the second president and henry the eighth was a king"),
    ("Please close the window, the wind is cold.", ""),
    ("My phone number is 555-0199.", "my phone number is five five five zero one nine nine"),
    ("We need 1,250 chairs by 9 o'clock.", "we need one thousand two hundred fifty chairs by nine o'clock"),
    ("Barack Obama and Angela Merkel met in Washington.", ""),
    ("Add 3/4 cup of sugar, and stir it for 10-15 minutes.",
     "add three quarters cup of sugar and stir it for ten to fifteen minutes"),
    ("The temperature fell to -5°C last night.", "the temperature fell to minus five degrees celsius last night"),
    ("Send it to info@example.com before Friday.", "send it to info at example dot com before friday"),
    ("Professor Zuckerberg's CDs and DVDs are in the room.", ""),
    ("The bass player took a bow after the live concert.", ""),
    ("You'd better hurry up, she's already waiting.", ""),
)  # fmt: skip
GERMAN: tuple[tuple[str, str], ...] = (
    ("Guten Tag, ich bin Clara und ich lasse Bilder singen.", ""),
    ("Wie heißen Sie denn, und woher kommen Sie?", ""),
    ("Das Mädchen läuft schnell über die Straße.", ""),
    ("Ich möchte zwei frische Brötchen und eine Tasse Kaffee.", ""),
    ("Der Zug nach München fährt um 14:30 Uhr ab.", "der zug nach münchen fährt um vierzehn uhr dreißig ab"),
    ("Das Buch kostet 3,50 € im Laden.", "das buch kostet drei euro fünfzig im laden"),
    ("Am 3. Mai 2024 feiern wir Geburtstag.", "am dritten mai zweitausendvierundzwanzig feiern wir geburtstag"),
    ("Die Kirche steht mitten im Dorf.", ""),
    ("Heute ist das Wetter wirklich sehr schön.", ""),
    ("Können Sie mir bitte helfen, den Schlüssel zu finden?", ""),
    ("Meine Großmutter hat früher in Köln gewohnt.", ""),
    ("Wir haben 1250 Stühle und 40 Tische bestellt.",
     "wir haben eintausendzweihundertfünfzig stühle und vierzig tische bestellt"),
    ("Er spricht leider nicht so gut Englisch.", ""),
    ("Die Vögel fliegen im Herbst nach Süden.", ""),
    ("Vielen Dank für das freundliche Gespräch.", ""),
    ("Ungefähr 12 % der Menschen singen gern.", "ungefähr zwölf prozent der menschen singen gern"),
    ("Öffnen Sie das Fenster, es ist zu warm hier.", ""),
    ("Musik macht glücklich, auch wenn man traurig ist.", ""),
    ("Zuerst wählen Sie ein Bild und dann ein Lied.", ""),
    ("Ich habe gestern Abend ein spannendes Konzert gehört.", ""),
)  # fmt: skip
OTHERS = {
    "de": tuple(text for text, _ in GERMAN),
    "es": ("Buenos días, me llamo María y vivo en una casa pequeña.", "Mañana vamos a la playa con nuestros amigos.",
           "El tren sale a las nueve de la mañana."),
    "fr": ("Bonjour, je m'appelle Marie et j'habite à Paris.", "Les enfants sont arrivés hier avec leurs amis.",
           "Nous allons manger une belle tarte aux pommes."),
    "it": ("Buongiorno, mi chiamo Marco e abito a Roma.", "Gli amici sono arrivati ieri sera con il treno.",
           "Domani andiamo tutti insieme al mare."),
    "pt-BR": ("Bom dia, meu nome é Maria e eu moro no Brasil.", "Amanhã vamos à praia com os nossos amigos.",
              "O trem chega às nove horas da manhã."),
    "hi": ("नमस्ते, मेरा नाम मारिया है।", "आज मौसम बहुत अच्छा है।", "हम कल दिल्ली जाएंगे।"),
    "ja": ("こんにちは、わたしは げんきです。", "きょうは とても いい てんきです。"),
    "zh": ("你好，我的名字是王明。", "今天天气很好，我们去公园。"),
}  # fmt: skip
VOICES = {
    "de": LENT["de"]["woman"],
    "es": "ef_dora",
    "fr": "ff_siwis",
    "it": "if_sara",
    "pt-BR": "pf_dora",
    "hi": "hf_alpha",
    "ja": "jf_alpha",
    "zh": "zf_xiaobei",
}
BY_CHARACTERS = ("ja", "zh")
#: The words of texts that are not as they stand; of Japanese as Whisper writes what is spoken from kana.
WRITTEN = {
    **{text: words for text, words in GERMAN if words},
    OTHERS["ja"][0]: "こんにちは、私は元気です。",
    OTHERS["ja"][1]: "今日はとてもいい天気です。",
}
#: So that it writes in the letters of the texts: Devanagari, not Urdu's; short characters.
PROMPTS = {"hi": "यह हिंदी में लिखा है।", "zh": "以下是普通话的句子。"}


@dataclass(frozen=True)
class Heard:
    """One sentence: what should be said, what was heard, how many words of it are wrong, how long it is and took to speak."""

    wanted: str
    heard: str
    errors: int
    count: int
    sound_s: float
    processor_s: float


class Ear:
    """Whisper base under CTranslate2."""

    def __init__(self, folder: Path) -> None:
        """folder: where its files are put together. Raises MissingError where they, or faster-whisper, are missing."""
        try:
            whisper: Any = importlib.import_module("faster_whisper")  # this benchmark's alone, in no list of requirements
        except ImportError as error:
            raise MissingError(as_written("This benchmark needs faster-whisper: pip install faster-whisper")) from error
        (folder / "model.bin").write_bytes(b"".join(path.read_bytes() for path in ensure_all(PARTS)))
        for name, path in zip(BESIDE, ensure_all(BESIDE.values()), strict=True):
            (folder / name).write_bytes(path.read_bytes())
        self._model: Any = whisper.WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)

    def hear(self, sound: FloatArray, rate_hz: int, language: str) -> str:
        """What is said in a mono sound."""
        at_its_rate = resample_poly(sound, RATE_HZ, rate_hz).astype(np.float32)
        segments, _ = self._model.transcribe(
            at_its_rate, language=language[:2], beam_size=5, initial_prompt=PROMPTS.get(language)
        )
        return " ".join(segment.text.strip() for segment in segments)


def words_of(text: str, language: str) -> list[str]:
    """The words of a text as they are counted: in small letters, English in words, letters and marks apart."""
    if language == "en":
        text = " ".join(word for _, words in said(text, british=False) for word in words).replace(".", "")
    if language == "de":
        text = " ".join(words for _, words, _ in in_words(text.split())).replace("ß", "ss")
    plain = normalize("NFC", text.lower()).replace("’", "'")
    if language in BY_CHARACTERS:
        return [each for each in plain if category(each)[0] in "LN"]
    parted = re.sub(r"[^\w'\s\u0900-\u097f]|(?<!\w)'|'(?!\w)|।", " ", plain)
    return parted.split()


def errors(wanted: Sequence[str], heard: Sequence[str]) -> int:
    """Changed, left-out and added words between two texts: the least number."""
    row = list(range(len(heard) + 1))
    for place, word in enumerate(wanted, start=1):
        before, row[0] = row[0], place
        for other, mine in enumerate(heard, start=1):
            before, row[other] = row[other], min(row[other] + 1, row[other - 1] + 1, before + (word != mine))
    return row[-1]


def measure(ear: Ear, voice: str, language: str, texts: Sequence[tuple[str, str]]) -> list[Heard]:
    """Speak the texts and listen."""
    speaker = open_voice(SpeechSettings(voice=voice, language=language if language in LENT else ""))
    told = []
    for text, words in texts:
        begin_s = time.process_time()
        spoken = list(speaker.say(text))
        took_s = time.process_time() - begin_s
        sound = np.concatenate([each.sound for each in spoken])
        heard = ear.hear(sound, spoken[0].rate_hz, language)
        wanted = words_of(words or text, language)
        wrong = errors(wanted, words_of(heard, language))
        told.append(Heard(" ".join(wanted), heard, wrong, len(wanted), len(sound) / spoken[0].rate_hz, took_s))
    return told


def row_of(language: str, voice: str, told: Sequence[Heard]) -> dict[str, Any]:
    """The figures of one voice."""
    wrong, count = sum(each.errors for each in told), sum(each.count for each in told)
    return {
        "language": language,
        "voice": voice,
        "words": count,
        "errors": wrong,
        "error_rate": wrong / count,
        "processor_s_per_s": sum(each.processor_s for each in told) / sum(each.sound_s for each in told),
        "wrong": [(each.wanted, each.heard) for each in told if each.errors],
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voices", nargs="+", default=["af_heart", "am_michael", "bf_emma"], help="for the English sentences")
    parser.add_argument("--languages", nargs="+", choices=("en", *OTHERS), default=("en", *OTHERS))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    tasks: list[tuple[str, str, tuple[tuple[str, str], ...]]] = [
        ("en", voice, ENGLISH) for voice in asked.voices if "en" in asked.languages
    ]
    tasks += [
        (language, VOICES[language], tuple((text, WRITTEN.get(text, "")) for text in OTHERS[language]))
        for language in asked.languages
        if language != "en"
    ]
    rows = []
    with TemporaryDirectory() as folder:
        ear = Ear(Path(folder))
        for language, voice, texts in tasks:
            try:
                rows.append(row_of(language, voice, measure(ear, voice, language, texts)))
            except BelcantoError as error:
                print(f"{language}: {error}", file=sys.stderr)
    if asked.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    print("| language | voice | words | wrong | error rate | processor s a second of speech |\n|---|---|---|---|---|---|")
    for row in rows:
        cells = [row[name] for name in ("language", "voice", "words", "errors")]
        print(f"| {' | '.join(map(str, cells))} | {row['error_rate']:.1%} | {row['processor_s_per_s']:.2f} |")
    for row in rows:
        for wanted, heard in row["wrong"]:
            print(f"{row['voice']}: {wanted}\n    heard: {heard}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
