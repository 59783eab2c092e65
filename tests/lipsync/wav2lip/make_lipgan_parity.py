"""Computes `lipgan_parity.npz` with LipGAN's own public code, which is not part of this project:

    python -m tests.lipsync.wav2lip.make_lipgan_parity FOLDER_OF_THE_PUBLIC_CODE

The folder is that of its branch `fully_pythonic`. It wants tensorflow and tf_keras, which is Keras as it was then.
"""

from __future__ import annotations

import importlib
import re
import sys
import types
from pathlib import Path

import numpy as np

from tests.lipsync.wav2lip.keras_numbers import SOUND, drawn, sound_and_faces

LAYER = re.compile(r"(conv2d|conv2d_transpose|batch_normalization)(?:_(\d+))?")


def public_network(folder):
    """The published residual network, made by the published program under today's Keras."""
    keras = importlib.import_module("tf_keras")
    for name in ("models", "layers", "optimizers", "callbacks", "backend", "utils"):
        sys.modules[f"keras.{name}"] = importlib.import_module(f"tf_keras.{name}")
    sys.modules["keras"] = keras
    keras.utils.multi_gpu_model = None
    for name in ("cv2", "librosa", "scipy", "discriminator"):  # it imports these, and needs them for training alone
        sys.modules[name] = types.ModuleType(name)
    sys.modules["discriminator"].contrastive_loss = None
    sys.path.insert(0, str(folder))
    arguments = types.SimpleNamespace(img_size=96, n_gpu=1)
    return importlib.import_module("generator").create_model_residual(arguments, SOUND[2])


def numbered(layer):
    """Its name as Keras 2.2 gave it, which began to count at 1."""
    kind, number = LAYER.fullmatch(layer).groups()
    return f"{kind}_{int(number or 0) + 1}"


def main():
    """Write the file beside this one."""
    network = public_network(Path(sys.argv[1]))
    names = []
    for layer in network.layers:
        if layer.weights:
            stems = [weight.name.rpartition("/")[2].partition(":")[0] for weight in layer.weights]
            labels = [f"{numbered(layer.name)}/{stem}" for stem in stems]
            layer.set_weights([drawn(label, tuple(weight.shape)) for label, weight in zip(labels, layer.weights, strict=True)])
            names += [f"{label}/{'x'.join(map(str, weight.shape))}" for label, weight in zip(labels, layer.weights, strict=True)]
    sound, faces = sound_and_faces()
    # the first two that are joined are what the face and the sound became
    joined = next(layer for layer in network.layers if type(layer).__name__ == "Concatenate" and layer.output_shape[-1] == 1024)
    both = importlib.import_module("tf_keras").Model(network.inputs, [joined.output, network.output])
    embedding, prediction = both.predict([faces, sound], verbose=0)
    arrays = {"embedding": embedding[:, 0, 0], "prediction": prediction[:, ::2, 1::2]}
    for name, values in arrays.items():
        print(name, values.shape, values.mean(), values.std())
    np.savez_compressed(Path(__file__).with_name("lipgan_parity.npz"), names=np.array(names), **arrays)
    if len(sys.argv) > 2:  # the files as Keras writes them
        network.save_weights(f"{sys.argv[2]}/weights.h5")
        network.save(f"{sys.argv[2]}/whole.h5")


if __name__ == "__main__":
    main()
