"""What the separation can be told, and what decides between "a song", "voice alone" and "no voice"."""

from __future__ import annotations

from dataclasses import dataclass, field

from neural.device import CardChoice

#: Facts of Deezer's published 2-stem network; they are trained in, so they are no settings.
SAMPLE_RATE_HZ = 44100
CHANNELS = 2
FRAME_LENGTH = 4096
FRAME_STEP = 1024
SEGMENT_FRAMES = 512
NETWORK_BINS = 1024


@dataclass(frozen=True)
class PresenceSettings:
    """Thresholds that tell a song from voice alone, from music without a voice, and from silence.

    block_s: length of the blocks whose energies are compared, in seconds.
    silence_dbfs: a file whose loudest block stays below this level (RMS, dB of full scale) is silent.
    quiet_db: blocks more than this many dB below the loudest one tell nothing.
    sung_share: a block counts as sung when the voice stem holds at least this part of its energy.
    least_sung_s: with fewer sung seconds than this there is no voice (in a short file: than a quarter of it).
    least_sung_part: the same as a part of the file, for long files.
    least_word_s: with fewer sung seconds there is a voice all the same where the learned detector hears one for so long in the
    voice stem, in moments of which it holds `sung_share`.
    alone_share: voice alone needs at least this part of the whole energy in the voice stem.
    alone_music_db: voice alone allows the accompaniment to prevail at any level below this one, in dB of the loud voice;
    alone_music_s: above that level, for this many seconds on end at most.
    """

    block_s: float = 0.5
    silence_dbfs: float = -84.0
    quiet_db: float = 40.0
    sung_share: float = 0.1
    least_sung_s: float = 1.5
    least_sung_part: float = 0.01
    least_word_s: float = 0.15
    alone_share: float = 0.95
    alone_music_db: float = -36.0
    alone_music_s: float = 1.0


@dataclass(frozen=True)
class SpleeterSettings:
    """How a song is separated.

    start_s: where in the song to begin, in seconds.
    duration_s: how much of it to take, in seconds; None means up to its end.
    threads: processor threads for the network and the Fourier transforms.
    presence: thresholds for recognising voice alone and no voice.
    device: where the network runs; the transforms around it run on the processor.
    card_segments: stretches of 11.9 s that a graphics card takes at once.
    """

    start_s: float = 0.0
    duration_s: float | None = None
    threads: int = 2
    presence: PresenceSettings = field(default_factory=PresenceSettings)
    device: CardChoice = "auto"
    card_segments: int = 8
