"""One step of MuseTalk's trainings: the expert's, and those of the U-Net, between the frozen halves of the autoencoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from lipsync.musetalk.networks.patch_judge import PatchJudge
from lipsync.musetalk.networks.sync_expert import SyncExpert
from lipsync.musetalk.networks.unet import UNet
from lipsync.musetalk.networks.vae import SCALE, Vae
from lipsync.musetalk.runner import lower_half_black
from lipsync.musetalk.sound import order_of_rows
from lipsync.musetalk.training.dataset import Batch, Clip, draw_batch, drawn_clip, stretch_of
from lipsync.musetalk.training.losses import judge_loss, judged_loss, lower_half, perceptual_loss, sync_loss
from lipsync.musetalk.training.settings import TrainingSettings
from lipsync.sync_losses import row_loss
from lipsync.sync_rows import row_starts
from neural.learning import Learning, Optimising


def optimising_of(settings: TrainingSettings) -> Optimising:
    """The optimiser's part of the settings."""
    return Optimising(settings.rate, settings.betas, settings.decay, settings.warm_steps, settings.clip)


class ExpertLesson(Learning):
    """The expert learns whether the mouths of a stretch and a sound belong together, of rows of one clip each."""

    def __init__(self, clips: Sequence[Clip], expert: SyncExpert, settings: TrainingSettings) -> None:
        """The expert stays on the device where it is. Its frames must be those of the settings' stretches."""
        self.expert = expert
        self._clips, self._settings = clips, settings
        super().__init__({"expert": expert}, optimising_of(settings))

    def step(self, number: int) -> Mapping[str, float]:
        """See `Lesson`."""
        data = self._settings.data
        chance = np.random.default_rng([self._settings.seed, 1, number])
        rows = [row_of(drawn_clip(self._clips, chance), self._settings, chance) for _ in range(data.batch)]
        frames, sound = (torch.stack(each).to(self.expert.layers.weight.device) for each in zip(*rows, strict=True))
        self.expert.train()
        heard, shown = self.expert(sound.flatten(0, 1), frames.flatten(0, 1))
        loss = row_loss(heard.unflatten(0, frames.shape[:2]), shown.unflatten(0, frames.shape[:2]))
        self.learn("expert", loss, number)
        return {"loss": float(loss.detach())}


def row_of(clip: Clip, settings: TrainingSettings, chance: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Frames (8, F, 3, side, side) and sounds (8, 2 F, 5, 384) of a row of stretches."""
    starts = row_starts(len(clip), settings.data.frames, chance)
    parts = [stretch_of(clip, int(start), settings.data, chance) for start in starts]
    return torch.stack([part[0] for part in parts]), torch.stack([part[3] for part in parts])


@dataclass(frozen=True)
class Helpers:
    """Frozen networks that teach the U-Net. vae: its pictures' latents, and back. eyes: how alike pictures look. expert: whether
    lips fit their sound; None where nobody asks it."""

    vae: Vae
    eyes: nn.Module
    expert: SyncExpert | None = None


class LipsLesson(Learning):
    """The U-Net learns to draw the hidden lower half; by the settings' weights judges and the expert say how well."""

    def __init__(self, clips: Sequence[Clip], unet: UNet, helpers: Helpers, settings: TrainingSettings) -> None:
        """All networks stay on the device where they are."""
        self.unet, self._clips, self._settings = unet.requires_grad_(True), clips, settings
        self._vae, self._eyes = helpers.vae.eval().requires_grad_(False), helpers.eyes.eval().requires_grad_(False)
        self._expert = helpers.expert.eval().requires_grad_(False) if helpers.expert is not None else None
        self.device = unet.conv_in.weight.device
        torch.manual_seed(settings.seed)
        weights = {"judge": settings.weights.judge, "mouth_judge": settings.weights.mouth_judge}
        size = settings.judge_width, settings.judge_blocks
        self._judges = {name: PatchJudge(*size).to(self.device) for name, weight in weights.items() if weight}
        self._order = torch.from_numpy(order_of_rows()).to(self.device)
        super().__init__({"unet": unet, **self._judges}, optimising_of(settings))

    def step(self, number: int) -> Mapping[str, float]:
        """See `Lesson`."""
        judging = number >= self._settings.judges_from
        learning = ["unet", *(self._judges if judging else ())]
        for name in learning:
            self.forget(name)
        told: dict[str, float] = {}
        for part in range(self._settings.gathered):
            chance = np.random.default_rng([self._settings.seed, 2, number, part])
            batch = draw_batch(self._clips, self._settings.data, chance).to(self.device)
            for name, value in self._one_batch(batch, judging).items():
                told[name] = told.get(name, 0.0) + value / self._settings.gathered
        for name in learning:
            self.move(name, number)
        return told

    def _one_batch(self, batch: Batch, judging: bool) -> dict[str, float]:
        """Gather the slopes of one batch; the losses by name, 0 for those that don't count yet."""
        weights, real = self._settings.weights, batch.frames.flatten(0, 1)
        drawn = self.drawn(batch)
        losses = {
            "likeness": weights.likeness * F.l1_loss(drawn, real),
            "perceptual": weights.perceptual * perceptual_loss(self._eyes, drawn, real, weights.scales),
        }
        if self._expert is not None and weights.sync:
            losses["sync"] = weights.sync * sync_loss(self._expert, batch.rows, drawn.unflatten(0, batch.frames.shape[:2]))
        with frozen(self._judges):
            for name, judge in self._judges.items():
                weight = getattr(weights, name) * judging
                views = self._views(name, drawn, real)
                losses[name] = weight * judged_loss(judge, *views, weights.features) if judging else drawn.new_zeros(())
            (torch.stack(list(losses.values())).sum() / self._settings.gathered).backward()
        for name, judge in self._judges.items() if judging else ():
            badly = judge_loss(judge, *self._views(name, drawn.detach(), real))
            (badly / self._settings.gathered).backward()
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _views(self, judge: str, drawn: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """What a judge looks at."""
        return (drawn, real) if judge == "judge" else (lower_half(drawn), lower_half(real))

    def drawn(self, batch: Batch) -> Tensor:
        """(B F, 3, side, side) what the U-Net draws of a batch, in about [-1, 1]."""
        frames, others = batch.frames.flatten(0, 1), batch.others.flatten(0, 1)
        with torch.no_grad():
            means = [self._vae.encode(each)[0] * SCALE for each in (lower_half_black(frames), others)]
        latents, sound = torch.cat(means, dim=1), batch.features.flatten(0, 1) + self._order
        self.unet.train()
        if not self._settings.sparing:
            return self._decoded(self.unet(latents, sound))
        found = checkpoint(self.unet, latents, sound, use_reentrant=False)
        return torch.cat([checkpoint(self._decoded, each, use_reentrant=False) for each in found.split(1)])

    def _decoded(self, latents: Tensor) -> Tensor:
        """Pictures of the U-Net's latents."""
        return self._vae.decode(latents / SCALE)


@contextmanager
def frozen(networks: Mapping[str, nn.Module]) -> Iterator[None]:
    """Networks that say how steep it is for others, and gather no slopes of their own."""
    for network in networks.values():
        network.requires_grad_(False)
    yield
    for network in networks.values():
        network.requires_grad_(True)
