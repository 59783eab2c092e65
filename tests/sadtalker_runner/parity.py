"""Deterministic weights for parity fixtures: every tensor is a function of its key and shape alone."""

import zlib

import numpy as np
import torch


def deterministic_tensor(key, shape, dtype=np.float32):
    rng = np.random.Generator(np.random.PCG64(zlib.crc32(key.encode())))
    leaf = key.rsplit(".", 1)[-1]
    if leaf == "num_batches_tracked":
        return np.zeros(shape, np.int64)
    if leaf == "running_mean":
        return np.zeros(shape, np.float32)
    if leaf == "running_var":
        return np.ones(shape, np.float32)
    x = rng.standard_normal(shape).astype(np.float32)
    if len(shape) <= 1:
        if leaf == "weight":  # a normalisation's gain
            return (1.0 + 0.1 * x).astype(np.float32)
        return (0.1 * x).astype(np.float32)
    fan_in = int(np.prod(shape[1:]))
    return (x / np.sqrt(fan_in)).astype(np.float32)


def fill(module):
    sd = module.state_dict()
    new = {k: torch.from_numpy(np.array(deterministic_tensor(k, tuple(v.shape)))) for k, v in sd.items()}
    module.load_state_dict(new)
    return {k: list(v.shape) for k, v in sd.items()}


def deterministic_input(name, shape, lo=None, hi=None):
    rng = np.random.Generator(np.random.PCG64(zlib.crc32(("input:" + name).encode())))
    if lo is not None:
        return rng.uniform(lo, hi, shape).astype(np.float32)
    return rng.standard_normal(shape).astype(np.float32)
