"""Spleeter's networks of four and five stems, where a user has Deezer's published files of them and names their folders.

They are no part of the program: each is an archive of a release of Spleeter, and the environment names the folder in which it was
unpacked. Their files are read as numbers alone, by our own reader.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError, MissingError
from core.messages import Message, message
from separation.checkpoint import NetworkFiles
from separation.networks.layers import FIVE_STEMS, FOUR_STEMS, StemNetwork
from weights.sources import sha256_of

#: The files of an unpacked archive that are read; those beside them, of TensorFlow's graph, are not needed.
INDEX_NAME, DATA_NAME = "model.index", "model.data-00000-of-00001"


@dataclass(frozen=True)
class OwnNetwork:
    """A network of a user's own. variable: of the environment; it names the folder of the unpacked archive."""

    network: StemNetwork
    variable: str
    archive: str

    def lacking(self) -> Message | None:
        """What is said where the folder or one of its files is not there."""
        count, folder = len(self.network.stems), os.environ.get(self.variable)
        if not folder:
            return message("separation.own_network_not_named", count=count, variable=self.variable, archive=self.archive)
        for path in (Path(folder) / INDEX_NAME, Path(folder) / DATA_NAME):
            if not path.is_file():
                return message("separation.own_network_not_there", path=path, variable=self.variable, archive=self.archive)
        return None

    def files(self) -> NetworkFiles:
        """Its files with their SHA-256. Raises MissingError where they are not there, InputError where one can't be read."""
        if (lack := self.lacking()) is not None:
            raise MissingError(lack)
        index, data = (Path(os.environ[self.variable]) / name for name in (INDEX_NAME, DATA_NAME))
        remedy = f"Unpack Deezer's {self.archive} again into the folder that {self.variable} names."
        try:
            digests = sha256_of(index), sha256_of(data)
        except OSError as error:
            told = {"name": index.name, "reason": error.strerror, "remedy": remedy}
            raise InputError("separation.checkpoint_unreadable", **told) from error
        return NetworkFiles(self.network, index, data, digests, remedy, self._wrong)

    def _wrong(self, index: Path, found: Sequence[str]) -> InputError:
        told = {"count": len(self.network.stems), "variable": self.variable, "archive": self.archive}
        return InputError("separation.own_network_of_another_kind", path=index, found=list(found), **told)


#: By how many stems they tell apart.
OWN_NETWORKS = {
    4: OwnNetwork(FOUR_STEMS, "BELCANTO_SPLEETER_4STEMS", "4stems.tar.gz"),
    5: OwnNetwork(FIVE_STEMS, "BELCANTO_SPLEETER_5STEMS", "5stems.tar.gz"),
}
#: Two stems, which every installation has, and what the own networks add.
STEM_COUNTS = (2, *OWN_NETWORKS)


def lacking(stems: int) -> Message | None:
    """What this machine lacks for so many stems."""
    return OWN_NETWORKS[stems].lacking() if stems in OWN_NETWORKS else None


def counts_here() -> tuple[int, ...]:
    """Into how many stems a song can be taken apart on this machine."""
    return tuple(stems for stems in STEM_COUNTS if lacking(stems) is None)
