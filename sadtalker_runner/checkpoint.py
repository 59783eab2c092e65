"""SadTalker's published weight files, loaded strictly: every tensor has its place and its shape, and nothing is run.

The networks come in one safetensors file, under five prefixes; each mapping network in a pickle of its own, of which only
numbers are read (`weights_only`).
"""

from __future__ import annotations

import pickle  # only its error, pickles are read by weights_only  # nosec B403
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from core.errors import InputError, MissingError
from core.places import call_of
from neural.exact_loading import Network, difference, filled, shapes_and_types, skeleton
from neural.one_shot.generator import Generator
from neural.one_shot.keypoint_detector import KeypointDetector
from sadtalker_runner.networks.expression_net import ExpressionNet
from sadtalker_runner.networks.face_reconstruction import FaceReconstructionNet
from sadtalker_runner.networks.mapping_net import CROP_COEFFICIENTS, FULL_COEFFICIENTS, MappingNet
from sadtalker_runner.networks.pose_vae import PoseVAE

#: Which network stands under which prefix of the safetensors file.
NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "audio2exp": ExpressionNet,
    "audio2pose": PoseVAE,
    "face_3drecon": FaceReconstructionNet,
    "kp_extractor": KeypointDetector,
    "generator": Generator,
}
MAPPING_KEY = "mapping"
#: What a file that can't be unpickled raises, besides `pickle.UnpicklingError` for what is refused.
UNREADABLE = (RuntimeError, ValueError, EOFError, KeyError, IndexError, AttributeError, TypeError, zipfile.BadZipFile)
SAFETENSORS_TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "F64": torch.float64, "I64": torch.int64}
FETCH = f"`{call_of('weights')} fetch {{name}}` brings the right one"


class SadTalkerCheckpoint:
    """The safetensors file of a release (256 or 512 px), checked as a whole when it is opened; networks are read when asked for.

    Raises MissingError where there is no such file, InputError where it is damaged or another model's.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fetch = FETCH.format(name="sadtalker_512" if "512" in path.name else "sadtalker_256")
        check_is_file(path, self._fetch)
        expected = {f"{prefix}.{key}": value for prefix, make in NETWORKS.items() for key, value in skeleton(make).items()}
        try:
            with safe_open(str(path), framework="pt") as file:
                found = {key: file.get_slice(key) for key in file.keys()}  # noqa: SIM118 - not a mapping
                shapes = {key: (tuple(part.get_shape()), part.get_dtype()) for key, part in found.items()}
        except (SafetensorError, OSError) as error:
            raise InputError("sadtalker_runner.weights_not_whole", name=path.name, error=error, fetch=self._fetch) from error
        compare(
            path.name,
            shapes_and_types(expected),
            {key: (shape, SAFETENSORS_TYPES.get(kind, kind)) for key, (shape, kind) in shapes.items()},
            self._fetch,
        )

    def expression_net(self) -> ExpressionNet:
        """Sound to expression."""
        return self._load("audio2exp", ExpressionNet)

    def pose_vae(self) -> PoseVAE:
        """Sound to head motion."""
        return self._load("audio2pose", PoseVAE)

    def face_reconstruction_net(self) -> FaceReconstructionNet:
        """Aligned face to 3D morphable model coefficients."""
        return self._load("face_3drecon", FaceReconstructionNet)

    def keypoint_detector(self) -> KeypointDetector:
        """Portrait to canonical key points."""
        return self._load("kp_extractor", KeypointDetector)

    def generator(self) -> Generator:
        """Portrait and key points to frames."""
        return self._load("generator", Generator)

    def _load(self, prefix: str, make: Callable[[], Network]) -> Network:
        """One network, in evaluation mode, on the CPU."""
        try:
            with safe_open(str(self.path), framework="pt") as file:
                state = {key: file.get_tensor(f"{prefix}.{key}") for key in skeleton(make)}
        except (SafetensorError, OSError) as error:
            raise InputError(
                "sadtalker_runner.weights_no_longer_readable", name=self.path.name, error=error, fetch=self._fetch
            ) from error
        return filled(make, state)


def load_mapping_net(path: Path, coefficients: int) -> MappingNet:
    """The mapping network of a pickle `{'mapping': state, ...}`, for 70 (`crop`, `resize`) or 73 (`full`) coefficients.

    Raises MissingError where there is no such file, InputError where it is damaged, another model's, or more than numbers.
    """
    names = {CROP_COEFFICIENTS: "sadtalker_mapping_crop", FULL_COEFFICIENTS: "sadtalker_mapping_full"}
    fetch = FETCH.format(name=names[coefficients])
    check_is_file(path, fetch)
    try:
        # Only the mapping network's pages are read; the file also holds what its training left.
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except pickle.UnpicklingError as error:
        raise InputError("sadtalker_runner.weights_hold_more_than_numbers", name=path.name, fetch=fetch) from error
    except (*UNREADABLE, OSError) as error:
        raise InputError("sadtalker_runner.weights_unreadable", name=path.name, fetch=fetch) from error
    state = content.get(MAPPING_KEY) if isinstance(content, Mapping) else None
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise InputError("sadtalker_runner.no_mapping_network", name=path.name, key=MAPPING_KEY, fetch=fetch)

    def make() -> MappingNet:
        return MappingNet(coefficients)

    compare(path.name, shapes_and_types(skeleton(make)), shapes_and_types(state), fetch)
    return filled(make, dict(state))


def check_is_file(path: Path, fetch: str) -> None:
    """Raises MissingError where `path` is no file."""
    if not path.is_file():
        raise MissingError("sadtalker_runner.no_weight_file", path=path, fetch=fetch)


def compare(name: str, expected: Mapping[str, object], found: Mapping[str, object], fetch: str) -> None:
    """Raises InputError, with an example, where the file `name` has other keys, shapes or types than expected."""
    problem = difference(expected, found)
    if problem is not None:
        raise InputError("sadtalker_runner.not_the_file_needed", name=name, problem=problem, fetch=fetch)
