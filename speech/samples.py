"""A sentence by which a voice is heard before it is chosen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from speech.speaker import SpeechSettings, open_voice
from speech.voices import language_of

#: In each language much the same: who speaks, and that a picture will say it.
SENTENCES = {
    "en-US": "Hello! Give me a picture, and I will say whatever you write.",
    "en-GB": "Hello! Give me a picture, and I will say whatever you write.",
    "es": "¡Hola! Dame una imagen y diré todo lo que escribas.",
    "fr": "Bonjour ! Donnez-moi une image et je dirai tout ce que vous écrivez.",
    "hi": "नमस्ते! मुझे एक तस्वीर दीजिए, और आप जो लिखेंगे, मैं वही कहूँगी।",
    "it": "Ciao! Dammi un'immagine e dirò tutto quello che scrivi.",
    "ja": "こんにちは。写真をください。書いたことを何でも話します。",
    "pt-BR": "Olá! Me dê uma imagem e direi tudo o que você escrever.",
    "zh": "你好！给我一张照片，你写什么，我就说什么。",
}


def write_sample(voice: str, target: Path) -> None:
    """Have the voice say its language's sentence into the WAV file `target`: mono, 16 bits.

    Raises InputError for a voice that there is not, MissingError where a part is missing.
    """
    said = list(open_voice(SpeechSettings(voice=voice)).say(SENTENCES[language_of(voice)]))
    soundfile.write(target, np.concatenate([each.sound for each in said]), said[0].rate_hz, "PCM_16", format="WAV")
