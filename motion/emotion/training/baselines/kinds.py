"""The baselines by name, and their files."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.messages import as_written
from core.output_files import whole_file
from motion.emotion.training.baselines.base import Baseline, BaselineShape
from motion.emotion.training.baselines.emotalk import EmoTalk
from motion.emotion.training.baselines.faceformer import FaceFormer
from motion.emotion.training.baselines.one_hot import OneHot
from motion.emotion.training.prepare import Hearing

KINDS: dict[str, type[Baseline]] = {"faceformer": FaceFormer, "emotalk": EmoTalk, "one_hot": OneHot}
#: The header's one entry, and what it says the file is.
ENTRY, KIND = "facts", "baseline"


def made_baseline(kind: str, shape: BaselineShape) -> Baseline:
    """A new baseline. Raises InputError for a name that is none of `KINDS`."""
    if kind not in KINDS:
        raise InputError(as_written(f"There is no baseline {kind}; there are {', '.join(KINDS)}."))
    return KINDS[kind](shape)


def save_baseline(path: Path, kind: str, network: Baseline, hearing: Hearing, rig: str) -> None:
    """Write a baseline with what it listens through and whose curves it tells, as safetensors."""
    from safetensors.torch import save

    facts = {"kind": KIND, "baseline": kind, "shape": asdict(network.shape), "hearing": asdict(hearing), "rig": rig}
    tensors = {name: tensor.detach().contiguous() for name, tensor in network.state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path, "The baseline") as file:
        file.write(save(tensors, metadata={ENTRY: json.dumps(facts)}))


def is_baseline(path: Path) -> bool:
    """Whether a safetensors file is one that `save_baseline` wrote."""
    return _facts(path).get("kind") == KIND


def load_baseline(path: Path) -> tuple[Baseline, Hearing, str]:
    """The network, what it listens through, and the rig's name. Raises InputError where the file is no baseline."""
    from safetensors.torch import load_file

    facts = _facts(path)
    if facts.get("kind") != KIND:
        raise InputError(as_written(f"{path} is no baseline."))
    shape: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in facts["shape"].items()}
    network = made_baseline(facts["baseline"], BaselineShape(**shape))
    network.load_state_dict(load_file(path))
    network.eval()
    return network, Hearing(facts["hearing"]["encoder"], tuple(facts["hearing"]["layers"])), str(facts["rig"])


def _facts(path: Path) -> dict[str, Any]:
    """What a safetensors file's header tells. Raises InputError where it is none."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            facts: dict[str, Any] = json.loads((file.metadata() or {}).get(ENTRY, "{}"))
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(as_written(f"{path} is no trained network ({error}).")) from error
    return facts
