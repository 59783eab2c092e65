"""MuseTalk's three published weight files, read strictly: every tensor has its place and its shape, and nothing is run.

A file may be a torch file (of which only numbers are read) or a safetensors file, of the registry or one that the user names; its
SHA-256 is kept with the networks, so that a film can say what drew it.
"""

from __future__ import annotations

import pickle  # only its error, pickles are read by weights_only  # nosec B403
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from core.errors import InputError, MissingError
from core.places import call_of
from lipsync.musetalk.networks.unet import UNet
from lipsync.musetalk.networks.vae import Vae
from lipsync.musetalk.networks.whisper_encoder import WhisperEncoder
from neural.network_files import UNREADABLE
from neural.own_files import is_safetensors, read_torch
from weights.fetch import ensure
from weights.registry import find
from weights.sources import sha256_of

Part = Literal["unet", "vae", "whisper"]
Tensors = dict[str, Tensor]
Network = TypeVar("Network", bound=nn.Module)
#: The rows of the registry.
WEIGHTS: dict[Part, str] = {"unet": "musetalk_v15_unet", "vae": "sd_vae_ft_mse", "whisper": "whisper_tiny"}
#: The autoencoder's attention has older names in the published file, newer ones in files that were written again since.
OLDER_NAMES = {".to_q.": ".query.", ".to_k.": ".key.", ".to_v.": ".value.", ".to_out.0.": ".proj_attn."}
#: What Whisper's file holds of the part that hears, and of the one that writes, which is not needed.
ENCODER, WRITING = "model.encoder.", ("model.decoder.", "proj_out.")
ACCEPTED_TYPES = (torch.float32, torch.float16, torch.bfloat16)


@dataclass(frozen=True)
class WeightFile:
    """A file that was read. sha256: of all its bytes. published: whether it is the very one that the registry names."""

    path: Path
    sha256: str
    published: bool


@dataclass(frozen=True)
class MuseTalkNetworks:
    """The networks, in evaluation mode, float32, on the processor; and the files that they came from."""

    unet: UNet
    vae: Vae
    whisper: WhisperEncoder
    files: Mapping[Part, WeightFile]


def read_networks(unet: Path | None = None, vae: Path | None = None, whisper: Path | None = None) -> MuseTalkNetworks:
    """The networks of the files that are named; in the place of one that is not, the registry's, which is fetched where it is
    missing. The U-Net may be version 1.5's or 1.0's, which have the same layout.

    Raises MissingError where a file is not there or can't be had, InputError where one is damaged, another model's, or holds more
    than numbers.
    """
    named: dict[Part, Path | None] = {"unet": unet, "vae": vae, "whisper": whisper}
    paths = {part: path or ensure(WEIGHTS[part]) for part, path in named.items()}
    return MuseTalkNetworks(
        read_unet(paths["unet"]),
        read_vae(paths["vae"]),
        read_whisper(paths["whisper"]),
        {part: recorded(part, paths[part], fetched=path is None) for part, path in named.items()},
    )


def recorded(part: Part, path: Path, fetched: bool = False) -> WeightFile:
    """What is kept of a file. fetched: it came by the registry and was held to its row already."""
    published = find(WEIGHTS[part]).sha256
    sha256 = published if fetched else sha256_of(path)
    return WeightFile(path, sha256, sha256 == published)


def read_unet(path: Path, make: Callable[[], UNet] = UNet) -> UNet:
    """The U-Net of a flat table of tensors. Raises as `read_networks`."""
    return filled(make, read_tensors(path, how_to_fetch("unet")), path, "unet")


def read_vae(path: Path, make: Callable[[], Vae] = Vae) -> Vae:
    """The autoencoder, by its attention's older or newer names. Raises as `read_networks`."""
    return filled(make, with_older_names(read_tensors(path, how_to_fetch("vae"))), path, "vae")


def read_whisper(path: Path) -> WhisperEncoder:
    """The part of Whisper tiny that hears. Raises as `read_networks`."""
    tensors = {key: tensor for key, tensor in read_tensors(path, how_to_fetch("whisper")).items() if not key.startswith(WRITING)}
    return filled(WhisperEncoder, {key.removeprefix(ENCODER): tensor for key, tensor in tensors.items()}, path, "whisper")


def with_older_names(tensors: Tensors) -> Tensors:
    """The autoencoder's tensors by the names of the published file; a name that would come twice stays as it is."""
    renamed = {}
    for key, tensor in tensors.items():
        name = key
        if ".mid_block.attentions." in key:
            for newer, older in OLDER_NAMES.items():
                name = name.replace(newer, older)
        renamed[key if name in tensors else name] = tensor
    return renamed


def read_tensors(path: Path, fetch: str) -> Tensors:
    """All tensors of a file, by key. fetch: the clause that says how the right one is had. Raises as `read_networks`."""
    if not path.is_file():
        raise MissingError("lipsync.musetalk.no_weight_file", path=path, fetch=fetch)
    try:
        content = load_file(path) if is_safetensors(path) else read_torch(path)
    except pickle.UnpicklingError as error:
        raise InputError("lipsync.musetalk.weights_hold_more_than_numbers", name=path.name, fetch=fetch) from error
    except (*UNREADABLE, zipfile.BadZipFile, SafetensorError) as error:
        raise InputError("lipsync.musetalk.weights_unreadable", name=path.name, fetch=fetch) from error
    if not isinstance(content, Mapping) or not all(isinstance(value, Tensor) for value in content.values()):
        raise InputError("lipsync.musetalk.no_table_of_tensors", name=path.name, fetch=fetch)
    return {str(key): value for key, value in content.items()}


@lru_cache(maxsize=8)
def shapes_of(make: Callable[[], nn.Module]) -> dict[str, tuple[int, ...]]:
    """Names and shapes of a network's tensors, without its memory."""
    with torch.device("meta"):
        return {key: tuple(value.shape) for key, value in make().state_dict().items()}


def filled(make: Callable[[], Network], tensors: Tensors, path: Path, part: Part) -> Network:
    """A network in evaluation mode that holds the tensors, no copies of those that are float32.

    Raises InputError where names, shapes or kinds of numbers are not the network's.
    """
    problem = problem_of(shapes_of(make), tensors)
    if problem:
        raise InputError("lipsync.musetalk.not_the_file_needed", name=path.name, problem=problem, fetch=how_to_fetch(part))
    with torch.device("meta"):
        network = make()
    network.load_state_dict({key: tensor.float() for key, tensor in tensors.items()}, strict=True, assign=True)
    return network.eval().requires_grad_(False)


def problem_of(expected: Mapping[str, tuple[int, ...]], found: Mapping[str, Tensor]) -> str:
    """What is wrong with the tensors of a file, with an example; empty where they are as expected."""
    missing = [key for key in expected if key not in found]
    unknown = [key for key in found if key not in expected]
    if missing:
        return f"{len(missing)} of its {len(expected)} tensors are missing, such as '{missing[0]}'"
    if unknown:
        return f"{len(unknown)} of its tensors are unknown, such as '{unknown[0]}'"
    for key, shape in expected.items():
        if tuple(found[key].shape) != shape:
            return f"'{key}' has the shape {tuple(found[key].shape)} where {shape} is expected"
        if found[key].dtype not in ACCEPTED_TYPES:
            return (
                f"'{key}' is of the type {str(found[key].dtype).removeprefix('torch.')} where float32 or half of that is expected"
            )
    return ""


def how_to_fetch(part: Part) -> str:
    """The clause that says how the right file is had."""
    return f"`{call_of('weights')} fetch {WEIGHTS[part]}` brings the right one"
