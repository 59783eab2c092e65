"""Is a lecture in another language right, and in time? Our own media: a Spanish voice, and the demo portrait that speaks with it.

    python -m benchmarks.dub_translation [--json]

A lecture of eleven sentences, about 45 s, is spoken by Kokoro (Spanish, read by espeak-ng), drawn by the mesh engine, and dubbed
into English by `translate_film`. Whisper hears the original and the result anew: of each sentence is told how far the new one
begins from the old one, of the words how many are heard otherwise than the subtitles have them. Lips: see `benchmarks.dub`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.spoken_words import errors, words_of
from core.contracts import FloatArray
from core.errors import BelcantoError
from media.sound_reader import read_audio_blocks
from neural.log_mel import RATE_HZ
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_settings import SongToVideoSettings
from pipeline.text_settings import TextToVideoSettings
from pipeline.text_to_video import text_to_video
from pipeline.translating.settings import ENGLISH, TranslationSettings
from pipeline.translating.translate_film import translate_film
from speech.hearing.long_sound import HeardSentence, heard_sentences

LECTURE = """\
Buenos días a todos y bienvenidos a esta clase. Hoy vamos a hablar del agua y de por qué es tan importante para la vida.
El agua cubre casi tres cuartas partes de la superficie de la Tierra. [pause 0.6] Sin embargo, sólo una pequeña parte de esa agua
es dulce. Las plantas toman el agua por las raíces y la llevan hasta las hojas. Allí, con la luz del sol, producen el azúcar que
necesitan para crecer. [pause 0.4] ¿Y qué pasa cuando llueve mucho? El río crece, y a veces el agua entra en las casas. Por eso
construimos puentes altos y muros fuertes. En la próxima clase veremos cómo se limpia el agua en la ciudad. Muchas gracias por su
atención, y hasta mañana.
"""
ROOT = Path(__file__).resolve().parent.parent
HEIGHT_PX = 480


def heard(path: Path) -> list[HeardSentence]:
    """What Whisper hears in a file."""
    return list(heard_sentences(read_audio_blocks(path, RATE_HZ, 1, 10 * RATE_HZ)))


def starts_apart_s(before: list[HeardSentence], spoken: FloatArray) -> FloatArray:
    """(n,) how far each spoken sentence begins from the nearest of the original's."""
    own = np.array([each.start_s for each in before])
    return np.abs(spoken[:, None] - own[None]).min(axis=1)


def measure(folder: Path) -> dict[str, Any]:
    """Make both films in the folder, and measure."""
    cache = StageCache(CacheSettings(folder / "cache", 10_000_000_000))
    lecture, result = folder / "lecture.mp4", folder / "english.mp4"
    settings = TextToVideoSettings(voice="em_alex", film=SongToVideoSettings(height=HEIGHT_PX))
    made = text_to_video(ROOT / "demo" / "portrait.jpg", LECTURE, lecture, settings, cache=cache)
    begin_s = time.perf_counter()
    report = translate_film(lecture, result, TranslationSettings(subtitles="srt"), cache=cache)
    took_s = time.perf_counter() - begin_s
    before, after = heard(lecture), heard(result)
    return {
        "lecture_s": round(made.duration_s, 1),
        "seconds_a_second": round(took_s / made.duration_s, 2),
        "seconds": report.seconds,
        "sentences": report.sentences,
        **timing(before, after),
        **wording(result, after),
        "heard": [each.text for each in after],
    }


def timing(before: list[HeardSentence], after: list[HeardSentence]) -> dict[str, Any]:
    """How far the sentences begin from the original's, as both are heard."""
    apart = starts_apart_s(before, np.array([each.start_s for each in after]))
    return {
        "heard_before": len(before),
        "heard_after": len(after),
        "worst_start_s": round(float(apart.max()), 3),
        "median_start_s": round(float(np.median(apart)), 3),
    }


def wording(result: Path, after: list[HeardSentence]) -> dict[str, Any]:
    """Words that are heard otherwise than the subtitles have them, of 100."""
    lines = result.with_suffix(".srt").read_text(encoding="utf-8").split("\n\n")
    meant = " ".join(" ".join(block.splitlines()[2:]) for block in lines if block.strip())
    wanted = words_of(meant, ENGLISH)
    wrong = errors(wanted, words_of(" ".join(each.text for each in after), ENGLISH))
    return {"words": len(wanted), "words_wrong_percent": round(100 * wrong / max(len(wanted), 1), 1)}


def main() -> int:
    """Print the figures; 1 where a sentence is out of time or the words are wrong."""
    parser = argparse.ArgumentParser(description="A lecture into another language: words and times.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    try:
        with TemporaryDirectory(prefix="belcanto-") as folder:
            told = measure(Path(folder))
    except BelcantoError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if options.json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        for name, value in told.items():
            print(f"{name}: {value}")
    return 0 if told["worst_start_s"] <= 0.3 and told["words_wrong_percent"] <= 5 else 1


if __name__ == "__main__":
    sys.exit(main())
