"""The voice out of the mix: song file in, two WAV files out, with memory that does not grow with the song."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.contracts import FloatArray, Progress, Stems, silent
from core.errors import InputError
from core.timebase import samples_to_seconds
from media.media import check_output_folder, gain_of_quiet_sound
from separation.card import CardNetwork, takes_card
from separation.checkpoint import NetworkFiles, ensure_onnx
from separation.excerpt import check_settings, excerpt_blocks, expected_duration_s
from separation.presence import NOTES, Kind, PresenceMeter, word_is_heard
from separation.settings import SAMPLE_RATE_HZ, SpleeterSettings
from separation.spleeter import MaskNetwork, SpleeterNetwork, separate_blocks
from separation.stem_files import BYTES_PER_S, check_paths, stem_paths, write_pieces

STAGE = "separate"
VOICE_NAME = "vocals.wav"
ACCOMPANIMENT_NAME = "accompaniment.wav"
_NAMES = (VOICE_NAME, ACCOMPANIMENT_NAME)


def open_network(settings: SpleeterSettings, on_card: bool, files: NetworkFiles | None = None) -> MaskNetwork:
    """The network where it is to run. files: its checkpoint; None: that of two stems.

    Raises MissingError where the checkpoint or a package is missing, InputError where it is another one.
    """
    if not on_card:
        return SpleeterNetwork(ensure_onnx(files), settings.threads)
    return CardNetwork("cuda", settings.threads, settings.card_segments, files)


class SpleeterSeparator:
    """Deezer's Spleeter with 2 stems, behind the contract `core.contracts.Separator`."""

    def __init__(self, settings: SpleeterSettings | None = None) -> None:
        """Raises InputError where a setting makes no sense or the device is not there, MissingError where it needs torch.

        on_card: whether the network runs on a graphics card.
        """
        self.settings = settings or SpleeterSettings()
        check_settings(self.settings)
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
        check_paths(mix, out_dir, _NAMES)
        expected_s = expected_duration_s(mix, self.settings)
        check_output_folder(out_dir, _NAMES, round(2 * BYTES_PER_S * expected_s))
        network = open_network(self.settings, self.on_card)
        total_s = max(1, math.ceil(expected_s))
        progress(STAGE, 0, total_s)
        with stem_paths(out_dir, _NAMES) as paths:
            gain = gain_of_quiet_sound(mix, self.settings.start_s, self.settings.duration_s)
            meter = self._write_separated(mix, network, paths, expected_s, gain, lambda done_s: progress(STAGE, done_s, total_s))
            verdict = meter.verdict()
            if verdict.kind == "no voice" and word_is_heard(paths[0], paths[1], gain, self.settings.presence):
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

    def _blocks(self, mix: Path) -> Generator[FloatArray]:
        return excerpt_blocks(mix, self.settings)

    def _write_separated(
        self,
        mix: Path,
        network: MaskNetwork,
        paths: Sequence[Path],
        expected_s: float,
        gain: float,
        tell: Callable[[int], None],
    ) -> PresenceMeter:
        """Write both stems of the mix, heard as loud as `gain` makes it; `tell` hears how many seconds are done.

        Gives the meter that has heard all of them.
        """
        meter = PresenceMeter(self.settings.presence)

        def heard(stems: Sequence[FloatArray]) -> None:
            meter.add(stems[0], stems[1])
            tell(min(int(expected_s), int(samples_to_seconds(meter.samples, SAMPLE_RATE_HZ))))

        with closing(self._blocks(mix)) as blocks:
            write_pieces(separate_blocks(blocks, network, gain), paths, expected_s, heard)
        if meter.samples == 0:
            raise InputError("separation.excerpt_too_short", name=mix.name)
        return meter

    def _write_unseparated(self, mix: Path, kind: Kind, paths: Sequence[Path], expected_s: float) -> None:
        """Where there is nothing to separate, give the whole sound to the stem that it is, and silence to the other."""
        places = list(paths) if kind == "voice alone" else list(reversed(paths))
        with closing(self._blocks(mix)) as blocks:
            write_pieces(((block, np.zeros_like(block)) for block in blocks), places, expected_s, lambda stems: None)
