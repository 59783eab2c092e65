"""Made-up numbers for LipGAN's layers, each a function of its name and shape alone, in Keras's order of axes."""

from __future__ import annotations

import zlib

import numpy as np

SOUND, FACES = (2, 80, 27, 1), (2, 96, 96, 6)


def drawn(name, shape):
    """As "conv2d_3/kernel". Means and variances are no plain ones, so that what a norm adds to a variance shows."""
    random = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))
    kind = name.rpartition("/")[2]
    if kind == "moving_variance":
        return random.uniform(0.2, 0.6, shape).astype(np.float32)
    values = random.standard_normal(shape).astype(np.float32)
    if kind == "kernel":
        return values * np.float32(0.5 / np.sqrt(np.prod(shape[:3])))
    return np.float32(kind == "gamma") + np.float32(0.1) * values


def sound_and_faces():
    """What the network is shown: sound in -4..4, faces in 0..1."""
    random = np.random.Generator(np.random.PCG64(5))
    return random.uniform(-4, 4, SOUND).astype(np.float32), random.uniform(0, 1, FACES).astype(np.float32)
