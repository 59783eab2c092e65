"""People who speak without end, for Wav2Lip's trainings: faces of portraits, drawn by the mesh engine to speech and song.

Each clip is a face and a sound. People who are held out speak sounds that nobody else does, so that neither their faces nor
what they say was ever seen before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path

import cv2
import numpy as np
import soundfile

from animators.mesh.runner import MeshRenderer
from animators.mesh.settings import MeshSettings
from core.contracts import ByteArray, DrivingSound, FloatArray, Motion, Portrait
from core.timebase import frame_count
from drawing.resizing import resized
from faces.faces import FaceFinder
from lipsync.wav2lip.training.dataset import FPS, write_clip
from media.pictures import load_picture
from media.sound_reader import excerpt_duration_s, read_audio
from motion.singing.settings import SingingSettings
from motion.singing.source import SungMotion
from neural.wav2lip_mel import SAMPLE_RATE_HZ, mel_spectrogram
from speech.speaker import RATE_HZ, SpeechSettings, open_voice

#: The face's height in pixels as it is drawn, and what a crop has below the chin in parts of it, where an open jaw goes.
FACE_PX, BELOW_CHIN = 96, 0.1
#: Smaller faces would be drawn blurred.
LEAST_FACE_PX = 90
SIDE = 96
PICTURES = (".jpg", ".png")
#: What people who are held out say, and nobody else; the others say `spoken_texts.ENGLISH` and `MORE`, a sentence at a time.
STRANGERS_SAY = """\
Pumpkins, beans, apples and plums covered the tables of the market. A woman with a purple bonnet sold mushrooms and fresh bread.
Above the roofs the bells of the abbey were about to ring. A pale moon moved behind the clouds.
Peter put both oars into the boat, pushed it off from the beach, and vanished into the fog before anyone could stop him."""
MORE = """\
The old harbour woke slowly. Boats came home with baskets full of silver fish, and everybody hurried to buy what they could.
Nobody noticed the small boy who had climbed up on the wall. Why would anybody wish for more?
We often believe that people who move quickly also think quickly, but that is hardly ever true in practice.
Give me a cup of tea, a warm room, and above all a very good book. Their food was almost gone, and their map was wrong.
Five brave explorers wandered through a vast forest, and each of them would have chosen that journey once again.
Whatever the weather may bring tomorrow, we must leave by half past seven. Pack your boots, and phone your mother.
How do birds find their way across the ocean? Some follow the stars, others feel the pull of the earth.
My favourite melody begins with a low hum, moves up in small steps, and opens into a wide and joyful sound.
Music, he used to say, is the only language that people of every village understand."""
VOICES = (
    *("am_adam", "af_bella", "bm_daniel", "bf_emma", "am_michael", "af_sarah", "bm_fable", "bf_alice", "am_puck", "af_heart"),
    *("am_eric", "af_nicole", "bm_lewis", "bf_isabella", "am_liam", "af_sky"),
)
STRANGERS_VOICES = ("am_fenrir", "bf_lily", "bm_george", "af_kore")
#: Each sentence is heard at these speeds, its pitch with it: a voice becomes several.
PACES = (1.0, 0.86, 1.16)


@dataclass(frozen=True)
class Spoken:
    """A sound that people speak: its file, the motion of a face that says it, and what the networks hear of it."""

    file: Path
    motion: Motion
    spectrogram: FloatArray


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, without the feelings that stand between stars."""
    plain = re.sub(r"\*[a-z]+\* *", "", text)
    return [each for line in plain.splitlines() for each in re.split(r"(?<=[.!?]) +(?=[A-Z])", line.strip()) if each]


def say_texts(folder: Path, text: str, voices: Sequence[str]) -> list[Path]:
    """WAV files of the text's sentences by the voices in turn, each at every pace. What is in the folder already is not said
    again. Raises MissingError where Kokoro's weights can't be had."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number, (sentence, voice) in enumerate(zip(sentences_of(text), cycle(voices), strict=False)):
        said = [folder / f"{number:03d}-{voice}-{pace}.wav" for pace in PACES]
        if not said[-1].is_file():
            parts = open_voice(SpeechSettings(voice=voice, early=False)).say(sentence)
            sound = np.concatenate([each.sound for each in parts])
            for file, pace in zip(said, PACES, strict=True):
                soundfile.write(file, sound, round(pace * RATE_HZ), "PCM_16")
        files += said
    return files


def portraits_of(folder: Path) -> Iterator[tuple[str, Portrait]]:
    """Name and portrait of each picture of one large face, so small that a crop is about as large as it is drawn."""
    with FaceFinder() as finder:
        for path in sorted(each for each in folder.iterdir() if each.suffix in PICTURES):
            picture = load_picture(path).image
            faces = finder.find(picture)
            if len(faces) != 1 or not faces[0].human or faces[0].box[3] - faces[0].box[1] < LEAST_FACE_PX:
                continue
            height, width = (2 * round(side * FACE_PX / (faces[0].box[3] - faces[0].box[1]) / 2) for side in picture.shape[:2])
            small = resized(picture, height, width)
            for face in finder.find(small)[:1]:
                yield path.stem, Portrait(small, face)


def spoken(sound: Path, folder: Path, seed: int) -> Spoken:
    """What a face does that says the sound; its head keeps still, so that a crop keeps its place. Work is left in `folder`."""

    def keep(choices: Mapping[str, object], make: Callable[[Path], None]) -> Path:
        make(folder)
        return folder

    frames = frame_count(excerpt_duration_s(sound), FPS)
    performer = SungMotion(SingingSettings(seed=seed, head_motion=0.0))
    motion = performer.perform(DrivingSound(sound, sound, FPS, frames, alone=True), keep).motion
    still = replace(motion, rotation_deg=np.zeros_like(motion.rotation_deg), translation=np.zeros_like(motion.translation))
    return Spoken(sound, still, mel_spectrogram(read_audio(sound, SAMPLE_RATE_HZ, 1)[:, 0]))


def crops_of(portrait: Portrait, motion: Motion) -> Iterator[ByteArray]:
    """(96, 96, 3) uint8 RGB of the face for each frame of the motion."""
    left, top, right, bottom = portrait.face.box
    bottom += BELOW_CHIN * (bottom - top)
    height, width = portrait.image.shape[:2]
    part = np.s_[max(0, round(top)) : min(height, round(bottom)), max(0, round(left)) : min(width, round(right))]
    for frame in MeshRenderer(MeshSettings(threads=1)).frames(portrait, motion):
        yield np.asarray(cv2.resize(frame[part], (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def write_clips(folder: Path, people: Sequence[tuple[str, Portrait]], sounds: Sequence[Spoken], takes: int) -> int:
    """Let each sound be said by `takes` of the people, who take turns, into clips; returns how many frames there are."""
    turns, frames = cycle(people), 0
    for number, said in enumerate(sounds):
        for name, portrait in islice(turns, takes):
            write_clip(folder / f"{name}-{number}", name, crops_of(portrait, said.motion), len(said.motion), said.spectrogram)
            frames += len(said.motion)
    return frames
