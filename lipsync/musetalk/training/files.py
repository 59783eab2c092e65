"""Files of networks that trainings alone read: the expert, and VGG-19 of torchvision. Read strictly, as the engine reads."""

from __future__ import annotations

from pathlib import Path

from core.errors import InputError
from core.messages import as_written
from lipsync.musetalk.checkpoint import problem_of, read_tensors
from lipsync.musetalk.networks.picture_features import Vgg19
from lipsync.musetalk.networks.sync_expert import SyncExpert

#: What follows on VGG-19's layers of pictures, and names what a picture shows.
NAMING = "classifier."
#: The expert's first weights, and those of its tensors that count, not weigh.
FIRST_OF_FACES, COUNTER = "face_encoder.0.0.weight", ".num_batches_tracked"
HOW_TO_HAVE_EXPERT = "`python -m lipsync.musetalk.training.train expert` makes it"
HOW_TO_HAVE_VGG = "torchvision publishes it (VGG19_Weights.IMAGENET1K_V1)"


def read_expert(path: Path) -> SyncExpert:
    """The expert that `train.py` wrote, of as many frames and as wide as it was made, in evaluation mode. Raises InputError where
    the file is not that, MissingError where there is none."""
    tensors = read_tensors(path, HOW_TO_HAVE_EXPERT)
    first = tensors.get(FIRST_OF_FACES)
    if first is None or first.ndim != 4 or first.shape[1] % 3:
        raise InputError(as_written(f"{path.name} is not the expert of MuseTalk's training; {HOW_TO_HAVE_EXPERT}."))
    made = SyncExpert(first.shape[1] // 3, first.shape[0])
    shapes = {key: tuple(value.shape) for key, value in made.state_dict().items() if not key.endswith(COUNTER)}
    weights = {key: value for key, value in tensors.items() if not key.endswith(COUNTER)}
    if problem := problem_of(shapes, weights):
        raise InputError(as_written(f"{path.name} is not the expert of MuseTalk's training: {problem}; {HOW_TO_HAVE_EXPERT}."))
    made.load_state_dict(made.state_dict() | weights)
    return made.eval()


def read_vgg(path: Path) -> Vgg19:
    """VGG-19's layers of pictures, in evaluation mode. Raises as `read_expert`."""
    tensors = {key: value for key, value in read_tensors(path, HOW_TO_HAVE_VGG).items() if not key.startswith(NAMING)}
    made = Vgg19()
    if problem := problem_of({key: tuple(value.shape) for key, value in made.state_dict().items()}, tensors):
        raise InputError(as_written(f"{path.name} is not VGG-19: {problem}; {HOW_TO_HAVE_VGG}."))
    made.load_state_dict(tensors)
    return made.eval()
