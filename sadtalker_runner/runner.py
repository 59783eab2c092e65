"""The SadTalker engine: a voice moves the lips of a portrait, by the published networks; our own motion moves its head.

Zhang and others, "SadTalker: Learning Realistic 3D Motion Coefficients for Stylized Audio-Driven Single Image Talking Face
Animation" (CVPR 2023). This door opens without torch, so that it can say what is missing.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.contracts import HeadFilm, Motion, Portrait, Progress, silent
from core.driving import Driving
from core.errors import MissingError
from core.messages import Message, message
from core.places import NEURAL_PINS, call_of, pip_install
from faces.head_crop import Crop, head_crop, whole_picture
from sadtalker_runner.settings import RenderSettings, SadTalkerSettings
from weights.fetch import ensure_all, is_here

if TYPE_CHECKING:
    from sadtalker_runner.performance import HeadFilmMaker

__all__ = ["RenderSettings", "SadTalkerRenderer", "SadTalkerSettings", "crop_box", "missing", "weight_names"]

PACKAGES = ("torch", "safetensors")
INSTALL = pip_install("torch safetensors", NEURAL_PINS)


def weight_names(settings: SadTalkerSettings) -> tuple[str, str]:
    """Names in the registry of the checkpoint and of the mapping network that these settings need."""
    return f"sadtalker_{settings.size}", "sadtalker_mapping_full" if settings.preprocess == "full" else "sadtalker_mapping_crop"


def missing(settings: SadTalkerSettings) -> Message | None:
    """What the engine lacks for these settings, with the commands that bring it; None: nothing. Quick."""
    return lacking(missing_packages(), [name for name in weight_names(settings) if not is_here(name)])


def missing_packages() -> list[str]:
    """Packages that are not installed; none is loaded."""
    return [name for name in PACKAGES if importlib.util.find_spec(name) is None]


def lacking(packages: Sequence[str], weights: Sequence[str]) -> Message | None:
    """What is said of packages and weights that are not here, None where there are none."""
    what, commands = [], []
    if packages:
        what.append(f"the Python packages {', '.join(packages)}" if len(packages) > 1 else f"the Python package {packages[0]}")
        commands.append(f"`{INSTALL}`")
    if weights:
        what.append(f"the weights {', '.join(weights)}")
        commands.append(f"`{call_of('weights')} fetch {' '.join(weights)}`")
    if not what:
        return None
    return message("sadtalker_runner.lacks_parts", what=" and ".join(what), commands=" and ".join(commands))


def crop_of(portrait: Portrait, settings: SadTalkerSettings) -> Crop:
    """The part of the picture that is drawn."""
    return whole_picture(portrait.image) if settings.preprocess == "resize" else head_crop(portrait.face)


def crop_box(portrait: Portrait, settings: SadTalkerSettings) -> tuple[float, float, float, float]:
    """The part of the picture that is drawn, as `HeadFilm.box` will have it: (left, top, right, bottom) in pixels."""
    return crop_of(portrait, settings).box


class SadTalkerRenderer:
    """Draws the head of a portrait while a voice sounds (the `HeadRenderer` contract).

    One renderer makes any number of films, also at once; the networks are loaded with the first of them and kept.
    """

    def __init__(self, settings: SadTalkerSettings, voice: Path | None, driving: Driving | None = None) -> None:
        """voice: the stem that moves the lips; it starts with the film. driving: a film that moves the head, and where there is
        no voice the lips too. Raises MissingError where a package is missing."""
        if (lack := lacking(missing_packages(), [])) is not None:
            raise MissingError(lack)
        self.settings = settings
        self.voice, self.driving = voice, driving
        self._maker: HeadFilmMaker | None = None

    def head_film(self, portrait: Portrait, motion: Motion, progress: Progress = silent) -> HeadFilm:
        """The head's film: as many squares as the motion has frames, at its rate, the first of them shown when it begins.

        Weights that are not here are fetched first, and told to `progress` under their own names. Then the voice is heard and the
        film's coefficients are made, which takes some kilobytes a second; squares are drawn as they are taken. With `resize`, the
        box is as wide and high as the picture, so it need not be square.
        Raises MissingError where weights can't be had or a graphics card is asked for in vain; InputError where a weight file is
        damaged, or the voice or the film that is followed can't be used; and what `progress` raises.
        """
        checkpoint, mapping = ensure_all(weight_names(self.settings), progress)
        if self._maker is None:
            from sadtalker_runner.performance import HeadFilmMaker

            self._maker = HeadFilmMaker(self.settings, checkpoint, mapping)
        crop = crop_of(portrait, self.settings)
        frames = self._maker.frames(portrait, crop, motion, self.voice, self.driving, progress)
        return HeadFilm(crop.box, self.settings.size, frames)
