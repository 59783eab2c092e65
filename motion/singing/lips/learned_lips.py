"""Lips learned from people who speak: from the sound of a voice to what its mouth does, 50 times a second.

    lips = LearnedLips()                          # loads weights/trained/lips.safetensors and the speech encoder
    lips.curves(blocks, reference_db)             # LipCurves of a voice that arrives in blocks (n,) at 16 kHz

The voice is heard by the speech encoder (`speech_encoder.py`), whose vectors forget who speaks, and as a log-mel spectrogram,
which shows what is quick. A small temporal convolutional network says what the lips do; `training/` makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from core.contracts import FloatArray
from core.errors import InputError, MissingError
from motion.singing.lips.lip_curves import CURVE_NAMES, LipCurves
from motion.singing.lips.lip_graph import INPUT_NAME, LipModel, build_lip_graph, read_lip_model
from neural import log_mel
from neural.hearing.speech_encoder import SpeechEncoder
from neural.hearing.whisper_checkpoint import ensure_onnx
from neural.onnx_session import network_session

LIPS_PATH = Path(__file__).parents[3] / "weights" / "trained" / "lips.safetensors"
#: The network knows voices at about this level (`VoiceActivity.reference_db` of the talking tracks), and its log-mel on the scale
#: of this loudest value.
HEARD_LEVEL_DB = -18.6
MEL_LOUDEST = 0.0
#: A voice is made louder by no more than this: what is fainter is no voice.
GREATEST_GAIN_DB = 40.0


class LipNetwork:
    """A trained network under onnxruntime: rows (T, C) of what is heard -> curves (T, len(CURVE_NAMES)) in their units."""

    def __init__(self, model: LipModel, threads: int = 1) -> None:
        """Raises InputError for a network with other curves, MissingError where the `onnx` package is missing."""
        names = tuple(model.facts.get("channels", ()))
        if names != CURVE_NAMES:
            raise InputError("motion.lips_with_other_curves", found=", ".join(names) or "none", expected=list(CURVE_NAMES))
        self.model = model
        self._session = _session(model, threads)

    def run(self, rows: FloatArray) -> FloatArray:
        """Curves of rows that stand alone: silence of all kinds lies around them."""
        curves: FloatArray = self._session.run(None, {INPUT_NAME: rows[np.newaxis]})[0]
        return curves

    def run_blocks(self, blocks: Iterable[FloatArray]) -> Iterator[FloatArray]:
        """The curves of one long series of rows that comes in blocks, exactly as if it had come at once."""
        stream = RowStream(self)
        for block in blocks:
            yield stream.push(block)
        yield stream.finish()


class RowStream:
    """Rows go in as they come, and curves come out once all that they hear is there."""

    def __init__(self, network: LipNetwork) -> None:
        self._network = network
        self._before, self._after = network.model.reach_rows
        self._held: FloatArray | None = None
        self._context = 0  # rows of `_held` that are there for what follows, their curves given already

    def push(self, rows: FloatArray) -> FloatArray:
        """(m, curves) that `rows` (n, C) make known; m may be 0."""
        self._held = rows if self._held is None else np.concatenate([self._held, rows])
        ready = len(self._held) - self._after
        if ready <= self._context:
            return np.zeros((0, len(CURVE_NAMES)), dtype=np.float32)
        curves = self._network.run(self._held)[self._context : ready]
        keep = max(0, ready - self._before)
        self._held, self._context = self._held[keep:], ready - keep
        return curves

    def finish(self) -> FloatArray:
        """The curves that are still owed; nothing may be pushed afterwards."""
        if self._held is None or len(self._held) <= self._context:
            return np.zeros((0, len(CURVE_NAMES)), dtype=np.float32)
        return self._network.run(self._held)[self._context :]


def ensure_encoder(path: Path = LIPS_PATH) -> Path:
    """Path of the converted encoder that the trained lips listen through; made where it is not there yet. Raises like them."""
    return ensure_onnx(max(read_lip_model(path).facts["encoder_layers"]))


class LearnedLips:
    """The trained lips with the speech encoder that they listen through."""

    def __init__(self, path: Path = LIPS_PATH, threads: int = 2) -> None:
        """Raises MissingError where the encoder's weights can't be had or the trained file is missing, InputError for another."""
        model = read_lip_model(path)
        try:
            self._encoder = SpeechEncoder(tuple(model.facts["encoder_layers"]), threads)
        except MissingError as error:
            raise MissingError("motion.lips_lack_a_part", reason=error.message) from error
        self._network = LipNetwork(model, threads)

    def curves(
        self, blocks: Iterable[FloatArray], reference_db: float, report: Callable[[int], None] = lambda rows: None
    ) -> LipCurves:
        """What the lips do for a voice.

        blocks: float32 (n,) or (n, 1) pieces of mono sound at 16 kHz, in order. reference_db: the singer's level, see
        `VoiceActivity`; NaN where nobody sings. report: hears the rows done.
        Returns ceil(samples / 320) rows; memory grows by them alone.
        """
        gain = level_gain(reference_db)
        pieces, done = [], 0
        for piece in self._network.run_blocks(self._rows(gain * block for block in blocks)):
            pieces.append(piece)
            done += len(piece)
            report(done)
        return LipCurves(np.concatenate(pieces))

    def _rows(self, blocks: Iterable[FloatArray]) -> Iterator[FloatArray]:
        for vectors, log_power in self._encoder.heard_blocks(blocks):
            yield np.concatenate([vectors, mel_rows(log_power)], axis=1)


def mel_rows(log_power: FloatArray) -> FloatArray:
    """(T, 160) two frames of log-mel a row, on a scale that does not depend on the rest of the sound; from (80, 2 T)."""
    return log_mel.scaled(log_power, MEL_LOUDEST).T.reshape(-1, 2 * log_mel.MEL_BANDS)


def level_gain(reference_db: float) -> float:
    """Factor that brings a voice of this level to the one that the network knows; 1 where there is no voice."""
    if np.isnan(reference_db):
        return 1.0
    return float(10.0 ** (min(HEARD_LEVEL_DB - reference_db, GREATEST_GAIN_DB) / 20.0))


def _session(model: LipModel, threads: int) -> Any:
    """The network under ONNX Runtime. Raises MissingError where the package that writes its graph is not there."""
    try:
        content = build_lip_graph(model)
    except ImportError as error:
        raise MissingError("motion.no_onnx_for_lips") from error
    return network_session(content, threads)
