"""Two channels become one without losing what stands against itself: the plain mean, but where that cancels.

A voice whose sides are opposite (`pan=stereo|c0=c0|c1=-1*c0`) is loud in both ears and nothing in the mean. Mean and half the
difference of two channels share their energy exactly: |M|² + |S|² = (|L|² + |R|²) / 2. So in a band where the mean has lost
nearly all, the half difference has kept nearly all, and takes its place there. Everywhere else nothing is touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from core.timebase import seconds_to_samples

#: Half a window of the analysis, in seconds: fine enough for bands of some ten Hz, short against a syllable.
HOP_S = 0.032
#: Windows of a stretch, half a second. A band is judged with the stretches before and after, the whole sound by each alone.
WINDOWS = 16
#: The mean is whole where it keeps at least the first part of the channels' energy, and has cancelled under the second.
WHOLE_PART, LOST_PART = 0.10, 0.05
#: A band is a third of an octave wide, and at least so many bins, lest chance looks like cancelling.
BAND_GROWTH, BAND_BINS = 1.26, 4
#: Energy of a band, in full scale squared, under which there is nothing to save.
NOTHING = 1e-12


def one_channel(blocks: Iterable[FloatArray], sample_rate_hz: int) -> Iterator[FloatArray]:
    """The sound of two channels as one, in memory that does not grow with it.

    blocks: float32 (n, 2) of any lengths. Yields float32 (m, 1), in all as many samples. Where no band has cancelled, they are
    the mean of the two to the last bit.
    """
    mixer = _Mixer(sample_rate_hz)
    waiting: list[FloatArray] = []
    count = 0
    for block in blocks:
        waiting.append(block)
        count += len(block)
        if count >= mixer.stretch_samples:
            sound = np.concatenate(waiting)
            whole = count - count % mixer.stretch_samples
            for start in range(0, whole, mixer.stretch_samples):
                yield from mixer.push(sound[start : start + mixer.stretch_samples])
            waiting, count = [sound[whole:]], count - whole
    if count:
        yield from mixer.push(np.concatenate(waiting))
    yield from mixer.finish()


def band_edges(bins: int) -> np.ndarray:
    """The first bin of every band, and `bins` at the end."""
    edges = [0]
    while (step := max(BAND_BINS, round(edges[-1] * (BAND_GROWTH - 1)))) + edges[-1] + BAND_BINS <= bins:
        edges.append(edges[-1] + step)
    return np.array([*edges, bins])


@dataclass(frozen=True)
class _Stretch:
    """Half a second: mean (N,); lack (windows, bins), spectrum of what the half difference has beyond the mean; energies (2,
    bands) of mean and half difference."""

    mean: FloatArray
    lack: np.ndarray
    energies: np.ndarray


class _Mixer:
    """Stretches go in, and come out once the one after them is there to judge them by."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._hop = max(2 * BAND_BINS, seconds_to_samples(HOP_S, sample_rate_hz))
        self.stretch_samples = WINDOWS * self._hop
        self._window = np.sqrt(np.hanning(2 * self._hop + 1)[:-1]).astype(np.float32)
        self._edges = band_edges(self._hop + 1)
        self._tail = np.zeros((self._hop, 2), np.float32)
        self._stretches: list[_Stretch] = []
        self._held: FloatArray | None = None
        self._got = self._given = 0

    def push(self, sound: FloatArray) -> Iterator[FloatArray]:
        """Take the next stretch (N, 2); only the last may be shorter."""
        self._got += len(sound)
        self._take(np.pad(sound, ((0, self.stretch_samples - len(sound)), (0, 0))))
        if len(self._stretches) > 1:
            yield from self._give(len(self._stretches) - 2)

    def finish(self) -> Iterator[FloatArray]:
        """What is still owed."""
        if self._stretches:
            yield from self.push(np.zeros((0, 2), np.float32))
            yield from self._give(len(self._stretches) - 1)

    def _take(self, sound: FloatArray) -> None:
        whole = np.concatenate([self._tail, sound])
        self._tail = sound[-self._hop :]
        mean, side = (whole[:, 0] + whole[:, 1]) * np.float32(0.5), (whole[:, 0] - whole[:, 1]) * np.float32(0.5)
        spectra = np.stack([self._spectra(mean), self._spectra(side)])
        powers = np.square(np.abs(spectra)).sum(axis=1, dtype=np.float64) / (self._hop * self.stretch_samples)
        energies = np.add.reduceat(powers, self._edges[:-1], axis=1)
        self._stretches = [*self._stretches[-2:], _Stretch(mean[self._hop :], spectra[1] - spectra[0], energies)]

    def _spectra(self, sound: FloatArray) -> np.ndarray:
        """(WINDOWS, bins) of windows that overlap by half."""
        from scipy import fft  # only now: SciPy takes half a second to load, and one channel or a damaged file needs none

        windows = np.lib.stride_tricks.sliding_window_view(sound, 2 * self._hop)[:: self._hop]
        return np.asarray(fft.rfft(windows * self._window, axis=1))

    def _give(self, index: int) -> Iterator[FloatArray]:
        """The stretch of this index; its last half window waits for the next one."""
        stretch, hop = self._stretches[index], self._hop
        around = self._stretches[max(0, index - 1) : index + 2]
        lost = lost_share(np.sum([near.energies for near in around], axis=0))
        repair = self._repair(stretch, np.maximum(lost, lost_share(stretch.energies.sum(axis=1, keepdims=True))))
        repaired = stretch.mean + repair[hop:]
        pieces = [repaired[:-hop]] if self._held is None else [self._held + repair[:hop], repaired[:-hop]]
        self._held = repaired[-hop:]
        given = np.concatenate(pieces)[: self._got - self._given, np.newaxis]
        self._given += len(given)
        if len(given):
            yield given

    def _repair(self, stretch: _Stretch, share: np.ndarray) -> FloatArray:
        """What is added to the last half window before the stretch and to all of it, (hop + N,)."""
        repair = np.zeros(self._hop + self.stretch_samples, np.float32)
        if share.any():
            from scipy import fft

            weights = np.repeat(share, np.diff(self._edges)).astype(np.float32)
            windows = fft.irfft(stretch.lack * weights, 2 * self._hop, axis=1) * self._window
            repair[: -self._hop] += windows[:, : self._hop].reshape(-1)
            repair[self._hop :] += windows[:, self._hop :].reshape(-1)
        return repair


def lost_share(energies: np.ndarray) -> np.ndarray:
    """(bands,) in [0, 1]: how far the half difference must stand in for the mean; of their energies (2, bands)."""
    whole = energies.sum(axis=0)
    kept = np.where(whole > NOTHING, energies[0] / np.maximum(whole, NOTHING), 1.0)
    return np.clip((WHOLE_PART - kept) / (WHOLE_PART - LOST_PART), 0.0, 1.0)
