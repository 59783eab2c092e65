"""What the pictures of a report share: colours, the excerpt that is shown, bars beside a limit, and how one becomes SVG.

A plot's texts are messages. matplotlib lays them out a third longer than their English is, for other languages need that; then
the English is put in, and the message beside it.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree  # reads what matplotlib just drew  # nosec B405

import numpy as np

from core.message_html import ATTRIBUTE, attribute_value
from core.messages import Message, number, translatable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metrics.report import Evidence

MOUTH, VOICE, CONTROL, LIMIT = "#c2185b", "#1565c0", "#9e9e9e", "#2e7d32"
#: Seconds of the film that the plots over time show at most; longer ones become unreadable.
SHOWN_S = 40.0
#: So many more signs than the English text has are kept free for other languages, as a part of it.
LONGER_PART = 1 / 3
SVG = "http://www.w3.org/2000/svg"
#: What stands at the time axis.
SECONDS = translatable("time in s")
MUSIC_ONLY, THIS_FILM, STILL_FILM = translatable("music only"), translatable("this film"), translatable("still film")


class Words:
    """The texts of one plot: gives a message's place-holder to draw, and finds the message again."""

    def __init__(self) -> None:
        self.known: dict[str, Message] = {}

    def __call__(self, said: Message) -> str:
        """What matplotlib draws in place of the message."""
        english = str(said)
        drawn = english + "n" * round(LONGER_PART * len(english))
        self.known[drawn] = said
        return drawn

    def of(self, drawn: str) -> Message | None:
        """The message of what was drawn: one that was given, or a number; None where it is neither."""
        if drawn in self.known:
            return self.known[drawn]
        try:
            return number(float(drawn), len(drawn.partition(".")[2]))
        except ValueError:
            return None


@dataclass(frozen=True)
class Plot:
    """A picture for the page, drawn by `draw` onto its axes; the words that it is handed make texts of messages.

    width, height: in inches. place: where it stands among all plots; None: in its metric's place.
    """

    caption: Message
    draw: Callable[[Axes, Words], None]
    width: float = 10.0
    height: float = 2.8
    place: int | None = None


def svg(plot: Plot) -> str:
    """The plot as an SVG element. Its words stay words, to be read out and searched, and keep their messages."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    words = Words()
    with mpl.rc_context({"svg.fonttype": "none", "axes.unicode_minus": False}):
        figure = Figure(figsize=(plot.width, plot.height), layout="constrained")
        axes = figure.subplots()
        axes.spines[["top", "right"]].set_visible(False)
        plot.draw(axes, words)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    return with_messages(drawn.getvalue(), words)


def with_messages(drawn: str, words: Words) -> str:
    """The SVG with each text's English in place of what was drawn for it, and its message beside it."""
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ElementTree.fromstring(drawn)  # what matplotlib just drew  # nosec B314
    for described in root.findall(f"{{{SVG}}}metadata"):
        root.remove(described)
    for text in root.iter(f"{{{SVG}}}text"):
        said = words.of(text.text or "")
        if said is not None:
            text.text = str(said)
            text.set(ATTRIBUTE, attribute_value(said))
    return ElementTree.tostring(root, encoding="unicode")


def window(evidence: Evidence) -> tuple[np.ndarray, slice]:
    """Times that are shown and which frames they are: the excerpt with most voice in it."""
    times = evidence.track.times_s
    frames = min(len(times), round(SHOWN_S * evidence.track.fps))
    loud = np.concatenate([[0.0], np.cumsum(evidence.envelope.loudness_at(times))])
    begin = int(np.argmax(loud[frames:] - loud[:-frames])) if frames else 0
    return times[begin : begin + frames], slice(begin, begin + frames)


def shade(axes: Axes, words: Words, spans: list[tuple[float, float]], times: np.ndarray) -> None:
    """Mark the music-only passages."""
    for index, (begin, end) in enumerate(span for span in spans if span[1] > times[0] and span[0] < times[-1]):
        label = words(MUSIC_ONLY) if index == 0 else None
        axes.axvspan(max(begin, times[0]), min(end, times[-1]), color="#eceff1", zorder=0, label=label)


def bars(axes: Axes, words: Words, rows: list[tuple[Message, float | None, str]], limit: float | None = None) -> None:
    """Horizontal bars (name, value, colour) with their figures, and a limit."""
    rows = [row for row in rows if row[1] is not None][::-1]
    values = [float(value or 0.0) for _, value, _ in rows]
    axes.barh([words(name) for name, _, _ in rows], values, color=[colour for _, _, colour in rows])
    for place, value in enumerate(values):
        at = (max(value, 0), place)
        axes.annotate(f"{value:.2f}", at, xytext=(3, 0), textcoords="offset points", va="center", fontsize=8)
    if limit is not None:
        axes.axvline(limit, color=LIMIT, ls="--", lw=1)
    axes.tick_params(labelsize=8)
