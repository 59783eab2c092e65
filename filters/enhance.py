"""Enhances a picture with a small or soft face once, before it is animated: SPAN super-resolution under ncnn, on the CPU.

SPAN: Wan and others, "Swift Parameter-free Attention Network for Efficient Super-Resolution", 2024 (arXiv 2311.12770). It was
made for crisp input, and draws compression blocks and grain as if they were detail. So the picture is first brought down to the
size at which it is crisp, which the ratio of its finest two octaves around eyes and mouth tells, and then up to the film's
size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from core.contracts import ByteArray, Face, FloatArray, Progress, silent
from core.errors import MissingError
from core.messages import Message, message
from drawing.resizing import resized
from weights.fetch import ensure_all

#: Face Landmarker points with edges that any face has: eye corners and lids, irises, brows, nostrils, lips.
EDGE_POINTS = (33, 133, 159, 145, 468, 263, 362, 386, 374, 473, 70, 107, 300, 336, 1, 98, 327, 61, 291, 13, 14)
#: Points amid bare skin (cheeks, forehead): what is fine there is grain, brushwork or compression.
SKIN_POINTS = (50, 280, 205, 425, 36, 266, 151, 9)
#: (true detail as a fraction of the pixels, `FaceDetail.sharpness`): measured on crisp photos and paintings that were brought
#: down and up again, which gave 0.42 to 0.43 at 1/4, 0.53 to 0.61 at 1/2, and 0.82 to 1.1 as they were.
SHARPNESS_AT_FRACTION = ((0.25, 0.43), (0.5, 0.58), (1.0, 0.85))
#: Grain outweighs the next octave on bare skin at least this much: 1.5 to 1.8 with grain, 0.6 to 1.3 without.
GRAIN_RATIO = 1.4
#: Rms of the finest octave on bare skin, in grey levels of 255, from which a picture counts as grainy.
GRAIN_LEVEL = 2.2
#: A face with at least this fraction of true detail is called sharp.
SHARP_FRACTION = 0.75
#: Pixels around a tile that can reach its result: 21 rows of 3x3 convolutions, rounded up.
TILE_MARGIN_PX = 24

#: A network of a fixed factor k: (h, w, 3) uint8 RGB to (k h, k w, 3) float32, about [0, 1].
Network = Callable[[ByteArray], FloatArray]


@dataclass(frozen=True)
class EnhanceSettings:
    """When and how strongly a picture is enhanced."""

    strength: float = 0.85
    """Share of the network's result in the picture, in [0, 1]; the rest is the resized source."""
    grainy_strength: float = 0.5
    """The same for a grainy picture: what the network takes for noise may be film grain or brushwork, and stays alive."""
    large_face_px: float = 256.0
    """A face with true detail at least this many pixels wide is left alone."""
    least_gain: float = 1.25
    """The film must show the face at least this many times larger than its true detail for the work to be worth it."""
    largest_scale: float = 4.0
    """No picture grows more than this many times in width and height."""
    tile_px: int = 256
    """Side of the input tiles, which bounds the memory."""
    threads: int = 2
    """CPU threads of the network."""

    def __post_init__(self) -> None:
        if not (0 <= self.strength <= 1 and 0 <= self.grainy_strength <= 1):
            raise ValueError(f"strength and grainy_strength are {self.strength} and {self.grainy_strength}; 0 to 1 is expected.")
        if self.tile_px < 32 or self.threads < 1 or self.least_gain < 1 or self.largest_scale < 1:
            raise ValueError("tile_px must be at least 32; threads, least_gain and largest_scale at least 1.")


@dataclass(frozen=True)
class FaceDetail:
    """How much a picture really shows of a face.

    width_px: the face's width in pixels.
    sharpness: rms of the finest octave over that of the next, around eyes and mouth, that of bare skin taken off; 0.85 is crisp.
    grain: rms of the finest octave on bare skin, in grey levels of 255; 0 where the next octave is as strong (light, not grain).
    """

    width_px: float
    sharpness: float
    grain: float

    @property
    def grainy(self) -> bool:
        """Whether film grain, brushwork or craquelure covers the face, down to the single pixel."""
        return self.grain >= GRAIN_LEVEL

    @property
    def fraction(self) -> float:
        """Width of the true detail over `width_px`, in [0.25, 1]; 1 for a grainy face, whose edges tell little."""
        if self.grainy:
            return 1.0
        fractions, levels = zip(*SHARPNESS_AT_FRACTION, strict=True)
        return float(np.interp(self.sharpness, levels, fractions))

    def in_words(self) -> Message:
        """What is said of it: the beginning of a sentence."""
        if self.fraction > SHARP_FRACTION:
            return message("filters.face_is_grainy" if self.grainy else "filters.face_is_sharp", width=self.width_px)
        return message("filters.face_is_soft", width=self.width_px, detail=self.width_px * self.fraction)


@dataclass(frozen=True)
class Plan:
    """The picture times `input_scale`, through the network of `factor`, resized to the source times `scale`, and mixed
    with the source of that size, of which 1 - `strength` stays.
    """

    input_scale: float
    factor: int
    scale: float
    strength: float


@dataclass(frozen=True)
class Enhanced:
    """A picture after enhancement.

    image: (H', W', 3) uint8 RGB; the source itself where `applied` is False, else of even sides.
    scale: H' / H; landmarks of the source times this lie on `image`, to within half a pixel.
    reason: for the user, what was done, or why nothing was.
    """

    image: ByteArray
    scale: float
    applied: bool
    reason: Message


def enhance_portrait(
    image: ByteArray,
    face: Face,
    target_height: int,
    settings: EnhanceSettings | None = None,
    progress: Progress = silent,
) -> Enhanced:
    """Enhance a picture whose face is small or soft for a film `target_height` px high; leave any other picture as it is.

    image: (H, W, 3) uint8 RGB. face: the face that will sing, in its pixels. progress: stage "enhance", tiles done and in all.
    An enhanced picture is as high as the film, but at most `largest_scale` times the source.
    Raises MissingError where the weights or ncnn are missing.
    """
    settings = settings or EnhanceSettings()
    detail = measure_detail(image, face)
    plan = plan_enhancement(detail, target_height / image.shape[0], settings)
    if plan is None:
        reason = message("filters.nothing_to_enhance", face=detail.in_words(), height=target_height)
        return Enhanced(image, 1.0, False, reason)
    height, width = (2 * round(side * plan.scale / 2) for side in image.shape[:2])
    small = resized(image, *(max(8, round(side * plan.input_scale)) for side in image.shape[:2]))
    enlarged = enlarge(small, plan.factor, load_network(plan.factor, settings.threads), settings.tile_px, progress)
    result = blend(resized(image, height, width), resized(enlarged, height, width), plan)
    reason = message("filters.picture_enhanced", face=detail.in_words(), width=width, height=height)
    return Enhanced(result, height / image.shape[0], True, reason)


def resize_alpha(alpha: ByteArray, enhanced: Enhanced) -> ByteArray:
    """The alpha (H, W) uint8 of the source picture at the size of its enhanced picture."""
    return resized(alpha, *enhanced.image.shape[:2])


def measure_detail(image: ByteArray, face: Face) -> FaceDetail:
    """Measure how sharp and how grainy a face is in its picture (H, W, 3) uint8."""
    width = float(np.ptp(face.landmarks[:, 0]))
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    smooth, smoother = (cv2.GaussianBlur(grey, (0, 0), sigma) for sigma in (0.7, 1.4))
    bands = (grey - smooth, smooth - smoother)
    radius = max(3, round(0.06 * width))
    edges, skin = (discs(face, points, radius, grey.shape) for points in (EDGE_POINTS, SKIN_POINTS))
    skin_energy = [float(np.mean(band[skin] ** 2)) for band in bands]
    edge_energy = [max(float(np.mean(band[edges] ** 2)) - energy, 0.0) for band, energy in zip(bands, skin_energy, strict=True)]
    # a face without edges, as of a plain drawing, can't tell; it is taken as it is
    sharpness = (edge_energy[0] / edge_energy[1]) ** 0.5 if edge_energy[1] > 0.25 else 1.0
    grain = skin_energy[0] ** 0.5 if skin_energy[0] > GRAIN_RATIO**2 * skin_energy[1] else 0.0
    return FaceDetail(width, sharpness, grain)


def discs(face: Face, points: tuple[int, ...], radius: int, shape: tuple[int, ...]) -> np.ndarray:
    """Mask (H, W) bool of discs around landmarks; their middles are kept inside the picture, so that it is never empty."""
    mask = np.zeros(shape, np.uint8)
    for x, y in face.landmarks[list(points), :2]:
        middle = (int(np.clip(x, 0, shape[1] - 1)), int(np.clip(y, 0, shape[0] - 1)))
        cv2.circle(mask, middle, radius, 1, -1)
    return mask > 0


def plan_enhancement(detail: FaceDetail, film_scale: float, settings: EnhanceSettings) -> Plan | None:
    """Decide whether and how a picture is enhanced for a film `film_scale` times as high; None where nothing would be gained."""
    scale = min(film_scale, settings.largest_scale)
    if detail.width_px * detail.fraction >= settings.large_face_px or scale < settings.least_gain * detail.fraction:
        return None
    # enlarging shows the compression blocks of a soft picture too; a little below the size at which it is crisp, they are gone
    margin = 0.8 if scale >= settings.least_gain else 1.0
    crisp_at = 0.5 if detail.grainy else 1.0 if detail.fraction > SHARP_FRACTION else margin * detail.fraction
    input_scale = min(max(crisp_at, scale / 4), 1.0)
    strength = settings.grainy_strength if detail.grainy else settings.strength
    return Plan(input_scale, 2 if scale <= 2.3 * input_scale else 4, scale, strength)


def load_network(factor: int, threads: int) -> Network:
    """SPAN of factor 2 or 4, on the CPU. Raises MissingError where the weights or ncnn are missing."""
    try:
        import ncnn
    except ImportError as error:
        raise MissingError("filters.no_ncnn") from error
    param, weights = ensure_all([f"spanx{factor}_param", f"spanx{factor}_bin"])
    net = ncnn.Net()
    net.opt.use_vulkan_compute = False
    net.opt.num_threads = threads
    if net.load_param(str(param)) != 0 or net.load_model(str(weights)) != 0:
        raise MissingError("filters.ncnn_cannot_read", name=weights.name)

    def network(image: ByteArray) -> FloatArray:
        planes = np.ascontiguousarray(image.transpose(2, 0, 1), dtype=np.float32) / 255
        extractor = net.create_extractor()
        extractor.input("data", ncnn.Mat(planes))
        status, output = extractor.extract("output")
        if status != 0:
            raise MemoryError(f"ncnn could not enlarge a tile of {image.shape[1]} x {image.shape[0]} px.")
        return np.asarray(output, dtype=np.float32).transpose(1, 2, 0).copy()

    return network


def enlarge(image: ByteArray, factor: int, network: Network, tile_px: int, progress: Progress = silent) -> ByteArray:
    """Run a network over a picture (H, W, 3) uint8, tile by tile; no seam, as each tile sees all that reaches its pixels."""
    height, width = image.shape[:2]
    result = np.empty((height * factor, width * factor, 3), np.uint8)
    corners = [(top, left) for top in range(0, height, tile_px) for left in range(0, width, tile_px)]
    for done, (top, left) in enumerate(corners):
        progress("enhance", done, len(corners))
        bottom, right = min(top + tile_px, height), min(left + tile_px, width)
        above, before = max(top - TILE_MARGIN_PX, 0), max(left - TILE_MARGIN_PX, 0)
        output = network(image[above : bottom + TILE_MARGIN_PX, before : right + TILE_MARGIN_PX])
        rows = slice((top - above) * factor, (bottom - above) * factor)
        columns = slice((left - before) * factor, (right - before) * factor)
        pixels = np.clip(output[rows, columns] * 255 + 0.5, 0, 255)
        result[top * factor : bottom * factor, left * factor : right * factor] = pixels.astype(np.uint8)
    progress("enhance", len(corners), len(corners))
    return result


def blend(source: ByteArray, enlarged: ByteArray, plan: Plan) -> ByteArray:
    """Mix the network's picture into the resized source, both (H, W, 3) uint8, and keep the source's tones.

    Below the size of a few of the network's input pixels the network draws; above it the colours are the source's own.
    """
    original = source.astype(np.float32)
    drawn = enlarged.astype(np.float32)
    sigma = 4 * plan.scale / plan.input_scale
    drawn += cv2.GaussianBlur(original - drawn, (0, 0), sigma)
    mixed = original + plan.strength * (drawn - original)
    return np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
