"""The portrait's head as a GLB file: shapes under ARKit's names, bones, and a performance that plays.

Units are metres, an eye span being 90 mm; y is up, the face looks along +z, and the origin is where the head turns about. Bones:
`Base` stays, `Neck` is what hair and shoulders follow, `Head` is the head, `LeftEye` and `RightEye` turn in it. A vertex takes
part in the three as in the mesh engine, whose frames these are, seen from the front.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from animators.mesh.following import Followed, Following
from animators.mesh.frame_drawer import FrameDrawer
from animators.mesh.layers import layers_of
from animators.mesh.settings import MeshSettings
from animators.mesh.solid.bust import Bust
from animators.mesh.solid.eyeballs import Eyeball, eyeballs
from animators.mesh.solid.mouth_parts import MouthParts
from animators.mesh.solid.part import Part
from core.contracts import BLENDSHAPE_NAMES, FloatArray, Motion, Portrait
from faces.fitting.rig import Rig, rotation_matrix
from media.glb import INDICES, VERTICES, GlbWriter

#: Metres of an eye span.
EYE_SPAN_M = 0.09
#: From the picture's axes (right, down, away) to the file's (right, up, to the viewer).
AXES = np.array([1, -1, -1], np.float32)
#: Eye spans from where the head turns down to the neck's bone.
NECK_BELOW = 1.0
BASE, NECK, HEAD = 0, 1, 2


def write_head(portrait: Portrait, motion: Motion | None, path: Path, settings: MeshSettings | None = None) -> int:
    """Write the head, and the motion as its animation where there is one; returns the file's bytes.

    Raises `core.errors.MissingError` where the matting weight is missing and can't be fetched.
    """
    settings = settings or MeshSettings()
    layers = layers_of(portrait)
    bust = Bust(FrameDrawer(portrait, settings, layers), layers)
    writer = HeadWriter(bust)
    if motion is not None and len(motion):
        writer.add_performance(motion, Following(settings).follow(motion))
    return writer.glb.write(path)


class HeadWriter:
    """Puts a bust, its eyes and its mouth together in one document."""

    def __init__(self, bust: Bust) -> None:
        self.rig: Rig = bust.rig
        self.scale = EYE_SPAN_M / self.rig.coordinates.eye_span
        self.neck = np.array([0, -NECK_BELOW * EYE_SPAN_M, 0], np.float32)
        self.glb = GlbWriter("Belcanto")
        self.glb.document |= {"extensionsUsed": ["KHR_materials_unlit"], "scene": 0}
        self.glb.add("samplers", {"magFilter": 9729, "minFilter": 9729, "wrapS": 33071, "wrapT": 33071})
        self.eyes = eyeballs(bust)
        self._add_bones()
        skin = self._add_skin()
        roots = [BASE]
        self.face = self._add_mesh("Head", [*bust.head(), *MouthParts(bust).all()], skin, shapes=True)
        roots.append(self.face)
        if body := bust.body():
            roots.append(self._add_mesh("Body", body, skin, shapes=False))
        self.glb.add("scenes", {"name": "Portrait", "nodes": roots})

    def places(self, points: FloatArray) -> FloatArray:
        """Picture places (V, 3) in metres of the file's axes."""
        return np.asarray((points - self.rig.pivot) * (self.scale * AXES), np.float32)

    def _add_bones(self) -> None:
        self.glb.add("nodes", {"name": "Base", "children": [NECK]})
        self.glb.add("nodes", {"name": "Neck", "children": [HEAD], "translation": self.neck.tolist()})
        head = {"name": "Head", "translation": (-self.neck).tolist()}
        self.glb.add("nodes", head)
        self.eye_nodes = [self._add_eye(eye) for eye in self.eyes]
        if self.eye_nodes:
            head["children"] = self.eye_nodes

    def _add_eye(self, eye: Eyeball) -> int:
        mesh = self.glb.add(
            "meshes", {"name": eye.name, "primitives": [self._primitive(eye.part, eye.part.places * self.scale * AXES)]}
        )
        return self.glb.add("nodes", {"name": eye.name, "mesh": mesh, "translation": self.places(eye.centre[None])[0].tolist()})

    def _add_skin(self) -> int:
        inverse = np.repeat(np.eye(4, dtype=np.float32)[None], 3, axis=0)
        inverse[NECK, :3, 3] = -self.neck
        columns = inverse.transpose(0, 2, 1).reshape(3, 16)
        return self.glb.add("skins", {"joints": [BASE, NECK, HEAD], "inverseBindMatrices": self.glb.add_values(columns)})

    def _add_mesh(self, name: str, parts: list[Part], skin: int, shapes: bool) -> int:
        mesh: dict[str, Any] = {"name": name, "primitives": []}
        for part in parts:
            primitive = self._primitive(part, self.places(part.places))
            joints, weights = bone_weights(part)
            primitive["attributes"] |= {
                "JOINTS_0": self.glb.add_values(joints, VERTICES),
                "WEIGHTS_0": self.glb.add_values(weights, VERTICES),
            }
            if shapes:
                primitive["targets"] = self._targets(part)
            mesh["primitives"].append(primitive)
        if shapes:
            mesh |= {"weights": [0.0] * len(BLENDSHAPE_NAMES), "extras": {"targetNames": list(BLENDSHAPE_NAMES)}}
        return self.glb.add("nodes", {"name": f"{name}Mesh", "mesh": self.glb.add("meshes", mesh), "skin": skin})

    def _targets(self, part: Part) -> list[dict[str, int]]:
        nothing = self.glb.add_zeros(len(part.places))
        targets = []
        for name in BLENDSHAPE_NAMES:
            delta = part.deltas.get(name)
            moved = None if delta is None else np.asarray(delta * (self.scale * AXES), np.float32)
            targets.append({"POSITION": nothing if moved is None else self.glb.add_values(moved, VERTICES, bounds=True)})
        return targets

    def _primitive(self, part: Part, places: FloatArray) -> dict[str, Any]:
        attributes = {"POSITION": self.glb.add_values(np.asarray(places, np.float32), VERTICES, bounds=True)}
        if part.uv is not None:
            attributes["TEXCOORD_0"] = self.glb.add_values(part.uv, VERTICES)
        indices = self.glb.add_values(part.triangles.astype(np.uint32).ravel(), INDICES)
        return {"attributes": attributes, "indices": indices, "material": self._material(part)}

    def _material(self, part: Part) -> int:
        """Light is in the portrait's colours already, so that none is cast on them."""
        colour: dict[str, Any] = {"metallicFactor": 0.0, "roughnessFactor": 1.0}
        material = {
            "name": part.name,
            "pbrMetallicRoughness": colour,
            "extensions": {"KHR_materials_unlit": {}},
            "doubleSided": True,
        }
        if part.tint is not None:
            colour["baseColorFactor"] = [*linear(part.tint).tolist(), 1.0]
        if part.picture is not None:
            clear = part.picture.shape[2] == 4
            order = cv2.COLOR_RGBA2BGRA if clear else cv2.COLOR_RGB2BGR
            _, encoded = cv2.imencode(".png", cv2.cvtColor(part.picture, order))
            image = self.glb.add_picture(encoded.tobytes(), "image/png")
            colour["baseColorTexture"] = {"index": self.glb.add("textures", {"sampler": 0, "source": image})}
            if clear:
                material |= {"alphaMode": "MASK", "alphaCutoff": 0.5}
        return self.glb.add("materials", material)

    def add_performance(self, motion: Motion, moved: Followed) -> None:
        """One animation, "Performance": shapes, neck, head and gaze, a key a frame."""
        times = self.glb.add_values((np.arange(len(motion)) / motion.fps).astype(np.float32), bounds=True)
        weights = np.clip(motion.blendshapes, 0, 1).astype(np.float32).ravel()
        tracks: list[tuple[int, str, FloatArray]] = [(self.face, "weights", weights)]
        neck, neck_at = self._posed(moved.late_rotation, moved.late_translation, self.neck)
        head, head_at = self._posed(moved.rotation, moved.translation, np.zeros(3, np.float32))
        back = neck.inv()
        tracks += [(NECK, "rotation", quaternions(neck)), (NECK, "translation", neck_at)]
        tracks += [(HEAD, "rotation", quaternions(back * head)), (HEAD, "translation", back.apply(head_at - neck_at))]
        for node, eye in zip(self.eye_nodes, self.eyes, strict=True):
            turn = np.arcsin(eye.gain * np.sin(np.radians(motion.gaze_deg)))
            gaze = Rotation.from_euler("YX", np.stack([turn[:, 0], -turn[:, 1]], axis=1))
            tracks.append((node, "rotation", quaternions(gaze)))
        animation: dict[str, Any] = {"name": "Performance", "samplers": [], "channels": []}
        for node, path, values in tracks:
            output = self.glb.add_values(np.asarray(values, np.float32))
            animation["samplers"].append({"input": times, "output": output, "interpolation": "LINEAR"})
            animation["channels"].append({"sampler": len(animation["samplers"]) - 1, "target": {"node": node, "path": path}})
        self.glb.add("animations", animation)

    def _posed(self, rotation_deg: FloatArray, translation: FloatArray, joint: FloatArray) -> tuple[Rotation, FloatArray]:
        """A bone's turns and places (T, 3) in the file's axes, of a joint at rest at (3,). To come nearer is a way here."""
        matrices = np.stack([rotation_matrix(each) for each in rotation_deg]) * np.outer(AXES, AXES)
        shift = translation * (self.rig.coordinates.face_width * self.scale * AXES)
        return Rotation.from_matrix(matrices), np.asarray(matrices @ joint + shift, np.float32)


def quaternions(turns: Rotation) -> FloatArray:
    """(T, 4) x, y, z, w, each near the one before it, so that what lies between two is the short way."""
    values = turns.as_quat()
    flips = np.sign((values[1:] * values[:-1]).sum(axis=1))
    values[1:] *= np.cumprod(np.where(flips < 0, -1.0, 1.0))[:, None]
    return np.asarray(values, np.float32)


def bone_weights(part: Part) -> tuple[npt.NDArray[np.uint8], FloatArray]:
    """Which bones (V, 4) a vertex follows and how much (V, 4): as `faces.fitting.rig.carried` does; with the head where
    nothing is told."""
    count = len(part.places)
    follow = np.ones(count) if part.follow is None else np.clip(part.follow[:, 0].astype(np.float64), 0, 1)
    prompt = np.clip((follow - 0.35) / 0.6, 0, 1)
    weights = np.stack([1 - follow, follow * (1 - prompt), follow * prompt, np.zeros(count)], axis=1)
    weights /= weights.sum(axis=1, keepdims=True)
    joints = np.where(weights > 0, np.array([BASE, NECK, HEAD, 0]), 0)
    return joints.astype(np.uint8), weights.astype(np.float32)


def linear(rgb: FloatArray) -> FloatArray:
    """sRGB (3,) in 0..255 as linear light in 0..1 (IEC 61966-2-1)."""
    value = np.clip(rgb / 255, 0, 1)
    return np.asarray(np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4))
