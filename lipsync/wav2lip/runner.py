"""Wav2Lip's or LipGAN's lips on the frames of a film."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.contracts import ByteArray, FrameFilter, Progress
from core.engine_card import Note
from core.messages import message
from lipsync.card import LipsTask
from lipsync.crop_filter import CropLips
from lipsync.crop_places import places_of
from lipsync.wav2lip.boxes import face_box
from lipsync.wav2lip.checkpoint import read_generator
from lipsync.wav2lip.lips import SIDE, LipPainter
from lipsync.wav2lip.sound import mel_windows
from media.sound_reader import read_audio_blocks
from neural.device import DeviceChoice, choose_device
from neural.gpu_turn import STAGE as WAITING
from neural.gpu_turn import device_turn
from neural.wav2lip_mel import SAMPLE_RATE_HZ, mel_spectrogram_of_blocks

#: Crops at a time on a card: more would keep many whole frames in memory.
MOST_BATCH = 32
BLOCK_SAMPLES = 10 * SAMPLE_RATE_HZ


def wav2lip_filter(file: Path, device: DeviceChoice, task: LipsTask, note: Note) -> FrameFilter:
    """The filter with the network of the file, whose name and SHA-256 are noted. Raises as `read_generator`."""
    checkpoint = read_generator(file)
    note(message("lipsync.wav2lip.drawn_by", name=file.name, sha256=checkpoint.sha256))
    network, fps, hops = checkpoint.network, task.faces.fps, checkpoint.network.WINDOW_HOPS
    chosen = choose_device(device)
    with device_turn(chosen, lambda: None):
        painter = LipPainter(network, device)
    blocks = read_audio_blocks(task.voice, SAMPLE_RATE_HZ, 1, BLOCK_SAMPLES)
    spectrogram = mel_spectrogram_of_blocks(block[:, 0] for block in blocks)

    def draw(crops: Sequence[ByteArray], numbers: Sequence[int], progress: Progress) -> list[ByteArray]:
        windows = [mel_windows(spectrogram, number, 1, fps, hops)[0] for number in numbers]
        with device_turn(chosen, lambda: progress(WAITING, 0, 0)):
            return list(painter.lips(crops, windows))

    places = places_of(task.faces, task.track, face_box)
    return CropLips(task.track, places, SIDE, min(painter.batch, MOST_BATCH), draw)
