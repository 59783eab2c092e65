"""The voice out of the mix: song file in, two WAV files out, with memory that does not grow with the song."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from core.contracts import FloatArray, Progress, Stems, silent
from core.errors import InputError
from core.timebase import samples_to_seconds
from media.media import check_output_folder, gain_of_quiet_sound, probe_audio, read_audio_blocks
from separation.card import CardNetwork, takes_card
from separation.checkpoint import ensure_onnx
from separation.presence import NOTES, Kind, PresenceMeter, word_is_heard
from separation.settings import CHANNELS, SAMPLE_RATE_HZ, SpleeterSettings
from separation.spleeter import MaskNetwork, SpleeterNetwork, separate_blocks

STAGE = "separate"
VOICE_NAME = "vocals.wav"
ACCOMPANIMENT_NAME = "accompaniment.wav"

#: Bytes of a stem a second: float32 in stereo.
BYTES_PER_S = 4 * CHANNELS * SAMPLE_RATE_HZ
_BLOCK_SAMPLES = SAMPLE_RATE_HZ
_Paths = tuple[Path, Path]
#: A plain WAV file ends at 4 GiB, which two channels of float32 reach after 3.3 hours; RF64 is its 64-bit form.
_LONGEST_WAV_S = 3 * 3600.0


class SpleeterSeparator:
    """Deezer's Spleeter with 2 stems, behind the contract `core.contracts.Separator`."""

    def __init__(self, settings: SpleeterSettings | None = None) -> None:
        """Raises InputError where a setting makes no sense or the device is not there, MissingError where it needs torch.

        on_card: whether the network runs on a graphics card.
        """
        self.settings = settings or SpleeterSettings()
        _check_settings(self.settings)
        self.on_card = takes_card(self.settings.device)

    def separate(self, mix: Path, out_dir: Path, progress: Progress = silent) -> Stems:
        """Write `vocals.wav` and `accompaniment.wav` (44.1 kHz, stereo, float32) into `out_dir`, each exactly as long as the
        excerpt of `mix` that the settings name.

        Voice alone is not separated: `vocals.wav` is then the file itself and the accompaniment silent. Without a voice it is the
        other way round. `Stems.notes` says so.
        progress: called as ("separate", seconds done, seconds in all).
        Raises InputError where the file can't be decoded or the excerpt is empty, MissingError where the network's weights are
        missing, and what `progress` raises; in each case no stem is left behind.
        """
        _check_paths(mix, out_dir)
        expected_s = self._expected_duration_s(mix)
        check_output_folder(out_dir, (VOICE_NAME, ACCOMPANIMENT_NAME), round(2 * BYTES_PER_S * expected_s))
        network = self._network()
        total_s = max(1, math.ceil(expected_s))
        progress(STAGE, 0, total_s)
        with _stem_paths(out_dir) as paths:
            gain = gain_of_quiet_sound(mix, self.settings.start_s, self.settings.duration_s)
            meter = self._write_separated(mix, network, paths, expected_s, gain, lambda done_s: progress(STAGE, done_s, total_s))
            verdict = meter.verdict()
            if verdict.kind == "no voice" and word_is_heard(*paths, gain, self.settings.presence):
                verdict = replace(verdict, kind="song")
            if verdict.kind != "song":
                self._write_unseparated(mix, verdict.kind, paths, expected_s)
            progress(STAGE, total_s, total_s)
        return Stems(
            voice=out_dir / VOICE_NAME,
            accompaniment=out_dir / ACCOMPANIMENT_NAME,
            duration_s=samples_to_seconds(meter.samples, SAMPLE_RATE_HZ),
            voice_share=verdict.voice_share,
            notes=NOTES[verdict.kind],
        )

    def _network(self) -> MaskNetwork:
        """The network where it is to run."""
        if not self.on_card:
            return SpleeterNetwork(ensure_onnx(), self.settings.threads)
        return CardNetwork("cuda", self.settings.threads, self.settings.card_segments)

    def _expected_duration_s(self, mix: Path) -> float:
        """How long the excerpt is, to the rounding of a resampled last sample; the stems are as long as what is decoded."""
        song_s = probe_audio(mix).duration_s
        rest_s = song_s - self.settings.start_s
        if rest_s <= 0:
            raise InputError("separation.start_behind_the_end", name=mix.name, song_s=song_s, start_s=self.settings.start_s)
        return rest_s if self.settings.duration_s is None else min(rest_s, self.settings.duration_s)

    def _blocks(self, mix: Path) -> Generator[FloatArray]:
        """The excerpt at the network's rate, in stereo. Closing it ends the decoder."""
        settings = self.settings
        yield from read_audio_blocks(mix, SAMPLE_RATE_HZ, CHANNELS, _BLOCK_SAMPLES, settings.start_s, settings.duration_s)

    def _write_separated(
        self, mix: Path, network: MaskNetwork, paths: _Paths, expected_s: float, gain: float, tell: Callable[[int], None]
    ) -> PresenceMeter:
        """Write both stems of the mix, heard as loud as `gain` makes it; `tell` hears how many seconds are done.

        Gives the meter that has heard all of them.
        """
        meter = PresenceMeter(self.settings.presence)
        with (
            closing(self._blocks(mix)) as blocks,
            _wav(paths[0], expected_s) as voice_file,
            _wav(paths[1], expected_s) as accompaniment_file,
        ):
            for voice, accompaniment in separate_blocks(blocks, network, gain):
                with _writing_to(paths[0].parent):
                    voice_file.write(voice)
                    accompaniment_file.write(accompaniment)
                meter.add(voice, accompaniment)
                tell(min(int(expected_s), int(samples_to_seconds(meter.samples, SAMPLE_RATE_HZ))))
        if meter.samples == 0:
            raise InputError("separation.excerpt_too_short", name=mix.name)
        return meter

    def _write_unseparated(self, mix: Path, kind: Kind, paths: _Paths, expected_s: float) -> None:
        """Where there is nothing to separate, give the whole sound to the stem that it is, and silence to the other."""
        whole, empty = paths if kind == "voice alone" else reversed(paths)
        with _wav(whole, expected_s) as whole_file, _wav(empty, expected_s) as empty_file, closing(self._blocks(mix)) as blocks:
            for block in blocks:
                with _writing_to(whole.parent):
                    whole_file.write(block)
                    empty_file.write(np.zeros_like(block))


def _check_settings(settings: SpleeterSettings) -> None:
    if not (math.isfinite(settings.start_s) and settings.start_s >= 0):
        raise InputError("separation.start_out_of_range", start_s=settings.start_s)
    if settings.duration_s is not None and not (math.isfinite(settings.duration_s) and settings.duration_s > 0):
        raise InputError("separation.duration_out_of_range", duration_s=settings.duration_s)
    for count, what in ((settings.threads, "threads"), (settings.card_segments, "segments at once")):
        if count < 1:
            raise InputError("separation.none_asked_for", count=count, what=what)


def _check_paths(mix: Path, out_dir: Path) -> None:
    """Never write a stem over the song itself."""
    if mix.resolve() in {(out_dir / name).resolve() for name in (VOICE_NAME, ACCOMPANIMENT_NAME)}:
        raise InputError("separation.stems_would_overwrite", mix=mix)


@contextmanager
def _stem_paths(out_dir: Path) -> Iterator[_Paths]:
    """Temporary paths for voice and accompaniment, which get their final names when the block ends well, and vanish otherwise."""
    finals = (out_dir / VOICE_NAME, out_dir / ACCOMPANIMENT_NAME)
    temporaries = tuple(path.with_name(f".{path.stem}.{os.getpid()}.part.wav") for path in finals)
    try:
        with _writing_to(out_dir):
            out_dir.mkdir(parents=True, exist_ok=True)
        yield temporaries[0], temporaries[1]
        with _writing_to(out_dir):
            for temporary, final in zip(temporaries, finals, strict=True):
                temporary.replace(final)
    finally:
        for temporary in temporaries:
            temporary.unlink(missing_ok=True)


@contextmanager
def _wav(path: Path, expected_s: float) -> Iterator[soundfile.SoundFile]:
    """A stereo float32 WAV file open for writing, at 44.1 kHz."""
    kind = "RF64" if expected_s > _LONGEST_WAV_S else "WAV"
    with _writing_to(path.parent):
        file = soundfile.SoundFile(str(path), "w", SAMPLE_RATE_HZ, CHANNELS, subtype="FLOAT", format=kind)
    with file:
        yield file


@contextmanager
def _writing_to(folder: Path) -> Iterator[None]:
    """Turn what the file system refuses into a sentence."""
    try:
        yield
    except (OSError, soundfile.LibsndfileError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError("separation.stems_unwritable", folder=folder, reason=reason) from error
