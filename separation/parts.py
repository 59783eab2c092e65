"""A song taken apart into four or five stems, by a user's own network: song file in, a WAV file a stem out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core.contracts import FloatArray, Progress, silent
from core.errors import InputError
from core.timebase import samples_to_seconds
from media.media import check_output_folder, gain_of_quiet_sound
from separation.card import takes_card
from separation.excerpt import check_settings, excerpt_blocks, expected_duration_s
from separation.own_networks import OWN_NETWORKS
from separation.runner import STAGE, open_network
from separation.settings import SAMPLE_RATE_HZ, SpleeterSettings
from separation.spleeter import separate_blocks
from separation.stem_files import BYTES_PER_S, check_paths, stem_paths, write_pieces


@dataclass(frozen=True)
class SongParts:
    """A song in more parts than voice and accompaniment; all files are 44.1 kHz stereo WAV, as long as the mix.

    files: by the stems' names: vocals, drums, bass, piano, other. duration_s: how long each is.
    sha256: of the checkpoint's files, by their names.
    """

    files: Mapping[str, Path]
    duration_s: float
    sha256: Mapping[str, str]


class PartsSeparator:
    """Deezer's Spleeter with four or five stems.

    Unlike the separation for a film it judges nothing: each stem is what the network makes of the mix, whether there is a voice
    or not.
    """

    def __init__(self, stems: int, settings: SpleeterSettings | None = None) -> None:
        """stems: 4 or 5. Raises InputError where a setting makes no sense or the device is not there, MissingError where the
        network's files are not there, or it needs torch.

        on_card: whether the network runs on a graphics card.
        """
        self.settings = settings or SpleeterSettings()
        check_settings(self.settings)
        self.files = OWN_NETWORKS[stems].files()
        self.on_card = takes_card(self.settings.device)

    def take_apart(self, mix: Path, out_dir: Path, progress: Progress = silent) -> SongParts:
        """Write `vocals.wav`, `drums.wav`, `bass.wav`, `other.wav`, and of five stems `piano.wav` (44.1 kHz, stereo, float32)
        into `out_dir`, each exactly as long as the part of `mix` that the settings name.

        progress: called as ("separate", seconds done, seconds in all).
        Raises InputError where the song can't be decoded, the part is empty or the checkpoint is another network's, and what
        `progress` raises; in each case no stem is left behind.
        """
        names = [f"{stem}.wav" for stem in self.files.network.stems]
        check_paths(mix, out_dir, names)
        expected_s = expected_duration_s(mix, self.settings)
        check_output_folder(out_dir, names, round(len(names) * BYTES_PER_S * expected_s))
        network, total_s, samples = open_network(self.settings, self.on_card, self.files), max(1, math.ceil(expected_s)), 0
        progress(STAGE, 0, total_s)

        def heard(stems: Sequence[FloatArray]) -> None:
            nonlocal samples
            samples += len(stems[0])
            progress(STAGE, min(int(expected_s), int(samples_to_seconds(samples, SAMPLE_RATE_HZ))), total_s)

        with stem_paths(out_dir, names) as paths, closing(excerpt_blocks(mix, self.settings)) as blocks:
            gain = gain_of_quiet_sound(mix, self.settings.start_s, self.settings.duration_s)
            write_pieces(separate_blocks(blocks, network, gain), paths, expected_s, heard)
            if samples == 0:
                raise InputError("separation.excerpt_too_short", name=mix.name)
            progress(STAGE, total_s, total_s)
        told = dict(zip((self.files.index.name, self.files.data.name), self.files.sha256, strict=True))
        written = {stem: out_dir / name for stem, name in zip(self.files.network.stems, names, strict=True)}
        return SongParts(written, samples_to_seconds(samples, SAMPLE_RATE_HZ), told)
