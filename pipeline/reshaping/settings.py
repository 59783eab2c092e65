"""What a film in another shape, and a part of it as a picture that moves, can be told."""

from __future__ import annotations

from dataclasses import dataclass

from core.option_kinds import Choice, Number, Whole
from core.options import N_, check_options, option
from pipeline.part_options import MAX_S

AS_IT_IS, VERTICAL, SQUARE = "as-it-is", "vertical", "square"
#: Width over height of the shapes that have one of their own.
ASPECTS = {VERTICAL: 9 / 16, SQUARE: 1.0}
SHAPES = Choice((AS_IT_IS, VERTICAL, SQUARE), {AS_IT_IS: N_("As it is"), VERTICAL: N_("Upright, 9:16"), SQUARE: N_("Square")})
#: The shorter side in pixels.
SIZES = Choice(("480", "720", "1080"), {"480": N_("Small, 480 px"), "720": N_("Middle, 720 px"), "1080": N_("Large, 1080 px")})
GIF, WEBP = "gif", "webp"
FORMATS = Choice((GIF, WEBP), {GIF: "GIF", WEBP: "WebP"})
LOOP_SIZES = Choice(("240", "320", "480"), {"240": "240 px", "320": "320 px", "480": "480 px"})
#: A loop lasts at most so long, in seconds: a GIF of more weighs as much as the film.
LONGEST_LOOP_S, SHORTEST_LOOP_S = 6.0, 0.5


@dataclass(frozen=True)
class ShapeSettings:
    """How a film is brought into another shape. Raises `InputError` where a value is out of range."""

    shape: str = option(AS_IT_IS, SHAPES, "shape of the new film", label=N_("Shape"))
    size: str = option("720", SIZES, "length of its shorter side, in pixels", label=N_("Size"))
    face: int | None = option(
        None,
        Whole(1, 100),
        "which face stays in the picture, counted from the left in the film's beginning; without it the largest",
        metavar="N",
        in_form=False,
    )

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True)
class LoopSettings:
    """Which part of a film becomes a picture that moves. Raises `InputError` where a value is out of range."""

    format: str = option(GIF, FORMATS, "the kind of file", label=N_("Kind of file"), in_form=True)
    start_s: float = option(
        0.0, Number(0.0, MAX_S), "where it begins, in seconds", flag="start", label=N_("Begins at, in seconds")
    )
    duration_s: float = option(
        3.0,
        Number(SHORTEST_LOOP_S, LONGEST_LOOP_S, "s"),
        "how long it is, in seconds",
        flag="duration",
        label=N_("Lasts, in seconds"),
        hint=N_("At most 6 seconds."),
    )
    loop_size: str = option("320", LOOP_SIZES, "length of its longer side, in pixels", label=N_("Longer side"))

    def __post_init__(self) -> None:
        check_options(self)
