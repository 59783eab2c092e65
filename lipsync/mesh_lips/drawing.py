"""Draws the new mouth of one person into one frame of the film."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from faces.fitting.handles import BoolArray
from faces.fitting.head_mesh import IntArray
from faces.fitting.mouth import MouthInterior
from faces.fitting.rig import HeadPose, uncross
from lipsync.mesh_lips.bank import Mouth
from lipsync.mesh_lips.person import Person
from lipsync.mesh_lips.sharpness import as_sharp, detail_of
from lipsync.mesh_lips.warping import NOWHERE, box_of, fill_map, polygon, sampled

#: Around the outer lips, in eye spans: what is taken from another frame's mouth, and how far it goes over into the frame's own.
TAKEN, GOES_OVER = 0.14, 0.10
#: Reach, in eye spans, of what light around the mouth says about the light on it.
LIGHT_REACH = 0.16
#: Nearer to the lips than this, in eye spans, what the tracker takes for skin may be red.
LIP_BAND = 0.05
LEAST_LIGHT, MOST_LIGHT = 0.5, 2.0
#: How wide the light's blur is in the picture in which it is told, in pixels.
LIGHT_SIGMA_PX = 4.0
#: An opening that is larger than a mouth's own by this factor is painted, since teeth would stretch; from the second on wholly.
STRETCHES = (1.5, 2.2)
#: One that is smaller than this part of it lies in the lips' shade, wholly from the second on: teeth pressed into a slit would be
#: a row of dashes. So does what is painted in a slit of so many eye spans.
PRESSED, SLIT = (0.55, 0.2), (0.06, 0.02)
#: How much darker teeth become there before they vanish, the colour in the end in parts of the lips' own, and the softness of
#: the edge in eye spans.
SHADOW, SHADE, SHADE_EDGE = 0.6, (0.55, 0.42, 0.44), 0.008
#: How soft a painted mouth is, in eye spans, and how far its darker and its brighter colours go towards the lips' shade.
PAINT_BLUR, PAINT_IN_SHADE = 0.012, (0.4, 0.22)
#: Left and top of a part of the frame.
Corner = tuple[int, int]


@dataclass(frozen=True)
class Pose:
    """What one frame is drawn by.

    landmarks: (478, 3) of the frame's own face. weights: (52,) of the new mouth. shapes: (K,) of the film's own, by which the
    skin is moved back. offset: (3,) of the lips, in the reference's pixels. shown: 0 to 1, how much of the new mouth is shown.
    mouths: (M,) how much of each mouth of the bank.
    """

    landmarks: FloatArray
    weights: FloatArray
    shapes: FloatArray
    offset: FloatArray
    shown: float
    mouths: FloatArray


class MouthDrawer:
    """All that does not change from frame to frame."""

    def __init__(self, person: Person, mouths: list[Mouth], interior: MouthInterior) -> None:
        self._person, self._mouths, self._interior = person, mouths, interior
        mesh = person.mesh
        moving = np.abs(person.spread) @ person.part[:, 0] > 1e-3
        self._lower = np.ascontiguousarray(mesh.triangles[moving[mesh.triangles].any(axis=1)])
        self._moving = np.unique(self._lower)
        self._around_mouth = self._triangles_around_mouth()
        count = len(person.rig.rest)
        self._strip = np.ascontiguousarray(mesh.strip - count)
        self._outline = np.concatenate([mesh.groups["outer_upper"], mesh.groups["outer_lower"][::-1]])
        self._lines = mesh.groups["lip_upper"], mesh.groups["lip_lower"]

    def _triangles_around_mouth(self) -> IntArray:
        """Triangles of the skin near enough to the lips to be taken from another frame."""
        person = self._person
        rest = person.rig.rest[:, :2]
        lips = rest[person.handles[person.lips]]
        middles = rest[person.mesh.triangles].mean(axis=1)
        near = np.linalg.norm(middles[:, None] - lips[None], axis=2).min(axis=1) < (TAKEN + GOES_OVER + 0.1) * person.eye_span
        return np.ascontiguousarray(person.mesh.triangles[near])

    def draw(self, frame: ByteArray, pose: Pose) -> ByteArray:
        """The frame (H, W, 3) uint8, new, with the new mouth."""
        person = self._person
        stands = person.placing(pose.landmarks)
        own = person.handles_in(pose.landmarks)
        target, expressed = self._target(own, stands.at_rest(own), pose)
        placed = stands.placed(target)[:, :2]
        goal = own[:, :2] + pose.shown * (placed - own[:, :2])
        whole = stands.placed(person.rig.rest)
        before, after = person.vertices(whole, own[:, :2]), person.vertices(whole, goal)
        uncross(after, *self._lines, (stands.rotation @ person.coordinates.axes[:, 1])[:2])
        result = frame.copy()
        box = box_of(after[self._moving], before[self._moving], frame.shape)
        if box is None:
            return result
        left, top, right, bottom = box
        skin = self._skin(frame, before, after, box)
        detail = detail_of(frame, pose.landmarks)
        patch, cover = self._mouth(skin, after, pose, detail, stands.size * person.eye_span, (left, top))
        head = HeadPose(stands.rotation, np.zeros(3, np.float32), stands.shift, stands.size)
        self._fill_opening(patch, after, expressed, head, pose, stands.size * person.eye_span, (left, top))
        mixed = skin + (pose.shown * cover)[..., None] * (patch - skin)
        result[top:bottom, left:right] = np.rint(np.clip(mixed, 0, 255)).astype(np.uint8)
        return result

    def _target(self, own: FloatArray, at_rest: FloatArray, pose: Pose) -> tuple[FloatArray, FloatArray]:
        """(N, 3) where the handles go, in the reference's pixels, and (V, 3) the new face there.

        Lips go where the new shapes have them; the skin goes from where it is by what the new shapes do and the film's did, and
        near the lips along with them.
        """
        person = self._person
        expressed = person.rig.expression(pose.weights)
        resting = person.rig.rest[person.handles]
        new = expressed[person.handles] - resting
        old = np.tensordot(pose.shapes, person.read_fields, 1)
        moved = at_rest + person.part * (new - old)
        moved += person.drawn @ (resting + new + pose.offset - moved)[person.lips]
        return np.asarray(moved, np.float32), expressed

    def _skin(self, frame: ByteArray, before: FloatArray, after: FloatArray, box: tuple[int, int, int, int]) -> FloatArray:
        """The part of the frame in the box, its own pixels bent as the face moves."""
        left, top, right, bottom = box
        places = np.empty((bottom - top, right - left, 2), np.float32)
        places[..., 0] = np.arange(left, right, dtype=np.float32)
        places[..., 1] = np.arange(top, bottom, dtype=np.float32)[:, None]
        fill_map(after, before, self._lower, np.float32(left), np.float32(top), places)
        return sampled(frame, places)

    def _mouth(
        self, skin: FloatArray, after: FloatArray, pose: Pose, detail: FloatArray, span: float, corner: Corner
    ) -> tuple[FloatArray, FloatArray]:
        """The mouths of the bank bent onto the new lips and brought into the frame's light and `detail` (2,), over `skin`
        (h, w, 3), and (h, w) how much of them is shown, 0 to 1."""
        left, top = corner
        patch = skin.copy()
        outline = after[self._outline]
        x0, y0 = np.maximum(np.floor(outline.min(axis=0) - (TAKEN + GOES_OVER) * span), (left, top)).astype(int)
        x1, y1 = np.minimum(
            np.ceil(outline.max(axis=0) + (TAKEN + GOES_OVER) * span), (left + skin.shape[1], top + skin.shape[0])
        ).astype(int)
        part = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
        lips = polygon(outline, x0, y0, (y1 - y0, x1 - x0))
        cover = np.zeros(skin.shape[:2], np.float32)
        cover[part] = softened(lips, span)
        opening = np.concatenate([after[self._lines[0]], after[self._lines[1]]])
        total = np.zeros((y1 - y0, x1 - x0, 3), np.float32)
        known = np.zeros((y1 - y0, x1 - x0), np.float32)
        for share, mouth in zip(pose.mouths, self._mouths, strict=True):
            if share > 0:
                drawn, there = self._bent(mouth, after, opening, (x0, y0, x1, y1))
                total += (share * there)[..., None] * drawn
                known += share * there
        taken = total / np.maximum(known, 1e-6)[..., None]
        own = skin[part]
        seen = (known > 0.5) & beyond(lips, LIP_BAND * span)
        lit = taken * light_between(own, taken, seen, LIGHT_REACH * span)
        has = sum(share * mouth.detail for share, mouth in zip(pose.mouths, self._mouths, strict=True) if share > 0)
        sharp = as_sharp(lit, np.asarray(has, np.float32), detail)
        cover[part] *= np.clip(known, 0, 1)
        patch[part] = np.where(known[..., None] > 0, sharp, own)
        return patch, cover

    def _bent(
        self, mouth: Mouth, after: FloatArray, opening: FloatArray, box: tuple[int, int, int, int]
    ) -> tuple[FloatArray, FloatArray]:
        """One mouth's colours in the box on the new lips, and where it has any."""
        x0, y0, x1, y1 = box
        places = np.full((y1 - y0, x1 - x0, 2), NOWHERE, np.float32)
        corner = np.float32(x0), np.float32(y0)
        fill_map(opening, mouth.opening, self._strip, *corner, places)
        fill_map(after, mouth.skin, self._around_mouth, *corner, places)
        there = (places[..., 0] > -1).astype(np.float32)
        return sampled(mouth.picture, places), there

    def _fill_opening(
        self, patch: FloatArray, after: FloatArray, expressed: FloatArray, head: HeadPose, pose: Pose, span: float, corner: Corner
    ) -> None:
        """Teeth and tongue of our own into the opening of `patch` (h, w, 3), as far as the film's mouths show too little, and the
        shade of lips that are nearly shut."""
        upper, lower = (after[line] for line in self._lines)
        gap = float(np.linalg.norm(upper - lower, axis=1).max())
        painted = pressed = 0.0
        for share, mouth in zip(pose.mouths, self._mouths, strict=True):
            if share > 0 and mouth.open:
                painted += share * ramp(gap / mouth.gap, STRETCHES)
                pressed += share * ramp(gap / mouth.gap, PRESSED)
            elif share > 0:
                painted += share
        slit = ramp(gap / span, SLIT)
        if painted * (1 - slit) > 0.01:
            inlay = np.zeros((*patch.shape[:2], 4), np.uint8)
            places = expressed.copy()
            places[:, :2] = after
            if self._interior.draw(inlay, *corner, places, head, pose.weights) is not None:
                colour, cover = soft_paint(inlay, lip_shade(patch, lower, span, corner), span)
                patch += painted * (1 - slit) * cover * (colour - patch)
        shaded = pressed + painted * slit
        if shaded > 0.01:
            self._shade(patch, upper, lower, shaded, span, corner)

    def _shade(self, patch: FloatArray, upper: FloatArray, lower: FloatArray, amount: float, span: float, corner: Corner) -> None:
        """Darken the opening of `patch` to the colour between lips that are nearly shut."""
        left, top = corner
        shape = patch.shape[0], patch.shape[1]
        opening = polygon(np.concatenate([upper, lower[::-1]]), left, top, shape)
        soft = cv2.GaussianBlur(opening, (0, 0), max(0.5, SHADE_EDGE * span))[..., None]
        colour = lip_shade(patch, lower, span, corner)
        patch *= 1 - SHADOW * amount * soft
        patch += amount**3 * soft * (colour - patch)


def lip_shade(patch: FloatArray, lower: FloatArray, span: float, corner: Corner) -> FloatArray:
    """(3,) the colour between the lips of `patch` (h, w, 3): of the lower lip, whose edge is (N, 2), in shade."""
    middle = np.rint(lower[8:-8] + np.array([0, 0.04 * span]) - np.array(corner)).astype(int)
    x, y = np.clip(middle[:, 0], 0, patch.shape[1] - 1), np.clip(middle[:, 1], 0, patch.shape[0] - 1)
    return np.asarray(np.median(patch[y, x], axis=0) * np.array(SHADE, np.float32), np.float32)


def soft_paint(inlay: ByteArray, shade: FloatArray, span: float) -> tuple[FloatArray, FloatArray]:
    """Colours (h, w, 3) and cover (h, w, 1), 0 to 1, of a painted mouth (h, w, 4), less hard than a drawing."""
    cover = inlay[..., 3].astype(np.float32) / 255
    sigma = max(0.5, PAINT_BLUR * span)
    blurred = cv2.GaussianBlur(inlay[..., :3] * cover[..., None], (0, 0), sigma)
    colour = blurred / np.maximum(cv2.GaussianBlur(cover, (0, 0), sigma), 1e-3)[..., None]
    edge = cv2.GaussianBlur(cover, (0, 0), max(0.5, SHADE_EDGE * span))
    towards = np.where(shade > colour, PAINT_IN_SHADE[0], PAINT_IN_SHADE[1])
    return np.asarray(colour + towards * (shade - colour), np.float32), edge[..., None]


def ramp(value: float, ends: tuple[float, float]) -> float:
    """0 at the first end and before, 1 at the second and beyond, smooth between."""
    part = float(np.clip((value - ends[0]) / (ends[1] - ends[0]), 0, 1))
    return part * part * (3 - 2 * part)


def beyond(lips: FloatArray, distance_px: float) -> BoolArray:
    """(h, w) where it is at least so far to the lips (h, w)."""
    return np.asarray(cv2.distanceTransform((lips < 0.02).astype(np.uint8), cv2.DIST_L2, 3) > distance_px)


def softened(lips: FloatArray, span: float) -> FloatArray:
    """(h, w) 1 on the lips (h, w) and a little around, going over to 0."""
    outside = cv2.distanceTransform((lips < 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    fade = np.clip((outside - TAKEN * span) / (GOES_OVER * span), 0, 1)
    return np.asarray(1 - fade * fade * (3 - 2 * fade), np.float32)


def light_between(own: FloatArray, taken: FloatArray, seen: np.ndarray, reach_px: float) -> FloatArray:
    """(h, w, 3) factor that brings colours `taken` (h, w, 3) into the light of `own`, told by the skin where both are `seen`.

    It changes slowly over the picture, and is told from a smaller one.
    """
    weight = seen.astype(np.float32)[..., None]
    height, width = seen.shape
    step = max(1.0, reach_px / LIGHT_SIGMA_PX)
    size = max(1, round(width / step)), max(1, round(height / step))
    small = [cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (own * weight, taken * weight + 1e-3)]
    first, second = (cv2.GaussianBlur(each, (0, 0), reach_px / step, borderType=cv2.BORDER_REPLICATE) for each in small)
    trust = np.minimum(second.max(axis=2, keepdims=True) / 0.5, 1.0)
    factor = np.clip(1 + trust * (first / np.maximum(second, 1e-3) - 1), LEAST_LIGHT, MOST_LIGHT)
    return np.asarray(cv2.resize(factor, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
