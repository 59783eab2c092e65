"""What the pictures of a report share: colours, the excerpt that is shown, bars beside a limit, and how one becomes SVG."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metrics.report import Evidence

MOUTH, VOICE, CONTROL, LIMIT = "#c2185b", "#1565c0", "#9e9e9e", "#2e7d32"
#: Seconds of the film that the plots over time show at most; longer ones become unreadable.
SHOWN_S = 40.0


@dataclass(frozen=True)
class Plot:
    """A picture for the page, drawn by `draw` onto its axes.

    width, height: in inches. place: where it stands among all plots; None: in its metric's place.
    """

    caption: str
    draw: Callable[[Axes], None]
    width: float = 10.0
    height: float = 2.8
    place: int | None = None


def svg(plot: Plot) -> str:
    """The plot as an SVG element. Its words stay words: to be read out, searched, and said in other languages."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.fonttype": "none"}):
        figure = Figure(figsize=(plot.width, plot.height), layout="constrained")
        axes = figure.subplots()
        axes.spines[["top", "right"]].set_visible(False)
        plot.draw(axes)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


def window(evidence: Evidence) -> tuple[np.ndarray, slice]:
    """Times that are shown and which frames they are: the excerpt with most voice in it."""
    times = evidence.track.times_s
    frames = min(len(times), round(SHOWN_S * evidence.track.fps))
    loud = np.concatenate([[0.0], np.cumsum(evidence.envelope.loudness_at(times))])
    begin = int(np.argmax(loud[frames:] - loud[:-frames])) if frames else 0
    return times[begin : begin + frames], slice(begin, begin + frames)


def shade(axes: Axes, spans: list[tuple[float, float]], times: np.ndarray) -> None:
    """Mark the music-only passages."""
    for number, (begin, end) in enumerate(span for span in spans if span[1] > times[0] and span[0] < times[-1]):
        label = "music only" if number == 0 else None
        axes.axvspan(max(begin, times[0]), min(end, times[-1]), color="#eceff1", zorder=0, label=label)


def bars(axes: Axes, rows: list[tuple[str, float | None, str]], limit: float | None = None) -> None:
    """Horizontal bars (name, value, colour) with their figures, and a limit."""
    rows = [row for row in rows if row[1] is not None][::-1]
    values = [float(value or 0.0) for _, value, _ in rows]
    axes.barh([name for name, _, _ in rows], values, color=[colour for _, _, colour in rows])
    for place, value in enumerate(values):
        axes.text(max(value, 0), place, f" {value:.2f}", va="center", fontsize=8)
    if limit is not None:
        axes.axvline(limit, color=LIMIT, ls="--", lw=1)
    axes.tick_params(labelsize=8)
