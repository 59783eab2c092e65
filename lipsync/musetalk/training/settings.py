"""What a training of MuseTalk's is told: its stages as published, and a file of TOML that changes of them what it names.

Nothing here needs torch. The published stages are those of the program's own settings: the first learns to draw faces from single
frames, the second, from sixteen in turn, against judges of pictures and with an expert of lips and sound.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from core.errors import InputError
from core.messages import as_written

#: What is trained: the expert of lips and sound, which the second stage asks, and the two stages of the U-Net.
Stage = Literal["expert", "first", "second"]
Reference = Literal["informative", "any"]
Perceptual = Literal["vgg19", "encoder"]


@dataclass(frozen=True)
class DataSettings:
    """batch: stretches a step. frames: of a stretch, in turn. reference: how the other picture of the same person is drawn,
    `informative` with a pose like the frame's and a mouth unlike it (the paper's "informative frame sampling"). share: of a
    clip's frames that count as like, or unlike. margin_px, margin_spread_px: below the chin, in the film's pixels: mean and
    standard deviation (its "dynamic margin sampling"). mirrored: whether half of the stretches are."""

    batch: int = 32
    frames: int = 1
    reference: Reference = "informative"
    share: float = 0.51
    margin_px: float = 10.0
    margin_spread_px: float = 0.0
    mirrored: bool = False


@dataclass(frozen=True)
class LossWeights:
    """Parts of the U-Net's loss. likeness: mean difference of pixels. perceptual: of what a network of pictures sees of them, at
    `scales`. judge, mouth_judge: of whole faces and of lower halves. features: of what both judges see on their way, as a part of
    theirs. sync: of the expert."""

    likeness: float = 1.0
    perceptual: float = 0.01
    judge: float = 0.0
    mouth_judge: float = 0.0
    features: float = 1.0
    sync: float = 0.0
    scales: tuple[float, ...] = (1.0, 0.5, 0.25, 0.125)


@dataclass(frozen=True)
class TrainingSettings:
    """data, weights: see there. perceptual: whose eyes see the pictures: `vgg19` wants its file, `encoder` are those of the
    autoencoder that MuseTalk has anyway. rate: of the optimiser. betas: its means. decay: of weights. warm_steps: in which the
    rate rises. clip: longest slope. gathered: batches whose slopes make one step. judges_from: step from which judges count.
    judge_width, judge_blocks: channels of a judge's first block, and blocks. sparing: whether what was computed on the way is
    computed again instead of kept, which spares memory. seed: the same one gives the same network on the same machine."""

    data: DataSettings = field(default_factory=DataSettings)
    weights: LossWeights = field(default_factory=LossWeights)
    perceptual: Perceptual = "vgg19"
    rate: float = 2e-5
    betas: tuple[float, float] = (0.5, 0.999)
    decay: float = 0.01
    warm_steps: int = 1000
    clip: float = 1.0
    gathered: int = 1
    judges_from: int = 1000
    judge_width: int = 32
    judge_blocks: int = 4
    sparing: bool = True
    seed: int = 41

    def __post_init__(self) -> None:
        for name, value, least in (
            ("data.batch", self.data.batch, 1),
            ("data.frames", self.data.frames, 1),
            ("gathered", self.gathered, 1),
            ("judge_width", self.judge_width, 1),
            ("judge_blocks", self.judge_blocks, 1),
            ("seed", self.seed, 0),
        ):
            if value < least:
                raise InputError(as_written(f"{name} is {value}; it is {least} at least."))
        for name, word, accepted in (
            ("data.reference", self.data.reference, get_args(Reference)),
            ("perceptual", self.perceptual, get_args(Perceptual)),
        ):
            if word not in accepted:
                raise InputError(as_written(f"{name} is '{word}'; it is one of {', '.join(accepted)}."))
        if not 0 < self.data.share <= 1:
            raise InputError(as_written(f"data.share is {self.data.share}; it lies above 0 and is 1 at most."))


#: Pixels below the chin with which the engine draws, and with which networks are examined.
V15_MARGIN_PX = 10.0
#: As published, but for the expert, whose training the program took from elsewhere.
STAGES: dict[Stage, TrainingSettings] = {
    "expert": TrainingSettings(
        DataSettings(batch=4, frames=16, mirrored=True), rate=1e-4, betas=(0.9, 0.999), decay=0.0, warm_steps=0
    ),
    "first": TrainingSettings(),
    "second": TrainingSettings(
        DataSettings(batch=2, frames=16, margin_spread_px=10.0),
        LossWeights(judge=0.01, mouth_judge=0.01, sync=0.05),
        rate=5e-6,
        gathered=8,
    ),
}


def settings_of(stage: Stage, file: Path | None = None) -> TrainingSettings:
    """The stage's settings, with what the file of TOML says in their place. Raises InputError where it is no TOML, or names what
    is not there or of another kind."""
    if file is None:
        return STAGES[stage]
    try:
        with file.open("rb") as opened:
            told = tomllib.load(opened)
    except OSError as error:
        raise InputError(as_written(f"{file} can't be read: {error.strerror}.")) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(as_written(f"{file} is no TOML: {error}.")) from error
    changed: TrainingSettings = with_told(STAGES[stage], told, "")
    return changed


def with_told(settings: Any, told: Mapping[str, Any], where: str) -> Any:
    """A copy of a dataclass of settings with other values by name, tables for the dataclasses in it. Raises InputError."""
    names = {each.name for each in dataclasses.fields(settings)}
    values: dict[str, Any] = {}
    for name, value in told.items():
        if name not in names:
            raise InputError(as_written(f"There is no setting {where}{name}; there are {', '.join(sorted(names))}."))
        before = getattr(settings, name)
        if dataclasses.is_dataclass(before) and isinstance(value, dict):
            values[name] = with_told(before, value, f"{where}{name}.")
        elif isinstance(before, tuple) and isinstance(value, list) and value and all(is_number(each) for each in value):
            values[name] = tuple(float(each) for each in value)
        elif is_number(value) and type(before) in (int, float) and (type(before) is float or isinstance(value, int)):
            values[name] = type(before)(value)
        elif type(value) is type(before) and isinstance(value, (str, bool)):
            values[name] = value
        else:
            raise InputError(as_written(f"The setting {where}{name} is {value!r}; its default is {before!r}."))
    return replace(settings, **values)


def is_number(value: object) -> bool:
    """Whether a value of TOML is a number, which true and false are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
