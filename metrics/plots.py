"""The pictures of a report: what mouth, voice, head and beat did over time, and how the figures stand beside their controls."""

from __future__ import annotations

import io
from collections.abc import Callable

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metrics.head_beat import HeadBeat
from metrics.lip_sync import LipSyncSettings, lag_curve, lagged_voice, tried_lags_ms
from metrics.report import Evidence, Report
from metrics.silence import SHUT_PART, WIDE_PERCENTILE

mpl.use("Agg")
mpl.rcParams["svg.fonttype"] = "none"  # words stay words: to be read out, searched, and said in other languages
MOUTH, VOICE, CONTROL, LIMIT = "#c2185b", "#1565c0", "#9e9e9e", "#2e7d32"
#: Seconds of the film that the plots over time show at most; longer ones become unreadable.
SHOWN_S = 40.0
#: What the mouth's series is called in its caption, in the plot, and its limit there, by what it was measured.
APERTURE_WORDS = "Lip aperture", "aperture (eye spans)", "shut below"
PIXEL_WORDS = "Share of the mouth's changed pixels", "changed pixels of the mouth (share)", "at rest below"


def svg(draw: Callable[[Axes], None], width: float = 10.0, height: float = 2.8) -> str:
    """One plot as an SVG element, drawn by `draw` onto its axes."""
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    draw(axes)
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


def plots(report: Report, evidence: Evidence) -> list[tuple[str, str]]:
    """(caption, SVG) of every plot for which there is something to show."""
    by_pixels = report.mouth.name == "mouth's changed pixels"
    words = PIXEL_WORDS if by_pixels else APERTURE_WORDS
    drawn = [(f"{words[0]} and the voice's loudness over time", svg(lambda axes: mouth_over_time(axes, evidence, *words[1:])))]
    if report.lip_sync.correlation is not None:
        drawn.append(
            ("Correlation of the mouth with the voice, delayed by each lag", svg(lambda axes: lags(axes, evidence), 5.0))
        )
        drawn.append(("Correlation beside its controls", svg(lambda axes: lip_sync_bars(axes, report), 5.0)))
    if report.silence.shut_share is not None:
        drawn.append(
            (
                "Share of frames with the mouth at rest" if by_pixels else "Share of frames with shut mouth",
                svg(lambda axes: silence_bars(axes, report), 5.0),
            )
        )
    if report.face_share > 0:
        drawn.append(("Pitch and height of the head, with the beats", svg(lambda axes: head_over_time(axes, evidence))))
        drawn.append(("Opening of the eyes", svg(lambda axes: eyes_over_time(axes, evidence), height=1.8)))
    if report.head_beat.locking is not None:
        drawn.append(("How firmly the head keeps to the beat", svg(lambda axes: beat_bars(axes, report.head_beat), 5.0)))
    return drawn


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


def mouth_over_time(axes: Axes, evidence: Evidence, name: str, limit: str) -> None:
    """Mouth and voice on one time axis; the mouth's series and its limit by their names."""
    times, shown = window(evidence)
    values = evidence.mouth
    shade(axes, evidence.passages, times)
    axes.plot(times, values[shown], color=MOUTH, lw=1.2, label=name)
    if np.isfinite(values).any():
        axes.axhline(SHUT_PART * float(np.nanpercentile(values, WIDE_PERCENTILE)), color=LIMIT, lw=0.8, ls="--", label=limit)
    fine = np.arange(times[0], times[-1], 1 / evidence.envelope.rate_hz)
    loudness = evidence.envelope.loudness_at(fine)
    scale = float(np.nanmax(values)) / max(float(loudness.max(initial=0.0)), 1e-9) if np.isfinite(values).any() else 1.0
    axes.plot(fine, loudness * scale, color=VOICE, lw=0.9, alpha=0.8, label="voice (loudness, scaled)")
    axes.set_xlabel("s")
    axes.legend(fontsize=7, ncols=4, loc="upper right")


def lags(axes: Axes, evidence: Evidence) -> None:
    """The curve of correlation over lag."""
    seen = np.isfinite(evidence.mouth)
    lags_ms = tried_lags_ms(LipSyncSettings())
    lagged = lagged_voice(evidence.track.times_s[seen], evidence.envelope, lags_ms)
    curve = lag_curve(evidence.mouth[seen].astype(float), lagged, lags_ms)
    axes.plot(curve.lags_ms, curve.correlation, color=MOUTH)
    axes.axvline(curve.peak[0], color=MOUTH, lw=0.8, ls="--", label=f"best at {curve.peak[0]:.0f} ms")
    axes.axvspan(-40, 40, color="#e8f5e9", zorder=0, label="within 40 ms")
    axes.set_xlabel("lag in ms (right: the mouth comes after the voice)")
    axes.set_ylabel("correlation")
    axes.legend(fontsize=7)


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


def lip_sync_bars(axes: Axes, report: Report) -> None:
    """Correlation of the film and of its controls."""
    lips = report.lip_sync
    rows = [
        ("this film", lips.correlation, MOUTH),
        ("only where the voice sounds", report.lip_sync_in_voice.correlation, MOUTH),
        ("voice 200 ms late", lips.shifted_correlation, CONTROL),
        ("shuffled voice, mean", lips.shuffled_correlation, CONTROL),
        ("shuffled voice, 95th percentile", lips.shuffled_p95, CONTROL),
        ("still film", lips.still_correlation, CONTROL),
    ]
    bars(axes, rows, 0.5)


def silence_bars(axes: Axes, report: Report) -> None:
    """Share of shut frames in the music-only passages and elsewhere."""
    quiet = report.silence
    rows = [
        ("music only", quiet.shut_share, MOUTH),
        ("with voice", quiet.voice_shut_share, VOICE),
        ("any frames (shuffled)", quiet.shuffled_shut_share, CONTROL),
        ("passages 200 ms late", quiet.shifted_shut_share, CONTROL),
        ("still film", quiet.still_shut_share, CONTROL),
    ]
    bars(axes, rows, 0.95)


def head_over_time(axes: Axes, evidence: Evidence) -> None:
    """Pitch and height of the head, with a line at each beat."""
    times, shown = window(evidence)
    for beat in evidence.beats_s[(evidence.beats_s >= times[0]) & (evidence.beats_s <= times[-1])]:
        axes.axvline(beat, color="#cfd8dc", lw=0.8, zorder=0)
    pitch, height = evidence.track.rotation_deg[shown, 1], evidence.track.height[shown]
    axes.plot(times, pitch - np.nanmean(pitch), color=VOICE, lw=1, label="pitch (degrees, up)")
    axes.plot(times, -100 * (height - np.nanmean(height)), color=MOUTH, lw=1, label="height (hundredths of the eye span, up)")
    axes.set_xlabel("s (grey lines: beats)")
    axes.legend(fontsize=7, ncols=2, loc="upper right")


def beat_bars(axes: Axes, beat: HeadBeat) -> None:
    """Locking to the beat and to other tempi."""
    rows = [
        ("beats of the song", beat.locking, MOUTH),
        ("beats of other tempi, mean", beat.control_mean, CONTROL),
        ("beats of other tempi, 95th percentile", beat.control_p95, CONTROL),
        ("still film", beat.still_locking, CONTROL),
    ]
    bars(axes, rows)


def eyes_over_time(axes: Axes, evidence: Evidence) -> None:
    """Opening of the eyes; each dip is a blink."""
    times, shown = window(evidence)
    axes.plot(times, evidence.track.eye_opening[shown], color=VOICE, lw=1)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("s")
