"""The training corpus made wide: the clips as they are, in rooms, and in the voices of other people who speak and sing."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.contracts import FloatArray
from media.media import read_audio
from motion.singing.training.augment import VoiceChange, analyse_voice, changed_voice, draw_change
from motion.singing.training.augment_room import RoomSettings, coloured_noise, in_a_room
from motion.singing.training.dataset import (
    CHANNEL_NAMES,
    HOP_SAMPLES,
    SAMPLE_RATE_HZ,
    Corpus,
    Piece,
    Stream,
    lay_out,
    pause_piece,
    plain_piece,
)

#: Clips in one stream, chance of a pause after a clip, and its length.
STREAM_CLIPS = 10
PAUSE_CHANCE, PAUSE_S = 0.4, (0.2, 2.0)
#: Length of each stream of silence, and levels of the noise in them.
SILENCE_S, SILENCE_NOISE_DB = 26.0, (-85.0, -75.0, -65.0, -55.0, -50.0, -45.0, -40.0)


@dataclass(frozen=True)
class VariantSettings:
    """How wide the corpus is made.

    plain_rooms: times the whole corpus is heard in rooms in the speaker's own voice. voices: times that a share of `voice_share`
    of the clips is given other voices. room: the rooms. music: sound files of accompaniment to leave leftovers of.
    """

    plain_rooms: int = 1
    voices: int = 5
    voice_share: float = 0.5
    room: RoomSettings = field(default_factory=RoomSettings)
    music: tuple[Path, ...] = ()


def room_streams(corpus: Corpus, clips: Sequence[int], settings: VariantSettings, seed: int, variant: int) -> list[Stream]:
    """All clips in the speaker's own voice, in rooms; variant 0, 1, ... differ. The same for the same seed."""
    generator = np.random.default_rng([seed, 1, variant])
    pieces = [plain_piece(corpus, int(clip)) for clip in generator.permutation(clips)]
    return list(_rooms(corpus, pieces, _music(settings), settings.room, generator))


def other_voice_streams(corpus: Corpus, clips: Sequence[int], settings: VariantSettings, seed: int, variant: int) -> list[Stream]:
    """A share of the clips in other voices, spoken and sung, in rooms; variant 0, 1, ... differ. The same for the same seed."""
    generator = np.random.default_rng([seed, 2, variant])
    pieces = []
    for clip in generator.permutation(clips)[: round(settings.voice_share * len(clips))]:
        pieces.append(changed_voice(int(clip), analyse_voice(corpus.sounds[clip]), draw_change(generator), generator))
    return list(_rooms(corpus, pieces, _music(settings), settings.room, generator))


def _music(settings: VariantSettings) -> list[FloatArray]:
    return [read_audio(path, SAMPLE_RATE_HZ, 1)[:, 0] for path in settings.music]


def _rooms(
    corpus: Corpus, pieces: Sequence[Piece], music: Sequence[FloatArray], room: RoomSettings, generator: np.random.Generator
) -> Iterator[Stream]:
    """Streams of `pieces` with pauses between them, each in a room of its own; its leftovers and noise go on through the
    pauses.
    """
    for first in range(0, len(pieces), STREAM_CLIPS):
        laid: list[Piece] = []
        for piece in pieces[first : first + STREAM_CLIPS]:
            laid.append(piece)
            if generator.random() < PAUSE_CHANCE:
                laid.append(pause_piece(round(generator.uniform(*PAUSE_S) * SAMPLE_RATE_HZ)))
        stream = lay_out(corpus, laid)
        heard = in_a_room(stream.sound, music, room, generator)
        yield Stream(heard, stream.curves, stream.closure, stream.clip, stream.time_s)


def silence_streams(seed: int) -> list[Stream]:
    """Digital silence, and noise from the faintest to a loud room's, with the mouth at rest: what nobody says anything in."""
    generator = np.random.default_rng([seed, 3])
    samples = round(SILENCE_S * SAMPLE_RATE_HZ)
    count = -(-samples // HOP_SAMPLES)
    curves, closure = np.zeros((count, len(CHANNEL_NAMES)), dtype=np.float32), np.zeros(count, dtype=np.float32)
    streams = []
    for level_db in (None, *SILENCE_NOISE_DB):
        factor = 0.0 if level_db is None else 10.0 ** (level_db / 20.0)
        sound = (factor * coloured_noise(samples, generator)).astype(np.float32)
        streams.append(Stream(sound, curves, closure, np.full(count, -1), np.zeros(count)))
    return streams


def voice_streams(corpus: Corpus, clips: Sequence[int], change: VoiceChange) -> list[Stream]:
    """The clips in one certain voice, without rooms: for testing. A clip sounds the same in whatever company it is tested."""
    pieces = []
    for clip in clips:
        generator = np.random.default_rng(zlib.crc32(corpus.names[clip].encode()))
        pieces.append(changed_voice(clip, analyse_voice(corpus.sounds[clip]), change, generator))
    return [lay_out(corpus, pieces[first : first + STREAM_CLIPS]) for first in range(0, len(pieces), STREAM_CLIPS)]
