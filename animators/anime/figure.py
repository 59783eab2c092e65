"""The drawn figure apart from its ground: its alpha, its pure colours, and the ground without it.

The alpha is the file's own where it shows the face; else MODNet's (Ke et al., AAAI 2022), which cuts out drawn figures as well
as people, of the whole picture and once more, in finer pixels, of the head. What the figure leaves bare when it moves, a narrow
rim, is filled from around it (Telea, "An Image Inpainting Technique Based on the Fast Marching Method", 2004).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from animators.anime.canvas import CHIN_V, EYES_U, EYES_V, Placement, to_linear, to_srgb
from core.contracts import ByteArray, FloatArray, Portrait
from core.errors import InputError
from media.pictures import GROUND
from neural.matting import MattingNetwork

BoolArray = npt.NDArray[np.bool_]

#: A file's alpha is believed where at least this part of the face is opaque by it.
TRUSTED_COVER = 0.9
_MATTE_FILES = ("alpha.npy", "background.npy")
#: Sides of the picture that MODNet sees: shorter, and longer at most.
_NETWORK_SIDE, _NETWORK_LONGEST = 512, 896
#: The head with its hair in the canvas: left, top, right, bottom.
_HEAD = (128, 20, 384, 276)
#: Longest side of the picture in which the ground is filled; what shows of it is a narrow rim.
_FILL_SIDE = 320
#: Pixels by which the filled part reaches beyond the matte, so that no trace of the figure's edge stays behind, at `_FILL_SIDE`.
_FILL_RIM = 4
#: Colours of figure and ground that differ by so many levels (root of the sum of squares) are half believed.
_ALIKE_LEVELS = 60.0
#: A colour that lies so far from every mixture of the two is neither's: an outline, a strand of another colour. So half believed.
_FOREIGN_LEVELS = 40.0


@dataclass(frozen=True)
class Figure:
    """A figure and its ground.

    texture: (H, W, 4) float32, linear light and straight alpha in [0, 1]. background: (H, W, 3) uint8. picture: (H, W, 3) uint8
    as it came. residue: (H, W, 3) float32 in levels, what the picture is more than the figure over the background; where
    nothing moves it is added, so that the film there is the picture itself.
    """

    texture: FloatArray
    background: ByteArray
    picture: ByteArray
    residue: FloatArray


def matte_of(portrait: Portrait, placement: Placement, threads: int) -> tuple[FloatArray, ByteArray]:
    """The figure's alpha (H, W) in [0, 1], float32, and the ground without it (H, W, 3): those kept, where somebody keeps them.

    Raises like `cut_out`.
    """
    if portrait.keep is None:
        return _parted(portrait, placement, threads)

    def make(folder: Path) -> None:
        for path, values in zip(_MATTE_FILES, _parted(portrait, placement, threads), strict=True):
            np.save(folder / path, values)

    folder = portrait.keep({"figure": "matte"}, make)
    alpha, background = (np.load(folder / path) for path in _MATTE_FILES)
    return alpha, background


def cut_out(portrait: Portrait, placement: Placement, threads: int) -> Figure:
    """Take the figure off its ground. Raises InputError where it can't be told from it, MissingError without MODNet's weights."""
    image = portrait.image
    alpha, background = matte_of(portrait, placement, threads)
    colours = pure_colours(image, alpha, background)
    composite = to_srgb(to_linear(colours / 255)) * 255 * alpha[..., None] + background * (1 - alpha[..., None])
    texture = np.concatenate([to_linear(colours / 255), alpha[..., None]], axis=-1).astype(np.float32)
    return Figure(texture, background, image, (image - composite).astype(np.float32))


def _parted(portrait: Portrait, placement: Placement, threads: int) -> tuple[FloatArray, ByteArray]:
    """What `matte_of` gives, made anew."""
    image = portrait.image
    face = _face_box(placement, (image.shape[0], image.shape[1]))
    if portrait.alpha is not None and _cover(portrait.alpha / np.float32(255), face) >= TRUSTED_COVER:
        return portrait.alpha.astype(np.float32) / 255, np.full_like(image, GROUND)
    alpha = _matte(image, placement, face, threads)
    background = fill_ground(image, alpha)
    return refined(image, alpha, background), background


def pure_colours(image: ByteArray, alpha: FloatArray, background: ByteArray) -> FloatArray:
    """(H, W, 3) float32 in [0, 255]: what the figure's pixels are without the ground that shines through them.

    Nearly opaque pixels are unmixed; thinner ones, where that would only blow up noise, take the colours of the nearest opaque
    ones.
    """
    share = alpha[..., None]
    unmixed = np.clip((image - (1.0 - share) * background) / np.maximum(share, 0.05), 0.0, 255.0)
    nearest = nearest_colours(image, alpha > 0.97)
    trust = np.clip((share - 0.3) / 0.5, 0.0, 1.0)
    return (nearest + trust * (unmixed - nearest)).astype(np.float32)


def nearest_colours(image: ByteArray, known: BoolArray) -> FloatArray:
    """(H, W, 3) float32: the mean colour of the known pixels (H, W) nearby; far from any, the picture's own."""
    weights = known.astype(np.float32)[..., None]
    nearest = np.zeros(image.shape, np.float32)
    settled = np.zeros_like(weights)
    for sigma in (1.5, 4.0, 12.0):
        mass = cv2.GaussianBlur(weights, (0, 0), sigma)[..., None]
        mean = cv2.GaussianBlur((image * weights).astype(np.float32), (0, 0), sigma) / np.maximum(mass, 1e-4)
        take = (1.0 - settled) * np.clip(mass * 20.0, 0.0, 1.0)
        nearest += mean * take
        settled += take
    return nearest + (1.0 - settled) * image


def refined(image: ByteArray, alpha: FloatArray, background: ByteArray) -> FloatArray:
    """The matte (H, W) with its soft rim read off the colours: the share of the figure's colour in each pixel's mixture.

    Where figure and ground look alike, or the pixel has a colour of its own (an outline, a strand of hair), the network's matte
    stays, made steeper, because drawings have hard edges.
    """
    steeper = np.clip((alpha - 0.35) / 0.4, 0.0, 1.0)
    inside = cv2.erode((alpha > 0.97).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    figure, ground = nearest_colours(image, inside), background.astype(np.float32)
    contrast = figure - ground
    power = np.sum(contrast**2, axis=-1)
    mixture = np.clip(np.sum((image - ground) * contrast, axis=-1) / np.maximum(power, 1.0), 0.0, 1.0)
    foreign = np.sum((image - ground - mixture[..., None] * contrast) ** 2, axis=-1)
    trust = power / (power + _ALIKE_LEVELS**2) / (1.0 + foreign / _FOREIGN_LEVELS**2)
    share = steeper + trust * (mixture - steeper)
    rim = (alpha > 0.02) & ~inside
    share = np.where(rim, np.minimum(share, np.clip(alpha * 3.0, 0.0, 1.0)), inside).astype(np.float32)
    calm = cv2.medianBlur(share, 3)  # single pixels that happen to have the other's colour are no holes
    return np.where(rim, calm, share).astype(np.float32)


def fill_ground(image: ByteArray, alpha: FloatArray) -> ByteArray:
    """The picture (H, W, 3) with the figure taken away and what lay behind it guessed from the ground around it."""
    height, width = alpha.shape
    scale = min(1.0, _FILL_SIDE / max(height, width))
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    hole = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA) > 0.02
    hole = cv2.dilate(hole.astype(np.uint8), np.ones((2 * _FILL_RIM + 1,) * 2, np.uint8)).astype(bool)
    if hole.all() or not hole.any():
        return image.copy()
    smooth = cv2.inpaint(small, hole.astype(np.uint8), 3, cv2.INPAINT_TELEA)
    filled = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_CUBIC)
    share = cv2.resize(cv2.GaussianBlur(hole.astype(np.float32), (0, 0), 1.0), (width, height), interpolation=cv2.INTER_LINEAR)
    share = np.maximum(np.clip(share * 2.0 - 0.5, 0.0, 1.0), alpha > 0.02)[..., None]
    return np.clip(np.rint(image + share * (filled.astype(np.float32) - image)), 0, 255).astype(np.uint8)


def _matte(image: ByteArray, placement: Placement, face: tuple[slice, slice], threads: int) -> FloatArray:
    """The figure's alpha (H, W) in [0, 1]. Raises InputError where the network does not see the face as part of a figure."""
    network = MattingNetwork(threads)
    alpha = _network_matte(network, image)
    left, top, right, bottom = _clipped(_HEAD, placement, (image.shape[0], image.shape[1]))
    if (right - left) * (bottom - top) < 0.8 * alpha.size and min(right - left, bottom - top) >= 32:
        part = (slice(top, bottom), slice(left, right))
        closer = _network_matte(network, np.ascontiguousarray(image[part]))
        rows, columns = face
        seen = (slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left))
        if _cover(closer, seen) >= TRUSTED_COVER:
            trust = _inner_trust(closer.shape, (left > 0, top > 0, right < image.shape[1], bottom < image.shape[0]))
            alpha[part] += trust * (closer - alpha[part])
    if _cover(alpha, face) < TRUSTED_COVER:
        raise InputError("animators.anime.figure_not_told_apart")
    return _of_face(alpha, face)


def _network_matte(network: MattingNetwork, image: ByteArray) -> FloatArray:
    """MODNet's alpha (H, W) of a picture or a part of it."""
    return network.matte(image, _NETWORK_SIDE, _NETWORK_LONGEST)


def _of_face(alpha: FloatArray, face: tuple[slice, slice]) -> FloatArray:
    """What hangs together with the face, small gaps inside it closed; what else the network took for a figure is left out."""
    _, parts = cv2.connectedComponents((alpha > 0.3).astype(np.uint8))
    inside = parts[face]
    mine = (parts == np.bincount(inside[inside > 0]).argmax()).astype(np.uint8)
    count, gaps, stats, _ = cv2.connectedComponentsWithStats(1 - mine)
    small = stats[:, cv2.CC_STAT_AREA] < 0.0004 * alpha.size
    small[0] = False
    near = cv2.dilate(mine, np.ones((7, 7), np.uint8)) > 0
    return np.where(small[gaps] if count > 1 else False, np.maximum(alpha, 0.999), np.where(near, alpha, 0.0)).astype(np.float32)


def _inner_trust(shape: tuple[int, ...], cut: tuple[bool, bool, bool, bool]) -> FloatArray:
    """(h, w): 1 inside a part of a picture, falling to 0 at those of its borders (left, top, right, bottom) that are not the
    picture's.
    """
    height, width = shape
    rows, columns = np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32)
    far = np.float32(1e6)
    across = np.minimum(columns if cut[0] else far, width - 1 - columns if cut[2] else far)
    down = np.minimum(rows if cut[1] else far, height - 1 - rows if cut[3] else far)
    ramp = 0.12 * max(height, width)
    across, down = np.broadcast_to(across, columns.shape), np.broadcast_to(down, rows.shape)
    return np.clip(np.minimum.outer(down, across) / ramp, 0.0, 1.0)


def _face_box(placement: Placement, size: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of the picture in the middle of the face, between the eyes and the chin."""
    reach = (CHIN_V - EYES_V) * 0.5
    left, top, right, bottom = _clipped((EYES_U - reach, EYES_V, EYES_U + reach, CHIN_V - 8), placement, size)
    return slice(top, max(bottom, top + 1)), slice(left, max(right, left + 1))


def _clipped(box: tuple[float, float, float, float], placement: Placement, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """A box of the canvas in whole pixels of the picture, cut at its borders; size is (height, width)."""
    (left, top), (right, bottom) = placement.to_picture(*box[:2]), placement.to_picture(*box[2:])
    xs, ys = np.clip(np.rint([left, right]), 0, size[1]).astype(int), np.clip(np.rint([top, bottom]), 0, size[0]).astype(int)
    return int(xs[0]), int(ys[0]), int(xs[1]), int(ys[1])


def _cover(alpha: FloatArray, face: tuple[slice, slice]) -> float:
    """Part of the face that is opaque."""
    inside = alpha[face]
    return float((inside > 0.9).mean()) if inside.size else 0.0
