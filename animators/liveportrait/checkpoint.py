"""LivePortrait's five published files become our networks, strictly.

Three of them are one network here, the generator of `neural/one_shot`: the appearance extractor makes a volume of the portrait,
the warping module moves it, and the SPADE decoder, which doubles once more than SadTalker's, makes it a picture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from animators.liveportrait.files import PARTS, Part, folder_of, found_files
from animators.liveportrait.networks.motion_extractor import KEYPOINTS, MotionExtractor
from animators.liveportrait.networks.retargeting import EyeRetargeting, LipRetargeting, Stitching
from core.errors import MissingError
from neural.exact_loading import difference, filled, shapes_and_types, skeleton
from neural.one_shot.generator import Generator, GeneratorShape
from neural.own_files import Tensors, WeightFile, read_tensors

SHAPE = GeneratorShape(keypoints=KEYPOINTS, smallest_weight=0.0, doubled=True)
DECODER = "decoder."
#: The parts of the generator that the warping module's file holds.
WARPING = ("dense_motion_network.", "third.", "fourth.")
#: The three small networks by their names in their common file.
SMALL: dict[str, Callable[[], nn.Module]] = {
    "retarget_shoulder": Stitching,
    "retarget_eye": EyeRetargeting,
    "retarget_mouth": LipRetargeting,
}


@dataclass(frozen=True)
class LivePortraitNetworks:
    """The networks, in evaluation mode, float32, on the processor; and the files that they came from."""

    generator: Generator
    motion: MotionExtractor
    stitching: Stitching
    eyes: EyeRetargeting
    lips: LipRetargeting
    files: Mapping[Part, WeightFile]


def published_generator() -> Generator:
    """The generator in its published size."""
    return Generator(SHAPE)


def read_networks(folder: Path | None = None) -> LivePortraitNetworks:
    """The networks of the five files in a folder; None: the one among the weights.

    Raises MissingError where one is not there, InputError where one is damaged, another model's, or holds more than numbers.
    """
    files = weight_files(folder_of(folder))
    small = read_small(files["stitching_retargeting_module"])
    return LivePortraitNetworks(read_generator(files), read_motion(files["motion_extractor"]), *small, files=files)


def weight_files(folder: Path) -> dict[Part, WeightFile]:
    """The five files. Raises MissingError with the first that is not there."""
    found = found_files(folder)
    for part in PARTS:
        if part not in found:
            raise MissingError("animators.liveportrait.no_file", part=part, folder=folder)
    fetch = f"put the makers' own file into {folder}"
    return {part: WeightFile(path, "LivePortrait", fetch) for part, path in found.items()}


def read_motion(file: WeightFile, make: Callable[[], MotionExtractor] = MotionExtractor) -> MotionExtractor:
    """The motion extractor. Raises as `read_networks`."""
    return filled(make, checked(file, read_tensors(file), shapes_and_types(skeleton(make))))


def read_generator(files: Mapping[Part, WeightFile], make: Callable[[], Generator] = published_generator) -> Generator:
    """The generator out of three files. Raises as `read_networks`."""
    shapes, tensors = shapes_and_types(skeleton(make)), {}
    parts: tuple[tuple[Part, str, Callable[[str], bool]], ...] = (
        ("appearance_feature_extractor", "", lambda key: not key.startswith((*WARPING, DECODER))),
        ("warping_module", "", lambda key: key.startswith(WARPING)),
        ("spade_generator", DECODER, lambda key: key.startswith(DECODER)),
    )
    for part, prefix, belongs in parts:
        expected = {key.removeprefix(prefix): shape for key, shape in shapes.items() if belongs(key)}
        file = files[part]
        found = checked(file, read_tensors(file), expected)
        tensors.update({prefix + key: tensor for key, tensor in found.items()})
    return filled(make, tensors)


def read_small(file: WeightFile) -> tuple[Stitching, EyeRetargeting, LipRetargeting]:
    """Stitching, eyes and lips. Raises as `read_networks`."""
    tensors = {plain_name(key): tensor for key, tensor in read_tensors(file).items()}
    expected = {f"{name}.{key}": shape for name, make in SMALL.items() for key, shape in shapes_and_types(skeleton(make)).items()}
    checked(file, tensors, expected)

    def own(name: str) -> Tensors:
        return {key.removeprefix(f"{name}."): tensor for key, tensor in tensors.items() if key.startswith(f"{name}.")}

    stitching, eyes, lips = SMALL
    return filled(Stitching, own(stitching)), filled(EyeRetargeting, own(eyes)), filled(LipRetargeting, own(lips))


def plain_name(key: str) -> str:
    """The name of a tensor without what the training on several cards, or another form of the file, put into it."""
    return key.replace("_module.", ".", 1).replace(".module.", ".", 1)


def checked(file: WeightFile, tensors: Tensors, expected: Mapping[str, object]) -> Tensors:
    """The tensors themselves. Raises InputError where they are not those expected."""
    problem = difference(expected, shapes_and_types(tensors))
    if problem is not None:
        raise file.refusal(problem)
    return tensors
