"""Whether the feelings of an avatar's sentences are seen in its face, and change inside one answer at the right sentence.

`python -m benchmarks.live_feelings PORTRAIT ... --out FOLDER` lets each portrait say six sentences by the live performer and the
mesh engine, four with a feeling each between two without; the frames are read by the Face Landmarker as in `benchmarks.emotions`,
each sentence from 0.3 s after its beginning on, against those that name no feeling.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.emotions import ALL_SIGNS, read_as, read_face
from benchmarks.ending import ends_in_words
from benchmarks.live_scene import FPS, Scene, live_portrait, perform, write_film
from core.contracts import FloatArray
from core.timebase import frame_times_s
from speech.speaker import SpeechSettings, open_voice

STRENGTH, EASED_S = 0.8, 0.3
SENTENCES = (
    ("neutral", "The train leaves from platform nine at ten."),
    ("happy", "What a wonderful morning, I am so glad to see you."),
    ("sad", "But my poor old piano fell down from the balcony."),
    ("angry", "Who on earth put it there, I told you not to do it!"),
    ("surprised", "Oh my, there is another one behind the door?"),
    ("neutral", "We will move it after lunch, together."),
)


def answer(voice: str, seed: int) -> tuple[Scene, list[str]]:
    """The scene, and the style of each of its pieces."""
    speaker = open_voice(SpeechSettings(voice=voice, early=False))
    pieces = [(style, STRENGTH * (style != "neutral"), said) for style, text in SENTENCES for said in speaker.say(text)]
    return perform(pieces, seed), [style for style, _, _ in pieces]


def read_feelings(film: Path, scene: Scene, styles: Sequence[str]) -> list[tuple[str, str]]:
    """Of each piece with a feeling, that, and as what its face is read."""
    face = read_face(film)
    times_s = frame_times_s(len(face.opening), FPS)

    def signs(span_s: tuple[float, float]) -> FloatArray:
        within = (times_s >= span_s[0] + EASED_S) & (times_s < span_s[1])
        return np.asarray(np.nanmean(face.signs[within], axis=0))

    seen = [signs(span_s) for span_s in scene.sentences_s]
    plain = np.mean([each for each, style in zip(seen, styles, strict=True) if style == "neutral"], axis=0)
    told = [(style, each - plain) for each, style in zip(seen, styles, strict=True) if style != "neutral"]
    return [(style, read_as(dict(zip(ALL_SIGNS, map(float, more), strict=True)))) for style, more in told]


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_feelings", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("portraits", type=Path, nargs="+", help="pictures with a face")
    parser.add_argument("--out", type=Path, required=True, help="folder of films, sheets, and what is kept of the portraits")
    parser.add_argument("--voice", default="af_heart", help="who answers (default af_heart)")
    parser.add_argument("--seed", type=int, default=3, help="which performance (default 3)")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    scene, styles = answer(options.voice, options.seed)
    for path in options.portraits:
        portrait, card = live_portrait(path, 512, "mesh", options.out / "cache")
        assert card.live is not None
        film = options.out / f"{path.stem}-feelings.mp4"
        write_film(scene, film, portrait, card.live(portrait))
        read = read_feelings(film, scene, styles)
        print(
            path.stem, f"{sum(style == seen for style, seen in read)} of {len(read)}:", *(f"{a} {b}" for a, b in read), sep="  "
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
