"""How the network is trained: the settings of a TOML file, of which three lie beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.messages import as_written
from motion.emotion.networks.shape import DeitalkShape, Switches
from motion.emotion.training.losses import LossWeights

#: The files beside this module, by what `--config` calls them.
CONFIGS = ("small", "published", "toy")
#: What can be left out, as the paper's ablations do.
ABLATIONS = ("dei", "dpe", "velocity", "class")


@dataclass(frozen=True)
class TrainSettings:
    """How the network is trained.

    epochs: passes over all windows; steps: of the optimiser, where it is not 0 in place of the epochs. batch: windows a step.
    window_frames, stride_frames: see `dataset.Windows`. rate: of Adam; decay: of the weights. schedule: "constant", or "cosine",
    which falls to 0 at the end; warm_steps: in which the rate rises to its height. clip: the slope is cut to that length, 0
    leaves it. dropout: in the decoder. feature_dropout: share of the heard values that are left out by chance.
    ema: how slowly the mean of the weights follows them, which is what is kept; 0 keeps the weights themselves.
    one_curve_scale: see `dataset.scales_of`. heard_strength: how much of `strength.strength_direction` the projection of the
    intensity begins with beside its own chance; 0, as published, leaves it to chance. projection_share: the share of the rate at
    which that projection learns. check_steps: steps from one validation to the next. layers: outputs of Whisper that are heard;
    of another encoder it is the last. half: the file's weights are float16.
    """

    epochs: float = 300.0
    steps: int = 0
    seed: int = 0
    batch: int = 32
    window_frames: int = 128
    stride_frames: int = 5
    rate: float = 1e-4
    decay: float = 0.0
    schedule: str = "constant"
    warm_steps: int = 0
    clip: float = 0.0
    dropout: float = 0.0
    feature_dropout: float = 0.0
    ema: float = 0.0
    one_curve_scale: bool = False
    heard_strength: float = 0.0
    projection_share: float = 1.0
    check_steps: int = 500
    layers: tuple[int, ...] = (6,)
    half: bool = False
    loss: LossWeights = field(default_factory=LossWeights)
    shape: DeitalkShape = field(default_factory=DeitalkShape)

    def without(self, parts: Sequence[str]) -> TrainSettings:
        """The settings with some of `ABLATIONS` left out."""
        switches = Switches(intensity="dei" not in parts, positions="dpe" not in parts)
        loss = replace(
            self.loss,
            velocity=0.0 if "velocity" in parts else self.loss.velocity,
            style=0.0 if "class" in parts else self.loss.style,
        )
        return replace(self, loss=loss, shape=replace(self.shape, switches=switches))

    def of_widths(self, widths: Sequence[int]) -> TrainSettings:
        """The settings with other filters: of the decoder, and then, where there are more, of the motion encoder's layers.

        Raises InputError where these are not as many as the layers.
        """
        motion = tuple(widths[1:]) or self.shape.motion_filters
        if len(motion) != len(self.shape.motion_dilations) or min(widths) < 1:
            raise InputError(as_written(f"One width, or five, each at least 1, are accepted, not {list(widths)}."))
        return replace(self, shape=replace(self.shape, filters=widths[0], motion_filters=motion))


def read_settings(config: str) -> TrainSettings:
    """The settings of one of `CONFIGS`, or of a TOML file: tables `train`, `loss` and `shape` with the names of `TrainSettings`,
    `LossWeights` and `DeitalkShape`. Raises InputError where the file can't be read, or a name or a value is wrong."""
    path = Path(__file__).with_name("configs") / f"{config}.toml" if config in CONFIGS else Path(config)
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(as_written(f"The settings {path} can't be read: {error}.")) from error
    unknown = told.keys() - {"train", "loss", "shape"}
    if unknown:
        raise InputError(as_written(f"{path} holds the tables {sorted(unknown)}; train, loss and shape are accepted."))
    loss = _of(path, LossWeights(), told.get("loss", {}))
    shape = _of(path, DeitalkShape(), told.get("shape", {}))
    settings: TrainSettings = replace(_of(path, TrainSettings(), told.get("train", {})), loss=loss, shape=shape)
    _check(path, settings)
    return settings


def _of(path: Path, usual: Any, told: Mapping[str, Any]) -> Any:
    """A dataclass with some fields told; whole numbers stand for broken ones, lists for tuples."""
    known = {each.name: getattr(usual, each.name) for each in fields(usual) if each.name not in ("loss", "shape", "switches")}
    for name, value in told.items():
        if name not in known:
            raise InputError(as_written(f"{path}: there is no setting {name}; {', '.join(known)} are accepted."))
        if not _is_like(value, known[name]):
            raise InputError(as_written(f"{path}: {name} is {value!r}, which is no {type(known[name]).__name__}."))
    return replace(usual, **{name: tuple(value) if isinstance(value, list) else value for name, value in told.items()})


def _is_like(value: object, usual: object) -> bool:
    """Whether a TOML value can stand for a setting of the type of `usual`."""
    if isinstance(usual, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(usual, bool)
    if isinstance(usual, tuple):
        return isinstance(value, list) and bool(value) and all(isinstance(each, int) and each >= 0 for each in value)
    return isinstance(value, (int, float) if isinstance(usual, float) else type(usual))


def _check(path: Path, settings: TrainSettings) -> None:
    """Raises InputError for values that no training can have."""
    wrong = [
        name
        for name, right in (
            ("epochs or steps", settings.steps > 0 or settings.epochs > 0),
            ("batch", settings.batch > 1),
            ("window_frames", settings.window_frames > 1),
            ("stride_frames", settings.stride_frames > 0),
            ("rate", settings.rate > 0),
            ("schedule", settings.schedule in ("constant", "cosine")),
            ("dropout", 0 <= settings.dropout < 1),
            ("feature_dropout", 0 <= settings.feature_dropout < 1),
            ("ema", 0 <= settings.ema < 1),
            ("projection_share", settings.projection_share >= 0),
            ("check_steps", settings.check_steps > 0),
        )
        if not right
    ]
    if wrong:
        raise InputError(as_written(f"{path}: {', '.join(wrong)} is out of range."))
