"""Networks of a published StyleTTS 2 checkpoint's make, small where its code allows, with numbers that anybody can draw again."""

from __future__ import annotations

import zlib

import numpy as np

#: A checkpoint that follows a voice and has HiFi-GAN's generator, as LibriTTS's, and one that does neither, as LJSpeech's.
KINDS = ("libritts", "ljspeech")
HIDDEN, STYLE, MOST_MOMENTS, SYMBOLS, LAYERS, CONVOLUTIONS = 64, 16, 12, 178, 3, 16
BERT = {"vocab_size": 178, "embedding_size": 32, "hidden_size": 48, "num_attention_heads": 12, "intermediate_size": 64}
BERT_MORE = {"max_position_embeddings": 128, "num_hidden_layers": 12}
GENERATOR_CHANNELS = 32
SPREAD = 0.25
TOKENS = (0, 16, 50, 83, 54, 156, 57, 135, 16, 4)


def drawn(name, shape):
    """The numbers of one tensor, by its name: about as large as a trained network's."""
    chance = np.random.Generator(np.random.Philox(zlib.crc32(name.encode())))
    numbers = chance.standard_normal(shape).astype(np.float32)
    last = name.rpartition(".")[2]
    if name.endswith("conv_post.weight_g"):
        return np.full(shape, 0.05, np.float32)  # else the sound would be cut off
    if last in ("weight_g", "gamma") or "alpha" in name or "LayerNorm.weight" in name or "layer_norm.weight" in name:
        return np.abs(1.0 + 0.1 * numbers).astype(np.float32)
    if last.startswith("bias") or last == "beta":
        return (0.1 * numbers).astype(np.float32)
    return (numbers / np.sqrt(max(1.0, np.prod(shape[1:])))).astype(np.float32)


def tensors_of(name, shapes):
    """All tensors of a network by their keys, where `shapes` says what there is; vectors of spectral norms fit their weights."""
    tensors = {key: drawn(f"{name}.{key}", shape) for key, shape in shapes.items()}
    for key in [key for key in shapes if key.endswith("weight_orig")]:
        stem = key.removesuffix("weight_orig")
        matrix = tensors[key].reshape(len(tensors[key]), -1)
        left = tensors[f"{stem}weight_u"] / np.linalg.norm(tensors[f"{stem}weight_u"])
        for _ in range(5):
            right = matrix.T @ left
            right /= np.linalg.norm(right)
            left = matrix @ right
            left /= np.linalg.norm(left)
        tensors[f"{stem}weight_u"], tensors[f"{stem}weight_v"] = left.astype(np.float32), right.astype(np.float32)
    return tensors


def pitch_hz(count):
    """A curve of a voice, with a place that has none."""
    curve = 140.0 + 40.0 * np.sin(np.arange(count) / 3.0)
    curve[count // 3 : count // 3 + 4] = 0.0
    return curve.astype(np.float32)


def normal(shape):
    """What stands for chance in both programs, whose own random numbers can't be compared: by the count alone."""
    return drawn("chance", (int(np.prod(shape)),)).reshape(shape)


def uniform(shape):
    """The same between 0 and 1."""
    return np.abs(normal(shape)) % 1.0
