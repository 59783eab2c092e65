"""One step of each training: the expert's, and the generator's with the expert's help or as LipGAN learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lipsync.sync_losses import agreement_loss, row_loss
from lipsync.sync_rows import ROW
from lipsync.wav2lip.lips import LOWER_HALF
from lipsync.wav2lip.networks.discriminator import PictureJudge
from lipsync.wav2lip.networks.expert import LipSyncExpert
from lipsync.wav2lip.networks.generator import Wav2LipGenerator
from lipsync.wav2lip.training.dataset import Clip, Stretches, draw_rows, draw_stretches
from lipsync.wav2lip.training.losses import (
    GeneratorWeights,
    five_mouths,
    judge_loss,
    pair_loss,
    picture_loss,
)
from neural.learning import Learning, Optimising

#: Adam's, as published: of what learns alone, and of what learns against a judge.
ALONE, AGAINST = (0.9, 0.999), (0.5, 0.999)


@dataclass(frozen=True)
class LessonSettings:
    """seed: of first numbers and batches. width: of all networks' channels, 1 as published. batch: stretches of five frames a
    step, for the expert a whole number of rows. rate: the optimiser's, 1e-4 as published; a small set wants more. weights: of the
    generator's loss. variety: how much pictures and sounds are changed, 0 to 1; see `variation.py`."""

    seed: int = 0
    width: float = 1.0
    batch: int = 16
    rate: float = 1e-4
    weights: GeneratorWeights = field(default_factory=GeneratorWeights)
    variety: float = 0.0


class ExpertLesson(Learning):
    """The expert learns whether five frames and a sound belong together.

    The published program draws one wrong sound for half of its stretches. Here each stretch of a row is told from the sounds of
    all others: the same loss, of eight times as many pairs for the same work. (Chung, Chung and Kang, "Perfect Match", ICASSP
    2019, choose among many sounds for the same reason.)
    """

    def __init__(self, clips: Sequence[Clip], settings: LessonSettings) -> None:
        torch.manual_seed(settings.seed)
        self.expert = LipSyncExpert(settings.width)
        self._clips, self._settings = clips, settings
        super().__init__({"expert": self.expert}, Optimising(settings.rate, ALONE))

    def step(self, number: int) -> Mapping[str, float]:
        """See `Lesson`."""
        settings = self._settings
        chance = np.random.default_rng([settings.seed, 1, number])
        rows = draw_rows(self._clips, max(1, settings.batch // ROW), chance, settings.variety)
        self.expert.train()
        heard, shown = self.expert(rows.sound.flatten(0, 1), five_mouths(rows.frames).flatten(0, 1))
        loss = row_loss(heard.unflatten(0, (-1, ROW)), shown.unflatten(0, (-1, ROW)))
        self.learn("expert", loss)
        return {"loss": float(loss.detach())}


class GeneratorLesson(Learning):
    """The generator learns to draw the hidden lower half; a finished expert, which learns no more, says whether it fits the
    sound, and a judge that learns along whether it looks real."""

    def __init__(self, clips: Sequence[Clip], expert: LipSyncExpert, settings: LessonSettings) -> None:
        torch.manual_seed(settings.seed)
        self.generator, self.judge = Wav2LipGenerator(settings.width), PictureJudge(settings.width)
        self.expert = expert.eval().requires_grad_(False)
        self._clips, self._settings = clips, settings
        super().__init__({"generator": self.generator, "judge": self.judge}, Optimising(settings.rate, AGAINST))

    def step(self, number: int) -> Mapping[str, float]:
        """See `Lesson`."""
        settings, weights = self._settings, self._settings.weights
        chance = np.random.default_rng([settings.seed, 2, number])
        batch = draw_stretches(self._clips, settings.batch, chance, settings.variety)
        drawn = draw_lips(self.generator, batch)
        real = batch.frames.flatten(0, 1)
        likeness = F.l1_loss(drawn, real)
        heard, shown = self.expert(batch.sound[:, 0], five_mouths(drawn.unflatten(0, batch.frames.shape[:2])))
        fits = agreement_loss(heard, shown, torch.ones(len(batch.frames)))
        looks = picture_loss(self.judge, drawn)
        self.learn("generator", weights.likeness * likeness + weights.agreement * fits + weights.picture * looks)
        told = judge_loss(self.judge, real, drawn.detach())
        self.learn("judge", told)
        return {"likeness": float(likeness.detach()), "agreement": float(fits.detach()), "judge": float(told.detach())}


class LipGanLesson(Learning):
    """The same generator taught as LipGAN was, for comparison: its judge of sound and single frames learns along with it, from
    its faults too, instead of being an expert."""

    def __init__(self, clips: Sequence[Clip], settings: LessonSettings) -> None:
        torch.manual_seed(settings.seed)
        self.generator, self.judge = Wav2LipGenerator(settings.width), LipSyncExpert(settings.width, frames=1)
        self._clips, self._settings = clips, settings
        super().__init__({"generator": self.generator, "judge": self.judge}, Optimising(settings.rate, AGAINST))

    def step(self, number: int) -> Mapping[str, float]:
        """See `Lesson`."""
        settings, weights = self._settings, self._settings.weights
        chance = np.random.default_rng([settings.seed, 2, number])
        batch = draw_stretches(self._clips, settings.batch, chance, settings.variety)
        drawn = draw_lips(self.generator, batch)
        sound, real = batch.sound.flatten(0, 1), batch.frames.flatten(0, 1)
        yes, no = torch.ones(len(real)), torch.zeros(len(real))
        likeness, share = F.l1_loss(drawn, real), weights.agreement + weights.picture
        fits = pair_loss(self.judge, sound, drawn, yes)
        self.learn("generator", (1 - share) * likeness + share * fits)
        told = (
            pair_loss(self.judge, sound, real, yes)
            + pair_loss(self.judge, batch.out_of_step.flatten(0, 1), real, no)
            + pair_loss(self.judge, sound, drawn.detach(), no)
        ) / 3
        self.learn("judge", told)
        return {"likeness": float(likeness.detach()), "agreement": float(fits.detach()), "judge": float(told.detach())}


def draw_lips(generator: nn.Module, batch: Stretches) -> Tensor:
    """(B * 5, 3, 96, 96) what the generator draws of a batch: the mouths it has to find hidden, and another picture of the same
    person beside."""
    hidden = batch.frames.flatten(0, 1).clone()
    hidden[:, :, LOWER_HALF] = 0
    generator.train()
    drawn: Tensor = generator(batch.sound.flatten(0, 1), torch.cat([hidden, batch.others.flatten(0, 1)], dim=1))
    return drawn
