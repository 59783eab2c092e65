"""A film's metadata tell which files of weights drew it."""

from __future__ import annotations

import hashlib

from pipeline.told_weights import with_weights


def test_files_are_told_with_their_sums(tmp_path):
    names = ("a.pth", "b.safetensors")
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    sums = [hashlib.sha256(name.encode()).hexdigest() for name in names]
    told = with_weights("Made.", [tmp_path / name for name in names])
    assert told == f"Made. Drawn with the weights a.pth, SHA-256 {sums[0]}, b.safetensors, SHA-256 {sums[1]}."
    assert with_weights("Made.", ()) == "Made."
