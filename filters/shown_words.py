"""The words of a song or a talk written over a film's frames: plain, on a box, or coloured word by word as they are heard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from core.contracts import ByteArray, Progress, silent
from speech.voice import Word
from speech.wide import is_wide

#: DejaVu Sans Bold, whose licence lies beside it: Latin, Greek, Cyrillic and more; other writings need a font of the system.
FONT = Path(__file__).with_name("fonts") / "DejaVuSans-Bold.ttf"
#: Where systems keep fonts, and names of such as have Chinese, Japanese and Korean.
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts", "C:/Windows/Fonts")
FONT_NAMES = (
    "NotoSansCJK*",
    "NotoSansJP*",
    "*DroidSansFallback*",
    "ipag*",
    "*Hiragino*",
    "YuGoth*",
    "msgothic*",
    "Arial Unicode*",
)
#: Height of the letters' font as a part of the film's shorter side; the smallest that is legible, in pixels.
FONT_PART, SMALLEST_FONT_PX = 0.062, 11
#: Of the film's width at most, and rows before the letters become smaller.
WIDTH_PART, MOST_ROWS = 0.88, 3
#: Rows that are higher than this part of the film would reach a near face's chin: their letters become smaller, but not below the
#: second number's part of their size.
BLOCK_PART, LEAST_PART = 0.14, 0.75
ROW_HEIGHT = 1.3
#: Free below the words, of the height: on upright films players lay their own signs over the lower part.
MARGIN_PART, UPRIGHT_MARGIN_PART, UPRIGHT = 0.05, 0.18, 1.2
OUTLINE_PART, BOX_OPACITY = 0.09, 150
WHITE, HEARD_COLOUR, BLACK = (255, 255, 255, 255), (255, 209, 64, 255), (0, 0, 0, 255)
#: What no font has: every letter that a font lacks looks the same.
_NOWHERE = "\U0010ffff"

Font = ImageFont.FreeTypeFont
Drawn = tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16], int, int]


@dataclass(frozen=True)
class ShownLine:
    """Words that are seen together, from the first one's beginning until `until_s`."""

    words: tuple[Word, ...]
    until_s: float


@lru_cache(maxsize=1)
def system_fonts() -> tuple[Path, ...]:
    """Fonts of this machine for writings that ours lacks."""
    folders = [Path(folder) for folder in FONT_FOLDERS if Path(folder).is_dir()]
    found = (file for name in FONT_NAMES for folder in folders for file in sorted(folder.rglob(name)))
    return tuple(file for file in found if file.suffix.lower() in (".ttf", ".otf", ".ttc"))


def lacks(font: Font, text: str) -> str:
    """The letters of the text that the font does not have, each once."""
    empty = bytes(font.getmask(_NOWHERE))
    return "".join(dict.fromkeys(each for each in text if not each.isspace() and bytes(font.getmask(each)) == empty))


@lru_cache(maxsize=8)
def font_for(text: str) -> tuple[Path, str]:
    """The font that has all letters of the text, ours where it can be, and the letters that none has."""
    best, fewest = FONT, lacks(ImageFont.truetype(FONT, 20), text)
    for file in system_fonts() if fewest else ():
        missing = lacks(ImageFont.truetype(file, 20), text)
        if len(missing) < len(fewest):
            best, fewest = file, missing
    return best, fewest


class ShownWords:
    """A `FrameFilter`: the words over the frames, as new arrays; frames without words pass as they are."""

    def __init__(self, lines: Sequence[ShownLine], style: str, fps: float) -> None:
        """lines: in order. style: `plain`, `box` or `karaoke`. fps: frames a second of the film."""
        self._lines, self._style, self._fps = lines, style, fps
        self._font, self.missing = font_for("".join(dict.fromkeys("".join(each.text for line in lines for each in line.words))))

    def apply(self, frames: Iterator[ByteArray], progress: Progress = silent) -> Iterator[ByteArray]:
        """Yield each frame (H, W, 3) uint8; `progress` counts with an unknown total of 0."""
        state: tuple[int, int, tuple[int, ...]] | None = None
        drawn: Drawn | None = None
        place = 0
        for number, frame in enumerate(frames):
            now_s = number / self._fps
            while place < len(self._lines) and self._lines[place].until_s <= now_s:
                place += 1
            line = self._lines[place] if place < len(self._lines) else None
            if line is None or now_s < line.words[0].start_s:
                yield frame
            else:
                heard = sum(word.start_s <= now_s for word in line.words) if self._style == "karaoke" else 0
                if (wanted := (place, heard, frame.shape)) != state or drawn is None:
                    state, drawn = wanted, draw_line(line.words, heard, frame.shape[0], frame.shape[1], self._style, self._font)
                yield blended(frame, *drawn)
            progress("words", number + 1, 0)


def blended(frame: ByteArray, light: npt.NDArray[np.uint16], opacity: npt.NDArray[np.uint16], top: int, left: int) -> ByteArray:
    """A copy of the frame with `light` (h, w, 3), already weighted by `opacity` (h, w, 1), laid over it."""
    marked = frame.copy()
    region = marked[top : top + light.shape[0], left : left + light.shape[1]]
    region[...] = ((region * (255 - opacity) + 127) // 255 + light).clip(0, 255)
    return marked


def draw_line(words: Sequence[Word], heard: int, height: int, width: int, style: str, file: Path) -> Drawn:
    """The words for frames of this size: light and opacity, 0 to 255, and their top and left. heard: so many are coloured."""
    font, rows = fitted([each.text for each in words], height, width, file)
    outline = 0 if style == "box" else max(1, round(OUTLINE_PART * font.size))
    row_px, pad = round(ROW_HEIGHT * font.size), round(0.35 * font.size) + outline
    image = Image.new(
        "RGBA", (min(width, round(max(length_of(row, font) for row in rows)) + 2 * pad), row_px * len(rows) + 2 * pad)
    )
    draw = ImageDraw.Draw(image)
    if style == "box":
        draw.rounded_rectangle((0, 0, image.width - 1, image.height - 1), radius=pad, fill=(0, 0, 0, BOX_OPACITY))
    number = 0
    for row, texts in enumerate(rows):
        x = (image.width - length_of(texts, font)) / 2
        for text in spaced(texts):
            colour = HEARD_COLOUR if number < heard else WHITE
            draw.text((x, pad + row * row_px), text, font=font, fill=colour, stroke_width=outline, stroke_fill=BLACK)
            x, number = x + font.getlength(text), number + 1
    below = UPRIGHT_MARGIN_PART if height > UPRIGHT * width else MARGIN_PART
    top, left = max(0, round(height * (1 - below)) - image.height), (width - image.width) // 2
    pixels = np.asarray(image, np.uint16)[: height - top]
    opacity = pixels[..., 3:]
    return pixels[..., :3] * opacity // 255, opacity, top, left


def fitted(texts: Sequence[str], height: int, width: int, file: Path) -> tuple[Font, list[list[str]]]:
    """The largest letters in which the words fit, and the rows that they make."""
    font_px = largest_px = max(SMALLEST_FONT_PX, round(FONT_PART * min(height, width)))
    while True:
        font = ImageFont.truetype(file, font_px)
        rows = in_rows(texts, font, WIDTH_PART * width)
        fits = len(rows) <= MOST_ROWS and all(length_of(row, font) <= WIDTH_PART * width for row in rows)
        high = len(rows) * ROW_HEIGHT * font_px > BLOCK_PART * height and font_px > max(SMALLEST_FONT_PX, LEAST_PART * largest_px)
        if (fits and not high) or font_px <= 6:
            return font, balanced(rows, font)
        font_px -= 1


def balanced(rows: list[list[str]], font: Font) -> list[list[str]]:
    """The same words in as many rows, about equally long: the narrowest in which they fit."""
    texts = [text for row in rows for text in row]
    low_px, high_px = 0.0, max(length_of(row, font) for row in rows)
    while len(rows) > 1 and high_px - low_px > 1.0:
        middle_px = (low_px + high_px) / 2
        tried = in_rows(texts, font, middle_px)
        narrow = len(tried) <= len(rows) and all(length_of(row, font) <= middle_px for row in tried)
        low_px, high_px = (low_px, middle_px) if narrow else (middle_px, high_px)
    return in_rows(texts, font, high_px)


def in_rows(texts: Iterable[str], font: Font, most_px: float) -> list[list[str]]:
    """The words in rows no wider than this, where a single word is not."""
    rows: list[list[str]] = []
    for text in texts:
        if rows and length_of([*rows[-1], text], font) <= most_px:
            rows[-1].append(text)
        else:
            rows.append([text])
    return rows


def spaced(texts: Sequence[str]) -> list[str]:
    """The words of a row, each with the blank that follows it."""
    following = [*texts[1:], ""]
    return [
        one + (" " if other and not (is_wide(one[-1]) and is_wide(other[0])) else "")
        for one, other in zip(texts, following, strict=True)
    ]


def length_of(texts: Sequence[str], font: Font) -> float:
    """Width of the words side by side, in pixels."""
    return sum(font.getlength(text) for text in spaced(texts))
