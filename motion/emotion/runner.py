"""A trained network at run time, without torch: a voice of any length is heard once, and told in blocks.

    network = DeitalkNetwork(load_model(path))
    hear(blocks, frames, network.facts, folder)             # the voice's features at 30 Hz, kept in a file
    heard = read_heard(folder)
    felt = network.felt(heard)                              # the saliency of the feeling, in every frame
    for curves in network.curve_blocks(heard, felt, styles): ...

Features lie on the disk and are read in blocks; what memory keeps of a sound are 128 numbers a frame while its saliency is found.
Blocks overlap by what the decoder sees around a frame, so they give what one piece gives.

Source: "DEITalk: Speech-Driven 3D Facial Animation with Dynamic Emotional Intensity Modeling" (2024).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.contracts import FloatArray
from core.errors import MissingError
from core.timebase import seconds_to_samples
from motion.emotion.averaging import averaged
from motion.emotion.graph import CURVES, FEATURES, INTENSITY, POSITIONS, STYLE, build_decoder
from motion.emotion.model_file import DeitalkModel, Facts
from motion.emotion.positions import dynamic_positions
from motion.emotion.styles import FPS, SAMPLE_RATE_HZ
from motion.singing.analysis.framing import BLOCK_SAMPLES, first_samples
from neural.hearing.encoders import blocks_at_rate, open_encoder
from neural.onnx_session import network_session

FEATURES_NAME = "features.npy"
#: Raised whenever features come out otherwise than before.
HEARING_VERSION = 1
#: Frames that are decoded at once, besides what is seen around them.
BLOCK_FRAMES = 900


@dataclass(frozen=True)
class Felt:
    """What pass one finds of a whole sound.

    steps: (T, intensity_width), each frame's vector. saliency: (T,) in [-1, 1], how far it agrees with the sound's. Both are
    empty in a network without intensity.
    """

    steps: FloatArray
    saliency: FloatArray


def hear(
    blocks: Iterable[FloatArray], frames: int, facts: Facts, folder: Path, report: Callable[[int], None] = lambda done: None
) -> None:
    """Keep what the network's encoder hears, (frames, features) float16 at 30 Hz as in training, in a file in `folder`.

    blocks: sound (n,) or (n, 1) at 16 kHz, silence where the film goes on without it. report: hears the frames done.
    Raises MissingError where the encoder's weights can't be had, InputError for sound that is not finite.
    """
    encoder = open_encoder(facts.encoder, facts.layers)
    size = (frames, facts.shape.features)
    kept = np.lib.format.open_memmap(folder / FEATURES_NAME, mode="w+", dtype=np.float16, shape=size)
    done = 0
    for rows in blocks_at_rate(encoder.feature_blocks(blocks), frames, FPS, encoder.rate_hz):
        kept[done : done + len(rows)] = rows
        done += len(rows)
        report(done)
        if done == frames:
            break
    kept.flush()


def read_heard(folder: Path) -> FloatArray:
    """What `hear` kept; it stays on the disk."""
    heard: FloatArray = np.load(folder / FEATURES_NAME, mmap_mode="r", allow_pickle=False)
    return heard


def sound_of(voice: Path, duration_s: float) -> Iterator[FloatArray]:
    """The sound of a file as `hear` takes it, exactly so long: a voice that ends before goes on as silence."""
    from media.media import read_audio_blocks

    blocks = iter(read_audio_blocks(voice, SAMPLE_RATE_HZ, 1, BLOCK_SAMPLES))
    return first_samples(blocks, seconds_to_samples(duration_s, SAMPLE_RATE_HZ))


class DeitalkNetwork:
    """A trained network under ONNX Runtime."""

    def __init__(self, model: DeitalkModel, threads: int = 2) -> None:
        """threads: of the processor. Raises MissingError where the package that writes its graph is not there."""
        self.facts = model.facts
        self._tensors = model.tensors
        try:
            content = build_decoder(model)
        except ImportError as error:
            raise MissingError("motion.no_onnx_for_emotion") from error
        self._session: Any = network_session(content, threads)

    def felt(self, heard: FloatArray) -> Felt:
        """Pass one over features (T, features): the frames' vectors, and the saliency of each in the whole."""
        shape, tensors = self.facts.shape, self._tensors
        if not shape.switches.intensity:
            return Felt(np.zeros((len(heard), 0), np.float32), np.zeros(0, np.float32))
        weight, bias = tensors["intensity.projection.weight"].T, tensors["intensity.projection.bias"]
        steps = np.empty((len(heard), shape.intensity_width), dtype=np.float32)
        for start in range(0, len(heard), BLOCK_FRAMES):
            rows = heard[start : start + BLOCK_FRAMES].astype(np.float32)
            scaled = (rows - tensors["feature_mean"]) / tensors["feature_scale"]
            steps[start : start + len(rows)] = scaled @ weight + bias
        return Felt(steps, agreement(averaged(steps, shape.breadth_frames)))

    def curve_blocks(
        self, heard: FloatArray, felt: Felt, styles: FloatArray, saliency: FloatArray | None = None
    ) -> Iterator[FloatArray]:
        """Pass two: the curves (n, curves) of a whole sound in the rig's units, block by block.

        heard, felt: (T, features) and what `felt` gave of them. styles: (T, 5), one-hot or between two. saliency: (T,) takes
        the place of the network's own.
        """
        frames, reach = len(heard), self.facts.shape.reach_frames
        in_effect = felt.saliency if saliency is None else saliency
        for start in range(0, frames, BLOCK_FRAMES):
            stop = min(start + BLOCK_FRAMES, frames)
            first, last = max(0, start - reach), min(frames, stop + reach)
            given = {FEATURES: heard[first:last].astype(np.float32), STYLE: styles[first:last].astype(np.float32)}
            if self.facts.shape.switches.positions:
                given[POSITIONS] = dynamic_positions(first, last, frames, self.facts.shape.features)
            if self.facts.shape.switches.intensity:
                given[INTENSITY] = (in_effect[first:last, np.newaxis] * felt.steps[first:last]).astype(np.float32)
            curves: FloatArray = self._session.run([CURVES], given)[0]
            yield curves[start - first : stop - first]


def agreement(steps: FloatArray) -> FloatArray:
    """(T,) float32 in [-1, 1]: the cosine of each frame's vector (T, width) with the greatest of each value over all frames."""
    if not len(steps):
        return np.zeros(0, np.float32)
    pooled = steps.max(axis=0)
    lengths = np.maximum(np.linalg.norm(steps, axis=1) * np.linalg.norm(pooled), 1e-8)
    return np.asarray(steps @ pooled / lengths, np.float32)
