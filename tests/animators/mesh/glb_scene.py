"""Reads a GLB file as programs that show it do, and moves its vertices: sums of shapes, then the bones' turns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from media.glb import read_glb

TYPES = {5126: np.float32, 5125: np.uint32, 5123: np.uint16, 5121: np.uint8}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


class GlbScene:
    def __init__(self, path: Path) -> None:
        self.document, self._buffer = read_glb(path.read_bytes())

    def values(self, index: int) -> np.ndarray:
        """An accessor's (N, K) values."""
        entry = self.document["accessors"][index]
        shape = entry["count"], WIDTHS[entry["type"]]
        if "bufferView" not in entry:
            return np.zeros(shape, TYPES[entry["componentType"]])
        view = self.document["bufferViews"][entry["bufferView"]]
        data = self._buffer[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
        return np.frombuffer(data, TYPES[entry["componentType"]]).reshape(shape)

    def node(self, name: str) -> int:
        return next(i for i, node in enumerate(self.document["nodes"]) if node["name"] == name)

    def track(self, node: str, path: str) -> np.ndarray:
        """What the animation does with a node: (T, K)."""
        animation = self.document["animations"][0]
        wanted = {"node": self.node(node), "path": path}
        channel = next(each for each in animation["channels"] if each["target"] == wanted)
        return self.values(animation["samplers"][channel["sampler"]]["output"])

    def bone(self, name: str, frame: int) -> np.ndarray:
        """(4, 4) of a bone in its parent."""
        matrix = np.eye(4)
        matrix[:3, :3] = Rotation.from_quat(self.track(name, "rotation")[frame]).as_matrix()
        matrix[:3, 3] = self.track(name, "translation")[frame]
        return matrix

    def posed(self, mesh: str, primitive: int, frame: int) -> np.ndarray:
        """Places (V, 3) in metres of one primitive at a frame of the animation."""
        node = self.document["nodes"][self.node(f"{mesh}Mesh")]
        part = self.document["meshes"][node["mesh"]]["primitives"][primitive]
        places = self.values(part["attributes"]["POSITION"]).astype(np.float64)
        if "targets" in part:
            weights = self.track(f"{mesh}Mesh", "weights").reshape(-1, len(part["targets"]))[frame]
            places = places + sum(
                w * self.values(each["POSITION"]) for w, each in zip(weights, part["targets"], strict=True) if w
            )
        neck = self.bone("Neck", frame)
        bones = [np.eye(4), neck, neck @ self.bone("Head", frame)]
        skin = self.document["skins"][node["skin"]]
        inverse = self.values(skin["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)
        joints, weights = (self.values(part["attributes"][name]) for name in ("JOINTS_0", "WEIGHTS_0"))
        ones = np.column_stack([places, np.ones(len(places))])
        each = np.stack([ones @ (bone @ bind).T for bone, bind in zip(bones, inverse, strict=True)])
        own = np.take_along_axis(each, joints.T[:, :, None].astype(np.int64), axis=0)
        return (own * weights.T[:, :, None]).sum(axis=0)[:, :3]
