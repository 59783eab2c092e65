"""The beat of music that is still to come: follows what is heard, and tells when the next beats will be.

    beat = BeatFollower()
    beat.push(block)                  # (n,) float32 mono 16 kHz, any length, as it comes
    beat.beats(now_s, now_s + 1.0)    # the beats expected there, in seconds of the sound

Twice a second the last seconds are held against a comb of beats, at every tempo near the one that the autocorrelation tells (as
in `analysis/rhythm.py`) and at every place of the beat; the comb in effect goes over to the one found: at once while nothing is
known, by a part of the way where both are near, and only after some agreement where they are not, so that a fill does not turn
the head's beat around. Beats are told from the comb, so nothing adds up however long the music is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft

from core.contracts import FloatArray
from media.beat_tracking import autocorrelation
from motion.singing.analysis.framing import FEATURE_RATE_HZ, HOP_SAMPLES
from motion.singing.analysis.mix_features import BASS_BANDS, WINDOW_SAMPLES, Flux, mel_bands
from motion.singing.analysis.rhythm import (
    BASS_SHARE,
    LEAST_ONSET_DB,
    ONSET_SIGMA_S,
    TEMPO_RANGE_BPM,
    comb_of,
    tempi_bpm,
    tempo_prior,
)
from motion.singing.analysis.smoothing import smooth

#: What is remembered, and how much of it at least tells a beat.
MEMORY_S, LEAST_S = 12.0, 3.0
#: A band that rises further than this counts as this.
MOST_RISE_DB = 36.0
#: How often the comb is set anew, and half of the time after which what was heard counts half.
STEP_S, HALF_LIFE_S = 0.5, 3.0
#: Tempi around the told one that the comb is tried at, in shares of it, and places of the beat, evenly over it.
NEAR_TEMPI = np.linspace(0.96, 1.04, 33)
PLACES = 96
#: What the told tempo is taken for where the comb says so: bands of hats make two beats of one, dotted rhythms three of two.
RELATED = (0.5, 1.0, 1.5, 2.0)
#: How much of what is struck amid two beats counts against the comb.
BETWEEN = 0.5
#: How much more a tempo counts that is the one in effect, in octaves around it.
STAYING, STAYING_OCTAVES = 1.6, 0.06
#: A comb that lies so near, in beats, is followed by this part of the way; another one after it was found so often.
NEAR_BEATS, FOLLOWED, TIMES_FOUND = 0.14, 0.5, 5
#: The comb has to stand out: the mean strength on its beats over that of all moments, in standard deviations.
LEAST_LEAD = 0.35


@dataclass(frozen=True)
class Comb:
    """Beats at `first_s + k * period_s`. lead: how far they stand out, in standard deviations of the strength. first_s is a beat
    that is struck more strongly than the one after it."""

    first_s: float
    period_s: float
    lead: float

    def beats(self, start_s: float, stop_s: float) -> np.ndarray:
        """Times of the beats from `start_s` to before `stop_s`."""
        first = np.ceil((start_s - self.first_s) / self.period_s - 1e-9)
        last = np.ceil((stop_s - self.first_s) / self.period_s - 1e-9)
        return self.first_s + self.period_s * np.arange(first, last)

    def strokes(self, start_s: float, stop_s: float, shortest_s: float) -> np.ndarray:
        """As `beats`, but every second one, the stronger, where they are nearer to each other than `shortest_s`."""
        stride = 2.0 if self.period_s < shortest_s else 1.0
        return Comb(self.first_s, stride * self.period_s, self.lead).beats(start_s, stop_s)

    def away(self, other: Comb, at_s: float) -> float:
        """How far the other's beats lie behind this one's around `at_s`, in beats, -0.5 to 0.5."""
        nearest = other.first_s + other.period_s * round((at_s - other.first_s) / other.period_s)
        turn = (nearest - self.first_s) / self.period_s
        return float(turn - round(turn))


class BeatFollower:
    """One piece of music as it comes."""

    def __init__(self) -> None:
        self._window, self._bands = np.hanning(WINDOW_SAMPLES).astype(np.float32), mel_bands().T
        self._held = np.zeros(WINDOW_SAMPLES // 2, dtype=np.float32)
        self._flux = Flux()
        self._onset = np.zeros((0, 2), dtype=np.float32)
        self._frames, self._asked = 0, 0
        self._comb: Comb | None = None
        self._others: list[Comb] = []
        self._turned = 0

    @property
    def comb(self) -> Comb | None:
        """The beat that is followed; None where there is none."""
        return self._comb

    def beats(self, start_s: float, stop_s: float) -> np.ndarray:
        """(B,) the beats from `start_s` to before `stop_s`, in seconds of the sound that was pushed; none where none is known."""
        return np.zeros(0) if self._comb is None else self._comb.beats(start_s, stop_s)

    def push(self, block: FloatArray) -> None:
        """Hear (n,) float32 in [-1, 1] at 16 kHz, mono."""
        self._held = np.concatenate([self._held, block.astype(np.float32, copy=False)])
        count = (len(self._held) - WINDOW_SAMPLES) // HOP_SAMPLES + 1
        if count < 1:
            return
        frames = np.lib.stride_tricks.sliding_window_view(self._held, WINDOW_SAMPLES)[: count * HOP_SAMPLES : HOP_SAMPLES]
        spectrum = fft.rfft(frames * self._window, axis=1)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        rise = self._flux.rise(10.0 * np.log10(power @ self._bands + 1e-4))
        # The root: a syllable's rise in a few bands counts less than a drum's in all.
        told = np.stack([np.sqrt(np.minimum(rise, MOST_RISE_DB)).mean(axis=1), rise[:, :BASS_BANDS].mean(axis=1)], axis=1)
        self._held = self._held[count * HOP_SAMPLES :]
        self._onset = np.concatenate([self._onset, told])[-round(MEMORY_S * FEATURE_RATE_HZ) :]
        self._frames += count
        if self._frames - self._asked >= STEP_S * FEATURE_RATE_HZ:
            self._asked = self._frames
            self._follow()

    def _follow(self) -> None:
        """Set the comb anew."""
        onset = smooth(self._onset, ONSET_SIGMA_S)
        if len(onset) < LEAST_S * FEATURE_RATE_HZ or onset[:, 0].max() < LEAST_ONSET_DB:
            self._comb = None
            return
        struck = onset[:, 0] / max(float(onset[:, 0].std()), 1e-6)
        struck = struck + BASS_SHARE * onset[:, 1] / max(float(onset[:, 1].std()), 1e-6)
        told_bpm = self._tempo(onset[:, 0])
        tempi = [told_bpm * share for share in RELATED if TEMPO_RANGE_BPM[0] <= told_bpm * share <= TEMPO_RANGE_BPM[1]]
        combs = [self._found(struck, tempo_bpm) for tempo_bpm in tempi]
        self._go(max(combs, key=self._worth), self._frames / FEATURE_RATE_HZ)

    def _worth(self, comb: Comb) -> float:
        """How much is to be said for a comb: how far it stands out, how usual its tempo is, and whether it is in effect."""
        staying = 1.0
        if self._comb is not None:
            octaves = np.log2(comb.period_s / self._comb.period_s)
            staying += (STAYING - 1.0) * np.exp(-0.5 * np.square(octaves / STAYING_OCTAVES))
        return float(max(comb.lead, 1e-6) * tempo_prior(np.asarray([60.0 / comb.period_s]))[0] * staying)

    def _tempo(self, onset: FloatArray) -> float:
        """Beats per minute, by the autocorrelation of all that is remembered; the tempo in effect counts more."""
        taper = np.hanning(len(onset))
        lags = autocorrelation((onset - onset.mean()) * taper)
        fall = autocorrelation(taper)
        likeness = lags / max(float(lags[0]), 1e-9) / np.maximum(fall / fall[0], 0.05)
        bpm = tempi_bpm()
        score = np.maximum(comb_of(likeness, bpm), 1e-6) * tempo_prior(bpm)
        if self._comb is not None:
            octaves = np.log2(bpm * self._comb.period_s / 60.0)
            score = score * (1.0 + (STAYING - 1.0) * np.exp(-0.5 * np.square(octaves / STAYING_OCTAVES)))
        return float(bpm[int(np.argmax(score))])

    def _found(self, struck: FloatArray, tempo_bpm: float) -> Comb:
        """The comb that what is remembered agrees with best; the newest counts most."""
        now, count = len(struck) - 1, len(struck)
        spread = max(float(struck.std()), 1e-6)
        best = (-np.inf, 0.0, 0.0)
        for period in 60.0 * FEATURE_RATE_HZ / (tempo_bpm * NEAR_TEMPI):
            ago = period * (np.arange(PLACES) / PLACES)[:, None] + period * np.arange(int(count / period))[None]
            weight = np.where(ago <= now, np.exp2(-ago / (HALF_LIFE_S * FEATURE_RATE_HZ)), 0.0)
            strength = np.interp(now - ago, np.arange(count), struck)
            lead = (strength * weight).sum(axis=1) / weight.sum(axis=1)
            lead = lead - BETWEEN * np.roll(lead, PLACES // 2)
            place = int(np.argmax(lead))
            if lead[place] > best[0]:
                best = (float(lead[place]), float(period), float(ago[place, 0]))
        lead, period, ago_frames = best
        beats_ago = ago_frames + period * np.arange(int((now - ago_frames) / period) + 1)
        strength = np.interp(now - beats_ago, np.arange(count), struck)
        strong_ago = ago_frames if strength[::2].mean() >= strength[1::2].mean() else ago_frames + period
        strong_s = (self._frames - 1 - strong_ago) / FEATURE_RATE_HZ
        return Comb(strong_s, period / FEATURE_RATE_HZ, (lead - (1.0 - BETWEEN) * float(struck.mean())) / spread)

    def _go(self, found: Comb, now_s: float) -> None:
        """Follow what was found, as far as it is to be believed."""
        if found.lead < LEAST_LEAD:
            return
        comb = self._comb
        if comb is None:
            self._comb, self._others = found, []
            return
        off = comb.away(found, now_s)
        if abs(off) < NEAR_BEATS and abs(np.log2(found.period_s / comb.period_s)) < STAYING_OCTAVES:
            period_s = comb.period_s + FOLLOWED * (found.period_s - comb.period_s)
            # Counted from the strong beat nearest to now, so that the change of the period moves no beat that is near.
            beats = 2 * round((now_s - comb.first_s) / (2.0 * comb.period_s))
            first_s = comb.first_s + (beats + FOLLOWED * off) * comb.period_s
            self._comb, self._others = Comb(first_s, period_s, found.lead), []
            self._settle_strength(found, now_s)
            return
        agreeing = [each for each in self._others if abs(each.away(found, now_s)) < NEAR_BEATS]
        self._others = [*agreeing, found]
        if len(self._others) >= TIMES_FOUND:
            self._comb, self._others = found, []

    def _settle_strength(self, found: Comb, now_s: float) -> None:
        """Count from the other beats where those have been found the stronger ones for some time."""
        assert self._comb is not None
        beats = round((found.first_s - self._comb.first_s) / self._comb.period_s)
        self._turned = self._turned + 1 if beats % 2 else 0
        if self._turned >= TIMES_FOUND:
            self._comb, self._turned = Comb(self._comb.first_s + self._comb.period_s, self._comb.period_s, found.lead), 0
