"""The kind of work that gives out the stems of a film's song as sound files: voice and accompaniment, or four or five of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.contracts import Progress
from core.film_stages import DECODE, SEPARATE
from core.messages import Message
from core.option_kinds import Choice
from core.options import N_, option, read_options
from core.work import WorkOrder
from pipeline.works.export_kind import export_kind
from pipeline.works.part_of_song import PartOfSong
from separation.own_networks import STEM_COUNTS
from separation.own_networks import lacking as lacking_for

#: The roles of its files; which of them are made, the number of stems says.
ROLES = ("voice", "accompaniment", "drums", "bass", "piano", "other")
COUNTS = Choice(
    STEM_COUNTS,
    {
        2: N_("Voice and music"),
        4: N_("Voice, drums, bass and the rest"),
        5: N_("Voice, drums, bass, piano and the rest"),
    },
)


@dataclass(frozen=True)
class StemsOfSong(PartOfSong):
    """Into what a part of a song is taken apart."""

    stems: int = option(
        2, COUNTS, "into how many stems; four and five by networks that the server may lack", label=N_("Taken apart into")
    )


def run(order: WorkOrder, progress: Progress) -> dict[str, Any]:
    """Write them; what was separated for the film stays in the stages' cache, and is found there."""
    from pipeline.film_settings import SongToVideoSettings
    from pipeline.film_stems import write_stems

    part = StemsOfSong(**read_options(StemsOfSong, order.options))
    settings = SongToVideoSettings(start_s=part.start_s, duration_s=part.duration_s)
    written = write_stems(order.inputs["song"].path, order.outputs, settings, part.stems, progress)
    told = {"sha256": dict(written.sha256)} if written.sha256 else {}
    return {"duration_s": written.duration_s, **told, "notes": [note.as_json() for note in written.notes]}


def lacking(options: Mapping[str, Any]) -> Message | None:
    """The user's own network, where so many stems need one that is not here."""
    return lacking_for(StemsOfSong(**read_options(StemsOfSong, options)).stems)


FILM_STEMS = export_kind(
    name="film_stems",
    title=N_("A film's voice and accompaniment"),
    run=run,
    inputs={"song": "sound"},
    outputs=dict.fromkeys(ROLES, ".flac"),
    options=StemsOfSong,
    lacking=lacking,
    stages=(DECODE, SEPARATE),
    as_needed=ROLES,
)
