"""Spleeter's 2-stem separation as a stream: blocks of the mix in, blocks of voice and accompaniment out.

The published program lays 4096 zeros before the song, cuts its frames into segments of 512 (11.9 s) and gives each to the
network by itself; the overlapping frames of neighbouring segments are added. A stream that keeps the last 3072 samples of a
segment for the next one therefore gives the same result as the whole song in one piece, in memory that does not grow with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as onnxruntime_errors

from pipeline.contracts import FloatArray
from pipeline.errors import InputError
from separation.settings import CHANNELS, FRAME_LENGTH
from separation.stft import SEGMENT_SPAN, SEGMENT_STEP, analyse, synthesise

_OVERLAP = SEGMENT_SPAN - SEGMENT_STEP
_LOAD_ERRORS = (
    onnxruntime_errors.Fail,
    onnxruntime_errors.InvalidArgument,
    onnxruntime_errors.InvalidGraph,
    onnxruntime_errors.InvalidProtobuf,
    onnxruntime_errors.NoSuchFile,
    onnxruntime_errors.RuntimeException,
)


class SpleeterNetwork:
    """The converted network under onnxruntime: magnitude of one segment to the mask of its voice."""

    def __init__(self, onnx_path: Path, threads: int = 2) -> None:
        """Load the file that `checkpoint.ensure_onnx` gives. Raises InputError where it is damaged."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waiting threads leave the cores to ffmpeg
        self.threads = threads
        try:
            self._session = onnxruntime.InferenceSession(str(onnx_path), options, providers=["CPUExecutionProvider"])
        except _LOAD_ERRORS as error:
            raise InputError(
                f"The converted separation network {onnx_path} can't be loaded ({error}). Delete it; the next run makes it anew."
            ) from error

    def voice_mask(self, magnitude: FloatArray) -> FloatArray:
        """Mask of the voice (2, 512, 1024) in [0, 1] for the magnitude (2, 512, 1024) >= 0 of the mix."""
        return self._session.run(None, {self._session.get_inputs()[0].name: magnitude[np.newaxis]})[0][0]


def separate_blocks(blocks: Iterable[FloatArray], network: SpleeterNetwork) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield (voice, accompaniment), each (n, 2) float32 at 44.1 kHz, one segment after the other: in all as many samples as come
    in, starting together with the mix.

    blocks: the mix at 44.1 kHz as arrays (n, 2) of any lengths.
    Raises InputError where the mix holds values that are not finite.
    """
    stems_overlap = np.zeros((2, _OVERLAP, CHANNELS), dtype=np.float32)
    lead_in = FRAME_LENGTH
    for segment, new_samples in _segments(blocks):
        stems = _separate_segment(segment, network)
        stems[:, :_OVERLAP] += stems_overlap
        stems_overlap = stems[:, SEGMENT_STEP:].copy()
        voice, accompaniment = stems[:, lead_in:new_samples]
        yield voice, accompaniment
        lead_in = 0


def _segments(blocks: Iterable[FloatArray]) -> Iterator[tuple[FloatArray, int]]:
    """Yield (samples (SEGMENT_SPAN, 2), how many of them are final once this segment is added): the song after its lead-in of
    zeros, each segment SEGMENT_STEP after the one before, the last one filled up with zeros."""
    waiting = [np.zeros((FRAME_LENGTH, CHANNELS), dtype=np.float32)]
    count = FRAME_LENGTH
    for block in blocks:
        if not np.isfinite(block).all():
            raise InputError("The sound holds values that are not numbers; export it again as a plain WAV or FLAC file.")
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


def _separate_segment(samples: FloatArray, network: SpleeterNetwork) -> FloatArray:
    """Voice and accompaniment (2 stems, SEGMENT_SPAN, 2) of one segment (SEGMENT_SPAN, 2)."""
    spectra = analyse(samples, network.threads)
    voice_spectra = spectra * network.voice_mask(np.abs(spectra))
    spectra -= voice_spectra  # the two masks add up to one
    return np.stack([synthesise(voice_spectra, network.threads), synthesise(spectra, network.threads)])
