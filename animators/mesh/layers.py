"""A portrait taken apart into three sheets: the scene, the body, and the head over both."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

import cv2
import numpy as np

from animators.mesh.foreground import blurred, length, mean_square, refine_alpha, settle_alpha, to_bytes, weighted_blur
from animators.mesh.head_split import SplitSettings, head_axes, split_head
from animators.mesh.inpaint import FillSettings, fill_hole
from animators.mesh.matte import BoolArray, Matte, MatteSettings, face_size, oval_mask, person_matte
from animators.mesh.neck import continue_upwards
from core.contracts import ByteArray, Face, FloatArray, Portrait
from core.kernels import kernel
from drawing.masks import dilated

LAYERS_NAME = "sheets.npz"


@dataclass(frozen=True)
class LayerSettings:
    """How a portrait is taken apart; lengths in face sizes.

    reach: how far inside the person's outline the scene may come to be seen.
    neck_reach: how far behind the jaw the neck is carried on.
    fringe: how far outside the matte single hairs and things worn in the hair are looked for.
    """

    matte: MatteSettings = field(default_factory=MatteSettings)
    split: SplitSettings = field(default_factory=SplitSettings)
    fill: FillSettings = field(default_factory=FillSettings)
    reach: float = 0.3
    neck_reach: float = 0.4
    fringe: float = 0.08


@dataclass(frozen=True)
class Layers:
    """The sheets of a portrait; drawn over each other unmoved they are the picture again.

    background: (H, W, 3) uint8, the scene, filled in where the person stood.
    body: (H, W, 3) uint8, the person's colours without the head, carried on behind the jaw.
    body_alpha: (H, W) float32 in [0, 1].
    head: (H, W, 3) uint8, face, ears and hair, free of the scene's colours at the fringe.
    head_alpha: (H, W) float32 in [0, 1]; soft along hair and, a few pixels wide, along the jaw.
    quality: 0 to 1, how far the person's matte can be trusted.
    whole_sheet: no usable matte; body and background are the picture itself and the head a soft shape cut by geometry.
    """

    background: ByteArray
    body: ByteArray
    body_alpha: FloatArray
    head: ByteArray
    head_alpha: FloatArray
    quality: float
    whole_sheet: bool

    def save(self, path: Path) -> None:
        """Write an npz file."""
        with path.open("wb") as file:
            np.savez(file, **vars(self))

    @classmethod
    def load(cls, path: Path) -> Layers:
        """What `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            values = {name: stored[name] for name in stored.files}
        return cls(**{name: value if value.ndim else value.item() for name, value in values.items()})


def layers_of(portrait: Portrait) -> Layers:
    """The portrait's sheets under the usual settings: those that were kept for it, where somebody keeps them."""
    if portrait.keep is None:
        return split_layers(portrait.image, portrait.face, portrait.alpha)

    def make(folder: Path) -> None:
        split_layers(portrait.image, portrait.face, portrait.alpha).save(folder / LAYERS_NAME)

    return Layers.load(portrait.keep({"sheets": asdict(LayerSettings())}, make) / LAYERS_NAME)


def split_layers(image: ByteArray, face: Face, alpha: ByteArray | None, settings: LayerSettings | None = None) -> Layers:
    """Take the portrait `image` (H, W, 3) uint8 apart around `face`; `alpha` (H, W) uint8 is the file's own transparency."""
    settings = settings or LayerSettings()
    matte = person_matte(image, face, alpha, settings.matte)
    if not matte.usable:
        return _whole_sheet(image, face, matte.quality)
    return _three_sheets(image, face, matte, settings)


def _whole_sheet(image: ByteArray, face: Face, quality: float) -> Layers:
    """Layers without a matte: the whole picture as one soft sheet and a feathered head over it."""
    size = face_size(face)
    grown = oval_mask(face, (image.shape[0], image.shape[1]), 1.25).astype(np.float32)
    head_alpha = np.clip(cv2.GaussianBlur(grown, (0, 0), 0.08 * size) * 1.2 - 0.1, 0.0, 1.0).astype(np.float32)
    everywhere = np.ones(head_alpha.shape, np.float32)
    return Layers(image.copy(), image.copy(), everywhere, image.copy(), head_alpha, quality, True)


def _three_sheets(image: ByteArray, face: Face, matte: Matte, settings: LayerSettings) -> Layers:
    size = face_size(face)
    picture = image.astype(np.float32)
    alpha = matte.alpha
    hole = _dilate(alpha > 0.03, settings.fringe * size)
    barred = _dilate(matte.other, 0.01 * size)
    background = fill_hole(picture, hole, barred, settings.reach * size, settings.fill)
    background = _correct_broadly(picture, background, alpha, hole, size)
    alpha, person = _read_fringe(picture, alpha, background, hole, size)

    split = split_head(image, face, alpha, settings.split)
    body, continued = continue_upwards(person, alpha, split, head_axes(face).down, size, settings.neck_reach)
    head_alpha = alpha * split.head
    # Head over body must cover as much as the person's matte does.
    shown = np.clip((alpha - head_alpha) / np.maximum(1.0 - head_alpha, 1e-4), 0.0, 1.0)
    hidden_by_head = np.clip((head_alpha - 0.97) / 0.028, 0.0, 1.0)
    body_alpha = shown * (1.0 - hidden_by_head) + continued * hidden_by_head
    background = _clean_scene(picture, background, alpha, hole, settings, size)
    head, body = _agree(picture, person, head_alpha, body, body_alpha, background)
    return Layers(
        to_bytes(background), to_bytes(body), body_alpha.astype(np.float32), to_bytes(head), head_alpha, matte.quality, False
    )


def _dilate(mask: BoolArray, radius_px: float) -> BoolArray:
    return dilated(mask, max(2, round(radius_px)))


def _correct_broadly(picture: FloatArray, background: FloatArray, alpha: FloatArray, hole: BoolArray, size: float) -> FloatArray:
    """Where the fill is broadly wrong about what is seen beside the person, put it right, before fine things are judged by it."""
    free = np.where(hole, np.clip(1.0 - 20.0 * alpha, 0.0, 1.0), 0.0).astype(np.float32)
    reach = max(2.0, 0.05 * size)
    offset = weighted_blur(picture - background, free, reach, hole)
    near = np.clip(blurred(free, reach) * 6.0, 0.0, 1.0)
    wrong = np.clip((length(offset) - 35.0) / 25.0, 0.0, 1.0) * near
    seen = weighted_blur(picture, free, max(2.0, 0.02 * size), hole)
    corrected = background + wrong[..., None] * (seen - background)
    return np.where(hole[..., None], corrected, background).astype(np.float32)


def _read_fringe(
    picture: FloatArray, alpha: FloatArray, background: FloatArray, hole: BoolArray, size: float
) -> tuple[FloatArray, FloatArray]:
    """Sharper matte and the person's pure colours, given the scene that was filled in behind."""
    texture = picture - blurred(picture, max(2.0, 0.02 * size))
    scene = np.sqrt(weighted_blur(mean_square(texture)[..., None], (~hole).astype(np.float32), 0.05 * size))[..., 0]
    inner = weighted_blur(picture, alpha**8, max(1.5, 0.012 * size), hole)
    refined = refine_alpha(picture, alpha, inner, background, scene, max(2, round(0.012 * size)))
    alpha = settle_alpha(picture, refined, alpha, inner, background, scene)
    alpha = _take_in_worn_things(picture, alpha, background, scene, hole, size)
    rest = picture - (1 - alpha[..., None]) * background
    seen = rest / np.maximum(alpha[..., None], 0.05)
    # The less of the person is in a pixel, the more its neighbours' colour counts.
    smooth = weighted_blur(picture, alpha**8, max(1.5, 0.012 * size), hole)
    certain = np.clip((alpha[..., None] - 0.3) / 0.6, 0.0, 1.0)
    person = smooth + certain * (np.clip(seen, 0, 255) - smooth)
    return alpha, np.clip(person, 0, 255).astype(np.float32)


def _take_in_worn_things(
    picture: FloatArray, alpha: FloatArray, background: FloatArray, scene: FloatArray, hole: BoolArray, size: float
) -> FloatArray:
    """Small things at the person's edge that the matte missed (a hair band, a clip) and that the calm scene does not explain."""
    strange = (np.sqrt(mean_square(picture - background)) > 22.0 + 4.0 * scene) & hole & (alpha < 0.9)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * max(1, round(0.008 * size)) + 1,) * 2)
    strange = cv2.morphologyEx(strange.astype(np.uint8), cv2.MORPH_OPEN, disc)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(strange)
    touching = np.bincount(parts[_dilate(alpha > 0.9, 0.01 * size)], minlength=count) > 0
    open_ended = np.bincount(parts[~cv2.erode(hole.astype(np.uint8), disc).astype(bool)], minlength=count) > 0
    worn = touching & ~open_ended & (stats[:, cv2.CC_STAT_AREA] < 0.015 * size**2)
    worn[0] = False
    mask = cv2.GaussianBlur(worn[parts].astype(np.float32), (0, 0), 1.0)
    return np.maximum(alpha, np.clip(1.6 * mask - 0.1, 0.0, 1.0)).astype(np.float32)


def _clean_scene(
    picture: FloatArray, background: FloatArray, alpha: FloatArray, hole: BoolArray, settings: LayerSettings, size: float
) -> FloatArray:
    """The scene's sheet around the person: the picture itself away from the matte, the fill, brought to its tone, close to it.

    Bright or dark rims that a lens or sharpening left around the person, and hairs that the matte missed, would stay behind as
    ghosts when the head moves.
    """
    free = ((1.0 - alpha) ** 12).astype(np.float32)
    tone = weighted_blur(picture - background, np.where(hole, free, 0.0).astype(np.float32), max(2.0, 0.02 * size), hole)
    depth = cv2.distanceTransform((alpha < 0.03).astype(np.uint8), cv2.DIST_L2, 5) / size
    near = blurred((alpha > 0.03).astype(np.float32), max(2.0, 0.03 * size))
    toned = background + np.clip(tone, -35.0, 35.0) * np.clip(near * 2.0, 0.0, 1.0)[..., None] * (depth < 0.06)[..., None]
    # Thin lines are ghosts; broad things that the fill missed are part of the scene.
    broad = weighted_blur(picture - toned, free, max(1.5, 0.01 * size), hole)
    missed = np.clip((length(broad) - 18.0) / 18.0, 0.0, 1.0) * free
    own = np.maximum(np.clip((depth - 0.015) / 0.02, 0.0, 1.0), missed)[..., None]
    filled = np.clip(toned * (1.0 - own) + picture * own, 0, 255)
    return np.where(hole[..., None], filled, background).astype(np.float32)


def _agree(
    picture: FloatArray,
    head: FloatArray,
    head_alpha: FloatArray,
    body: FloatArray,
    body_alpha: FloatArray,
    background: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Change head and body as little as makes the composite over `background` the picture again, in two rounds for clipping."""
    head, body = np.ascontiguousarray(head, np.float32).copy(), np.ascontiguousarray(body, np.float32).copy()
    middle = np.asarray((1 - head_alpha) * body_alpha, np.float32)
    _bring_together(picture, head, np.asarray(head_alpha, np.float32), body, middle, np.asarray(background, np.float32))
    return head, body


@kernel(
    "(float32[:, :, ::1], float32[:, :, ::1], float32[:, ::1], float32[:, :, ::1], float32[:, ::1], float32[:, :, ::1])",
    fastmath=True,
)
def _bring_together(
    picture: FloatArray, head: FloatArray, front: FloatArray, body: FloatArray, middle: FloatArray, background: FloatArray
) -> None:
    """`_agree` on head and body themselves; front, middle: (H, W) how much of them is seen."""
    for y in range(front.shape[0]):
        for x in range(front.shape[1]):
            of_head, of_body = front[y, x], middle[y, x]
            power = max(of_head * of_head + of_body * of_body, np.float32(0.02))
            # A faint pixel must not take on a glaring colour for the sake of a small difference.
            room = 30 + 225 * min(max(2 * of_head - np.float32(0.4), np.float32(0)), np.float32(1))
            for c in range(3):
                wanted, first, second = picture[y, x, c], head[y, x, c], body[y, x, c]
                low, high = max(min(first, wanted) - room, 0), min(max(first, wanted) + room, 255)
                body_low, body_high = max(min(second, wanted) - 30, 0), min(max(second, wanted) + 30, 255)
                for _ in range(2):
                    change = wanted - of_head * first - of_body * second - (1 - of_head - of_body) * background[y, x, c]
                    first = min(max(first + of_head * change / power, low), high)
                    second = min(max(second + of_body * change / power, body_low), body_high)
                head[y, x, c], body[y, x, c] = first, second
