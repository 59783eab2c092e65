"""A trained network of lips as one safetensors file: tensors under their names in the module, everything else as JSON in its
header.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from core.errors import InputError
from core.messages import as_written
from motion.singing.networks.delayed_lstm import DelayedLstm
from motion.singing.networks.lip_network import LipNetwork, LipNetworkShape

Network = TypeVar("Network", bound=torch.nn.Module)


def save_network(network: LipNetwork | DelayedLstm, path: Path, facts: dict[str, Any]) -> None:
    """Write `network` under its final name in one step. facts: what a user of the file must know; each value is kept as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.detach().contiguous().float() for name, tensor in network.state_dict().items()}
    part = path.with_name(path.name + ".part")
    header = {name: json.dumps(value) for name, value in {"shape": asdict(network.shape), **facts}.items()}
    save_file(tensors, part, metadata=header)
    part.chmod(0o644)  # the library writes for its owner alone
    part.replace(path)


def load_network(path: Path) -> tuple[LipNetwork, dict[str, Any]]:
    """The network and its facts, strictly: every tensor of the shape's network and no other. Raises InputError for any other
    file.
    """

    def build(shape: dict[str, Any]) -> LipNetwork:
        return LipNetwork(LipNetworkShape(**{**shape, "dilations": tuple(shape["dilations"])}))

    return load_strictly(path, "the learned lips", build)


def load_strictly(path: Path, what: str, build: Callable[[dict[str, Any]], Network]) -> tuple[Network, dict[str, Any]]:
    """The network that `build` makes of the stored shape, with exactly its tensors, and the facts; what: its name in errors.

    Raises InputError for any other file.
    """
    try:
        with safe_open(path, framework="pt") as file:
            facts = {name: json.loads(value) for name, value in (file.metadata() or {}).items()}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dictionary
        network = build(facts["shape"])
        network.load_state_dict(tensors, strict=True)
    except FileNotFoundError as error:
        raise InputError(as_written(f"{path} is missing; `make train-lips` makes it from the talking tracks.")) from error
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise InputError(as_written(f"{path} is no file of {what} ({error}); `make train-lips` makes one.")) from error
    return network.eval(), facts


def set_scales(network: LipNetwork, rows: torch.Tensor, curves: torch.Tensor) -> None:
    """Set the network's normalisation from sample rows (N, C) and curves (N, outputs - 1), in their units."""
    state = network.state_dict()
    state["input_mean"].copy_(rows.mean(dim=0))
    state["input_scale"].copy_(rows.std(dim=0) + 1e-3)
    state["curve_mean"].copy_(curves.mean(dim=0))
    state["curve_scale"].copy_(curves.std(dim=0) + 1e-4)
