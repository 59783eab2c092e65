"""Spleeter's separation as a stream: blocks of the mix in, blocks of its stems out.

The published program lays 4096 zeros before the song, cuts its frames into segments of 512 (11.9 s) and gives each to the
network by itself; the overlapping frames of neighbouring segments are added. A stream that keeps the last 3072 samples of a
segment for the next one therefore gives the same result as the whole song in one piece, in memory that does not grow with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime  # noqa: F401  # where it is missing, that is told when the room is opened

from core.contracts import FloatArray
from core.errors import InputError
from neural.onnx_session import load_errors, network_session
from separation.settings import CHANNELS, FRAME_LENGTH
from separation.stft import SEGMENT_SPAN, SEGMENT_STEP, analyse, synthesise

_OVERLAP = SEGMENT_SPAN - SEGMENT_STEP


class MaskNetwork(Protocol):
    """Finds the stems in segments of the mix. threads: processor threads for the transforms around it."""

    threads: int
    #: how many segments it takes at once.
    segments: int

    def masks(self, magnitudes: FloatArray) -> FloatArray:
        """Masks in [0, 1] of all stems but the last (N, stems - 1, 2, 512, 1024), for magnitudes >= 0 of the mix
        (N, 2, 512, 1024), N at most `segments`. All masks add up to one."""
        ...


class SpleeterNetwork:
    """The converted network under onnxruntime: magnitude of one segment to the masks of its stems."""

    segments = 1

    def __init__(self, onnx_path: Path, threads: int = 2) -> None:
        """Load the file that `checkpoint.ensure_onnx` gives. Raises InputError where it is damaged."""
        self.threads = threads
        try:
            self._session = network_session(onnx_path, threads)
        except load_errors() as error:
            raise InputError("separation.network_unloadable", path=onnx_path, error=error) from error

    def masks(self, magnitudes: FloatArray) -> FloatArray:
        """See `MaskNetwork`; one segment."""
        masks = np.asarray(self._session.run(None, {self._session.get_inputs()[0].name: magnitudes})[0])
        return masks.reshape(len(magnitudes), -1, *magnitudes.shape[1:])


def separate_blocks(blocks: Iterable[FloatArray], network: MaskNetwork, gain: float = 1.0) -> Iterator[tuple[FloatArray, ...]]:
    """Yield the stems in the network's order, each (n, 2) float32 at 44.1 kHz, one segment after the other: in all as many
    samples as come in, starting together with the mix. Held are as many segments as the network takes at once.

    blocks: the mix at 44.1 kHz as arrays (n, 2) of any lengths. gain: how much louder the network hears it; the stems are as loud
    as the mix.
    Raises InputError where the mix holds values that are not finite.
    """
    stems_overlap = np.zeros((1, _OVERLAP, CHANNELS), dtype=np.float32)  # the same nothing for each stem
    lead_in = FRAME_LENGTH
    segments = _segments(blocks)
    while batch := list(islice(segments, network.segments)):
        for stems, (_, new_samples) in zip(_separated([samples for samples, _ in batch], network, gain), batch, strict=True):
            stems[:, :_OVERLAP] += stems_overlap
            stems_overlap = stems[:, SEGMENT_STEP:].copy()
            yield tuple(stems[:, lead_in:new_samples])
            lead_in = 0


def _segments(blocks: Iterable[FloatArray]) -> Iterator[tuple[FloatArray, int]]:
    """Yield (samples (SEGMENT_SPAN, 2), how many of them are final once this segment is added): the song after its lead-in of
    zeros, each segment SEGMENT_STEP after the one before, the last one filled up with zeros."""
    waiting = [np.zeros((FRAME_LENGTH, CHANNELS), dtype=np.float32)]
    count = FRAME_LENGTH
    for block in blocks:
        if not np.isfinite(block).all():
            raise InputError("separation.sound_not_finite")
        waiting.append(block)
        count += len(block)
        while count >= SEGMENT_SPAN:
            samples = np.concatenate(waiting)
            yield samples[:SEGMENT_SPAN], SEGMENT_STEP
            waiting, count = [samples[SEGMENT_STEP:].copy()], count - SEGMENT_STEP
    rest = np.concatenate(waiting)
    while len(rest):
        segment = np.zeros((SEGMENT_SPAN, CHANNELS), dtype=np.float32)
        kept = rest[:SEGMENT_SPAN]
        segment[: len(kept)] = kept
        yield segment, min(len(rest), SEGMENT_STEP)
        rest = rest[SEGMENT_STEP:]


def _separated(segments: list[FloatArray], network: MaskNetwork, gain: float) -> Iterator[FloatArray]:
    """The stems (stems, SEGMENT_SPAN, 2) of each segment (SEGMENT_SPAN, 2)."""
    spectra = np.stack([analyse(samples, network.threads) for samples in segments])
    for rest, masks in zip(spectra, network.masks(np.abs(spectra) * np.float32(gain)), strict=True):
        parts = [rest * mask for mask in masks]
        for part in parts:
            rest -= part  # all masks add up to one
        yield np.stack([synthesise(part, network.threads) for part in (*parts, rest)])
