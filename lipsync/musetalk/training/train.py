"""Trains MuseTalk's networks from clips (`prepare.py` makes them of films):

    python -m lipsync.musetalk.training.train first --data clips --out results/first --vgg vgg19-dcbb9e9d.pth
    python -m lipsync.musetalk.training.train expert --data clips --out results/expert
    python -m lipsync.musetalk.training.train second --data clips --out results/second --vgg vgg19-dcbb9e9d.pth \\
        --unet results/first/unet.pth --expert results/expert/sync_expert.pth

The first stage begins with the published U-Net (or from chance), the second with the file that is named. A file of TOML tells
losses and data (`--settings`; see `settings.py`):

    perceptual = "encoder"
    rate = 1e-5
    [data]
    batch = 8
    [weights]
    perceptual = 0.02

Called again it goes on where it was broken off; the same clips and seed give the same network on the same machine. The U-Net's
file is what `belcanto dub --engine musetalk --musetalk-file` takes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import torch
from torch import nn

from core.errors import InputError
from core.messages import as_written
from lipsync.musetalk.checkpoint import WEIGHTS, read_unet, read_vae
from lipsync.musetalk.networks.picture_features import EncoderEyes
from lipsync.musetalk.networks.sync_expert import SyncExpert
from lipsync.musetalk.networks.unet import UNet
from lipsync.musetalk.training.dataset import Clip, read_clips
from lipsync.musetalk.training.evaluate import chosen_share, lip_figures
from lipsync.musetalk.training.files import read_expert, read_vgg
from lipsync.musetalk.training.lessons import ExpertLesson, Helpers, LipsLesson
from lipsync.musetalk.training.settings import Stage, TrainingSettings, settings_of
from lipsync.training_films import apart, told
from neural.device import CardChoice, choose_nvidia
from neural.training_loop import StepReport, learn
from weights.fetch import ensure

#: What is trained: the file that it is written to.
FILES: dict[Stage, str] = {"expert": "sync_expert.pth", "first": "unet.pth", "second": "unet.pth"}
SAID_EVERY = 50


@dataclass(frozen=True)
class Networks:
    """What a stage of the U-Net begins with, on its device."""

    unet: UNet
    helpers: Helpers


def train_expert(
    clips: Sequence[Clip],
    expert: SyncExpert,
    settings: TrainingSettings,
    steps: int,
    folder: Path,
    report: StepReport | None = None,
) -> Path:
    """Train the expert up to `steps` steps in all, in `folder`, and write it there; returns its file. Raises InputError where
    the folder holds another training."""
    learn(ExpertLesson(clips, expert, settings), steps, folder, report)
    return written(expert, folder / FILES["expert"])


def train_lips(
    clips: Sequence[Clip],
    networks: Networks,
    settings: TrainingSettings,
    steps: int,
    folder: Path,
    report: StepReport | None = None,
) -> Path:
    """Likewise one stage of the U-Net. Raises InputError, too, where the settings ask an expert that is not there, or one of
    stretches of another length."""
    expert = networks.helpers.expert
    if settings.weights.sync:
        if expert is None:
            raise InputError(as_written("This stage asks an expert; train one first and name its file by --expert."))
        if expert.frames != settings.data.frames:
            raise InputError(as_written(f"The expert sees {expert.frames} frames, and data.frames is {settings.data.frames}."))
    learn(LipsLesson(clips, networks.unet, networks.helpers, settings), steps, folder, report)
    return written(networks.unet, folder / FILES["first"])


def written(network: nn.Module, file: Path) -> Path:
    """Write a network's tensors as the engine reads them; returns the file."""
    torch.save({key: tensor.detach().cpu() for key, tensor in network.state_dict().items()}, file)
    return file


def networks_of(given: argparse.Namespace, settings: TrainingSettings, device: torch.device) -> Networks:
    """The networks that the command line names. Raises InputError and MissingError as their readers do."""
    if settings.perceptual == "vgg19" and given.vgg is None:
        raise InputError(
            as_written(
                'Name VGG-19\'s weights, as torchvision publishes them, by --vgg, or set perceptual = "encoder" (--settings).'
            )
        )
    torch.manual_seed(settings.seed)
    unet = UNet() if given.anew else read_unet(given.unet or ensure(WEIGHTS["unet"]))
    vae = read_vae(given.vae or ensure(WEIGHTS["vae"]))
    eyes = read_vgg(given.vgg) if settings.perceptual == "vgg19" else EncoderEyes(vae)
    expert = None if given.expert is None else read_expert(given.expert).to(device)
    return Networks(unet.to(device), Helpers(vae.to(device), eyes.to(device), expert))


def say(done: int, steps: int, figures: Mapping[str, float]) -> None:
    """Tell the losses every few steps."""
    if done % SAID_EVERY == 0 or done == steps:
        sys.stdout.write(f"{done} of {steps}: " + ", ".join(f"{name} {value:.4f}" for name, value in figures.items()) + "\n")


def work(given: argparse.Namespace) -> Path:
    """Train what the command line says, tell how it does with people held out, and return the file."""
    settings = settings_of(given.stage, given.settings)
    if given.seed is not None:
        settings = replace(settings, seed=given.seed)
    device = choose_nvidia(given.device)
    own, strangers = apart(read_clips(given.data), given.held_out)
    if given.stage == "expert":
        torch.manual_seed(settings.seed)
        expert = SyncExpert(settings.data.frames).to(device)
        file = train_expert(own, expert, settings, given.steps, given.out, say)
        if strangers:
            share = chosen_share(expert, strangers)
            sys.stdout.write(f"Of people held out it chooses the sound rightly in {share:.1%} of cases.\n")
        return file
    networks = networks_of(given, settings, device)
    file = train_lips(own, networks, settings, given.steps, given.out, say)
    if strangers:
        told = lip_figures(networks.unet, networks.helpers.vae, strangers)
        sys.stdout.write(
            f"Of people held out: difference {told.likeness:.2f} of 255, sharpness {told.sharpness:.2f} of the real mouths', "
            f"movement {told.movement:.2f}.\n"
        )
    return file


def parser() -> argparse.ArgumentParser:
    """The command line's words."""
    made = argparse.ArgumentParser(prog="python -m lipsync.musetalk.training.train", description="Trains MuseTalk's networks.")
    made.add_argument("stage", choices=list(FILES), help="the expert of lips and sound, or a stage of the U-Net")
    made.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="clips that training.prepare made")
    made.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="for the network, the state and the curves")
    made.add_argument("--settings", type=Path, metavar="FILE", help="TOML that changes the stage's data, losses and optimiser")
    made.add_argument("--unet", type=Path, metavar="FILE", help="the U-Net to begin with; without it the published one")
    made.add_argument("--anew", action="store_true", help="begin with a U-Net that has learned nothing")
    made.add_argument("--vae", type=Path, metavar="FILE", help="the autoencoder; without it the registry's")
    made.add_argument("--vgg", type=Path, metavar="FILE", help="VGG-19's weights, as torchvision publishes them")
    made.add_argument("--expert", type=Path, metavar="FILE", help="the expert that the second stage asks")
    made.add_argument("--held-out", nargs="*", default=[], metavar="PERSON", help="people who are left for the examination")
    made.add_argument("--steps", type=int, default=250_000, help="of the optimiser, in all; as published")
    made.add_argument("--device", choices=get_args(CardChoice), default="auto", help="a card where there is one")
    made.add_argument("--seed", type=int, help="in the place of the settings'")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    given = parser().parse_args(argv)
    return told(lambda: work(given))


if __name__ == "__main__":
    raise SystemExit(main())
