"""Published weights of Wav2Lip, its expert and LipGAN, read strictly: every tensor has its place and shape, and nothing is run.

`wav2lip.pth`, `wav2lip_gan.pth` and `lipsync_expert.pth` are checkpoints of a training on several cards, or TorchScript archives;
`lipgan_residual_mel.h5` is Keras's. The person names the file, so whatever it is, its SHA-256 is kept beside the network.
"""

from __future__ import annotations

import pickle  # only its error, pickles are read by weights_only  # nosec B403
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

from core.errors import InputError
from lipsync.wav2lip.keras_file import is_keras_file, read_keras_layers, state_of
from lipsync.wav2lip.networks.expert import LipSyncExpert
from lipsync.wav2lip.networks.generator import Wav2LipGenerator
from lipsync.wav2lip.networks.lipgan import LipGanGenerator
from lipsync.wav2lip.script_file import is_script_archive, read_script_tensors
from neural.network_files import UNREADABLE
from weights.sources import sha256_of

#: Where a checkpoint has the weights, and what training on several cards puts before each name.
STATE, PREFIX = "state_dict", "module."
#: A counter of training steps, which some programs leave out and none needs.
COUNTER = "num_batches_tracked"
#: What tells a network's width: the last norm of what hears, which both networks have, and its channels as published.
LAST_OF_SOUND, LAST_CHANNELS = "audio_encoder.12.conv_block.1.bias", 512
Network = TypeVar("Network", bound=nn.Module)
Generator = Wav2LipGenerator | LipGanGenerator


@dataclass(frozen=True)
class Checkpoint(Generic[Network]):
    """A network in evaluation mode on the CPU, float32, and the file that it came from.

    sha256: of the file, as lower-case hexadecimal digits.
    """

    network: Network
    path: Path
    sha256: str


def read_generator(path: Path) -> Checkpoint[Wav2LipGenerator] | Checkpoint[LipGanGenerator]:
    """Wav2Lip's generator, or LipGAN's where the file is Keras's.

    Raises InputError where the file is not there, can't be read, holds more than numbers, or is another network's; MissingError
    where it is Keras's and h5py is not here.
    """
    check_is_file(path)
    if not is_keras_file(path):
        return _read_torch(path, Wav2LipGenerator, "Wav2Lip")
    network = LipGanGenerator()
    try:
        layers = read_keras_layers(path)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise _unreadable(path, error) from error
    try:
        state = state_of(layers, network)
    except ValueError as error:
        raise _unfit(path, "LipGAN", str(error)) from error
    return Checkpoint(_filled(network, state, path, "LipGAN"), path, sha256_of(path))


def read_expert(path: Path) -> Checkpoint[LipSyncExpert]:
    """The expert that tells whether lips and sound belong together. Raises InputError as `read_generator`."""
    check_is_file(path)
    return _read_torch(path, LipSyncExpert, "Wav2Lip's expert")


def check_is_file(path: Path) -> None:
    """Raises InputError where `path` is no file."""
    if not path.is_file():
        raise InputError("lipsync.wav2lip.no_file", path=path)


def _read_torch(path: Path, make: Callable[[float], Network], what: str) -> Checkpoint[Network]:
    """The network out of a checkpoint or a TorchScript archive, as wide as it was made."""
    try:
        found: object = read_script_tensors(path) if is_script_archive(path) else _plain_state(path)
    except (*UNREADABLE, zipfile.BadZipFile) as error:
        raise _unreadable(path, error) from error
    if not isinstance(found, Mapping) or not all(isinstance(value, Tensor) for value in found.values()):
        raise _unfit(path, what, f"no weights stand under '{STATE}'")
    state = {str(key).removeprefix(PREFIX): value for key, value in found.items()}
    return Checkpoint(_filled(make(_width_of(state)), state, path, what), path, sha256_of(path))


def _width_of(state: Mapping[str, Tensor]) -> float:
    """How wide the network is, 1 as published; our own training makes narrower ones."""
    last = state.get(LAST_OF_SOUND)
    return 1.0 if last is None or last.ndim != 1 else min(1.0, len(last) / LAST_CHANNELS)


def _plain_state(path: Path) -> object:
    """The weights of a checkpoint with or without what its training left. Raises ValueError where it holds more than numbers."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:  # whose own words advise to let the file run
        raise ValueError("it is damaged, or holds more than numbers, which is refused as such a file can run programs") from error
    return content.get(STATE, content) if isinstance(content, Mapping) else content


def _filled(network: Network, state: dict[str, Tensor], path: Path, what: str) -> Network:
    """The network with these numbers, in whatever precision they come. Raises InputError where they don't fit."""
    own = network.state_dict()
    counters = {key: value for key, value in own.items() if key.endswith(COUNTER) and key not in state}
    state = {**state, **counters}
    missing, unknown = [key for key in own if key not in state], [key for key in state if key not in own]
    other = [key for key in own if key in state and own[key].shape != state[key].shape]
    whole = [key for key in own if key in state and own[key].is_floating_point() != state[key].is_floating_point()]
    if missing:
        raise _unfit(path, what, f"{len(missing)} of its {len(own)} tensors are missing, such as '{missing[0]}'")
    if unknown:
        raise _unfit(path, what, f"{len(unknown)} tensors are none of its own, such as '{unknown[0]}'")
    if other:
        found, wanted = (" x ".join(map(str, each[other[0]].shape)) or "one" for each in (state, own))
        raise _unfit(path, what, f"'{other[0]}' is {found} numbers where {wanted} are expected")
    if whole:
        raise _unfit(path, what, f"'{whole[0]}' is {state[whole[0]].dtype} where {own[whole[0]].dtype} is expected")
    network.load_state_dict(state, strict=True)
    return network.eval().requires_grad_(False)


def _unreadable(path: Path, error: Exception) -> InputError:
    reason = " ".join(str(error).split())[:160].rstrip(".") or type(error).__name__
    return InputError("lipsync.wav2lip.unreadable", path=path, reason=reason)


def _unfit(path: Path, what: str, reason: str) -> InputError:
    return InputError("lipsync.wav2lip.unfit", path=path, what=what, reason=reason)
