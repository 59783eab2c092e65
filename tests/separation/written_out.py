"""Spleeter's networks from their description, layer by layer in NumPy, on weights of chance; and such weights as a checkpoint."""

from __future__ import annotations

import struct

import numpy as np

from separation.tensor_bundle import _masked_crc32c


def random_weights(shapes, generator):
    """Weights of those shapes by name, with which every layer neither dies nor explodes."""
    weights = {}
    for name, shape in shapes.items():
        fan_in = np.prod(shape[:2]) * min(shape[2:]) if len(shape) == 4 else 4.0
        weights[name] = (generator.standard_normal(shape) / np.sqrt(fan_in)).astype(np.float32)
        if name.endswith("moving_variance"):
            weights[name] = np.abs(weights[name]) + 0.5
    return weights


def written_out_masks(weights, magnitude, stems):
    """The masks (stems, 2, rows, columns) of Spleeter's networks of 2, 4 and 5 stems."""
    logits = np.stack([written_out_logits(weights, stem, magnitude, elu=stems > 2) for stem in range(stems)]).astype(np.float64)
    parts = np.exp(logits) / np.exp(logits).sum(axis=0) if stems == 5 else 1 / (1 + np.exp(-logits))
    powers = (parts * magnitude) ** 2
    return (powers + 1e-10 / stems) / (powers.sum(axis=0) + 1e-10)


def written_out_logits(weights, stem, magnitude, elu):
    """Spleeter's U-Net from its description, with einsum over the kernel's taps; (2, rows, columns) in and out."""

    def name(kind, number):
        return kind if number == 0 else f"{kind}_{number}"

    def convolve(value, layer, stride, dilation, before, after):
        kernel, bias = weights[f"{layer}/kernel"], weights[f"{layer}/bias"]
        padded = np.pad(value, ((0, 0), (before, after), (before, after)))
        rows, columns = value.shape[1] // stride, value.shape[2] // stride
        total = np.zeros((kernel.shape[3], rows, columns), np.float32)
        for y in range(kernel.shape[0]):
            for x in range(kernel.shape[1]):
                top, left = y * dilation, x * dilation
                taps = padded[:, top : top + rows * stride : stride, left : left + columns * stride : stride]
                total += np.einsum("io,iyx->oyx", kernel[y, x], taps, optimize=True)
        return total + bias[:, None, None]

    def raise_resolution(value, layer):
        kernel, bias = weights[f"{layer}/kernel"], weights[f"{layer}/bias"]
        rows, columns = value.shape[1] * 2, value.shape[2] * 2
        total = np.zeros((kernel.shape[2], rows + 3, columns + 3), np.float32)
        for y in range(5):
            for x in range(5):
                total[:, y : y + rows : 2, x : x + columns : 2] += np.einsum("oi,iyx->oyx", kernel[y, x], value, optimize=True)
        return total[:, 1:-2, 1:-2] + bias[:, None, None]

    def normalise(value, layer):
        gamma, beta, mean, variance = (
            weights[f"{layer}/{part}"][:, None, None] for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        return gamma * (value - mean) / np.sqrt(variance + 1e-3) + beta

    value, skips = magnitude, []
    for level in range(6):
        skips.append(convolve(value, name("conv2d", 7 * stem + level), 2, 1, 1, 2))
        value = normalise(skips[-1], name("batch_normalization", 12 * stem + level))
        value = np.where(value > 0, value, np.expm1(np.minimum(value, 0)) if elu else 0.2 * value)
    value = skips[5]
    for level in range(6):
        value = raise_resolution(value, name("conv2d_transpose", 6 * stem + level))
        value = np.where(value > 0, value, np.expm1(np.minimum(value, 0)) if elu else 0)
        value = normalise(value, name("batch_normalization", 12 * stem + 6 + level))
        if level < 5:
            value = np.concatenate([skips[4 - level], value])
    return convolve(value, name("conv2d", 7 * stem + 6), 1, 2, 3, 3)


def write_bundle(folder, tensors, most_in_block=20):
    """Write tensors as TensorFlow does into `model.index` and `model.data-00000-of-00001` of the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    data, records = bytearray(), [(b"", _field(1, 1) + _field(3, _field(1, 1)))]
    for name, value in sorted({**tensors, "global_step": np.array(7, np.int64)}.items()):
        content = value.tobytes()
        shape = b"".join(_field(2, _field(1, size)) for size in value.shape)
        told = _field(1, 1 if value.dtype == np.float32 else 9) + _field(2, shape)
        told += (_field(4, len(data)) if data else b"") + _field(5, len(content))
        checksum = _masked_crc32c(np.frombuffer(content, np.uint8))
        records.append((name.encode(), told + bytes([6 << 3 | 5]) + struct.pack("<I", checksum)))
        data += content
    table, blocks = bytearray(), []
    for begin in range(0, len(records), most_in_block):
        part = records[begin : begin + most_in_block]
        blocks.append((part[-1][0], _append_block(table, part)))
    meta = _append_block(table, [])
    footer = meta + _append_block(table, blocks)
    (folder / "model.index").write_bytes(bytes(table) + footer.ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57))
    (folder / "model.data-00000-of-00001").write_bytes(data)


def _append_block(table, records):
    """Append a block of (key, value), each key told by what differs from the one before; gives the block's handle."""
    block, before = bytearray(), b""
    for key, value in records:
        shared = next(
            (at for at, (one, other) in enumerate(zip(key, before, strict=False)) if one != other), min(len(key), len(before))
        )
        block += _varint(shared) + _varint(len(key) - shared) + _varint(len(value)) + key[shared:] + value
        before = key
    block += struct.pack("<II", 0, 1) + b"\0"  # one restart point; not compressed
    handle = _varint(len(table)) + _varint(len(block) - 1)
    table += block + struct.pack("<I", _masked_crc32c(np.frombuffer(bytes(block), np.uint8)))
    return handle


def _field(number, value):
    """A field of a protocol buffer: a whole number, or bytes."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value):
    head = b""
    while value >= 0x80:
        head += bytes([value & 0x7F | 0x80])
        value >>= 7
    return head + bytes([value])
