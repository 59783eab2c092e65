"""`belcanto verify`: whether a film is ours, whether it was changed since it was signed, and how well lips and voice agree.

The film's signed account is read first. Where that lacks or does not fit, the mark in its pictures finds what was kept here. How
lips and voice agree is said beside it, of any film: a hint, and no verdict on where it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import cv2

from core.contracts import ByteArray, Progress, silent
from core.errors import InputError
from core.film_stages import FACES, FRAMES
from core.frame_stream import closing_frames
from core.messages import Message, message
from media.file_kinds import HEAD_BYTES, kind_of
from media.film_opening import open_film
from media.film_source import FilmSource
from pipeline.film_sync import SoundOffset
from pipeline.input_files import check_input
from pipeline.sync_film import offset_of
from pipeline.sync_settings import LOOKED_AT_S
from pipeline.verify_settings import VerifySettings
from provenance import ledger
from provenance.account import GENERATOR
from provenance.ledger import KeptAccount
from provenance.reading import Manifest, Misfit, Signer, read_manifest

#: The mark is looked for in so many frames of the film's beginning, of which so many are gathered, no larger than this.
LOOKED_AT_FRAMES, GATHERED, LARGEST_PX = 900, 60, 1080
#: What a film is, in one word, and the exit code that says so.
Verdict = Literal["ours", "ours_changed", "ours_found_again", "another_film", "foreign", "foreign_changed", "unknown"]
EXIT_CODES: dict[Verdict, int] = {
    "ours": 0,
    "ours_changed": 10,
    "ours_found_again": 11,
    "another_film": 12,
    "foreign": 13,
    "foreign_changed": 14,
    "unknown": 15,
}


#: What is said of a signed account, by its signer.
UNCHANGED: dict[Signer, str] = {
    "here": "pipeline.verify_unchanged_here",
    "belcanto": "pipeline.verify_unchanged_belcanto",
    "other": "pipeline.verify_unchanged_other",
}
CHANGED: dict[Signer, str] = {
    "here": "pipeline.verify_changed_here",
    "belcanto": "pipeline.verify_changed_belcanto",
    "other": "pipeline.verify_changed_other",
}
MISFITS: dict[Misfit, str] = {
    "film": "pipeline.verify_misfit_film",
    "account": "pipeline.verify_misfit_account",
    "signature": "pipeline.verify_misfit_signature",
    "time": "pipeline.verify_misfit_time",
    "certificate": "pipeline.verify_misfit_certificate",
    "other": "pipeline.verify_misfit_other",
}


@dataclass(frozen=True)
class Findings:
    """What was found out about a film.

    mark: the number in its pictures; empty: none. kept: what was kept here of the film that it is, by its manifest or its mark.
    offset: how far lips and voice are apart; None where that was not compared, or can't be. notes: all of it in sentences.
    """

    manifest: Manifest
    verdict: Verdict
    mark: str = ""
    kept: KeptAccount | None = None
    offset: SoundOffset | None = None
    notes: tuple[Message, ...] = field(default=())

    @property
    def exit_code(self) -> int:
        """What the command line returns."""
        return EXIT_CODES[self.verdict]

    @property
    def account(self) -> dict[str, Any]:
        """How the film was made, as far as that can be relied on; empty where it can't."""
        if self.manifest.account and self.manifest.state in ("unchanged", "changed_outside") and self.verdict != "another_film":
            return dict(self.manifest.account) | {"stated": dict(self.manifest.stated)}
        return dict(self.kept.account) if self.kept is not None and self.verdict != "another_film" else {}

    def as_json(self) -> dict[str, Any]:
        """As JSON values, the notes as English sentences."""
        manifest = {**vars(self.manifest), "misfits": list(self.manifest.misfits), "codes": list(self.manifest.codes)}
        return {
            "verdict": self.verdict,
            "manifest": {name: value for name, value in manifest.items() if name not in ("account", "stated")},
            "mark": self.mark,
            "made_at": self.kept.at if self.kept is not None else None,
            "account": self.account,
            "lips_and_voice": None if self.offset is None else self.offset.as_json(),
            "notes": [str(note) for note in self.notes],
        }


def verify_film(film: Path, settings: VerifySettings | None = None, progress: Progress = silent) -> Findings:
    """Find out about any film, or a GIF or WebP picture. progress: frames, faces, listen.

    Raises `InputError` where there is no such file.
    """
    settings = settings or VerifySettings()
    check_input(film, "film")
    manifest = read_manifest(film)
    notes: list[Message] = []
    mark, offset = "", None
    try:
        source = open_film(film) if is_film(film) else None
    except InputError as error:
        source = None
        notes.append(error.message)
    if source is not None and not settings.skip_mark:
        mark = mark_of(source, progress)
    if source is not None and not settings.skip_lips:
        offset, note = lips_and_voice(film, source, progress)
        notes.append(note)
    verdict, kept = judged(manifest, mark)
    said = [*manifest_notes(manifest, verdict), *mark_notes(manifest, mark, verdict, kept)]
    return Findings(manifest, verdict, mark, kept, offset, (*said, *notes))


def is_film(path: Path) -> bool:
    """Whether it is a film, and no picture that moves."""
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD_BYTES))
    return kind is None or kind.family != "picture"


def mark_of(source: FilmSource, progress: Progress) -> str:
    """The number in the film's pictures, as hexadecimal digits; empty: none was found."""
    from provenance.mark.finding import MarkFinder

    count = min(source.count, LOOKED_AT_FRAMES)
    every, finder = max(1, count // GATHERED), MarkFinder()
    with closing_frames(frames := source.frames(0, count)):
        for index, frame in enumerate(frames):
            progress(FRAMES, index, count)
            if index % every == 0:
                finder.add(luma_of(frame))
    found = finder.found()
    return "" if found is None else f"{found.number:0{ledger.MARK_DIGITS}x}"


def luma_of(frame: ByteArray) -> ByteArray:
    """The frame's light, made smaller where it is very large."""
    light = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    scale = LARGEST_PX / min(light.shape)
    if scale < 1:
        light = cv2.resize(light, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return light


def lips_and_voice(film: Path, source: FilmSource, progress: Progress) -> tuple[SoundOffset | None, Message]:
    """How far they are apart, and what is said of it; None where the film does not show that."""
    if not source.has_sound:
        return None, message("pipeline.verify_silent")
    progress(FACES, 0, 0)
    try:
        offset = offset_of(open_film(film, duration_s=LOOKED_AT_S), None, progress)
    except InputError as error:
        return None, error.message
    return offset, message("pipeline.verify_hint", measured=offset.note())


def judged(manifest: Manifest, mark: str) -> tuple[Verdict, KeptAccount | None]:
    """What the film is, and what was kept here of it."""
    of_mark = ledger.kept(mark) if mark else None
    if manifest.signer == "here" and manifest.state in ("unchanged", "changed_outside"):
        kept = ledger.kept(manifest.number)
        return ("ours" if manifest.state == "unchanged" else "ours_changed"), kept
    if manifest.signer == "here" and mark and manifest.number and mark != manifest.number and "parent" not in lineage(manifest):
        return "another_film", of_mark
    if manifest.signer == "here":
        return "ours_changed", of_mark or ledger.kept(manifest.number)
    if of_mark is not None:
        return "ours_found_again", of_mark
    if manifest.signer in ("belcanto", "other"):
        return ("foreign" if manifest.state == "unchanged" else "foreign_changed"), None
    return "unknown", None


def lineage(manifest: Manifest) -> tuple[str, ...]:
    """`parent` where the film was made of another one, whose mark its pictures may bear."""
    return ("parent",) if manifest.parent or "film" in manifest.account.get("ingredients", {}) else ()


def manifest_notes(manifest: Manifest, verdict: Verdict) -> Iterator[Message]:
    """What is said of the signed account."""
    told = {"issuer": manifest.issuer or "?", "generator": manifest.generator or "?"}
    if manifest.state == "unsigned":
        yield message("pipeline.verify_unsigned")
    elif manifest.state == "damaged":
        yield message("pipeline.verify_damaged")
    elif manifest.state == "changed_outside":
        yield message("pipeline.verify_changed_outside")
    elif manifest.state == "unchanged":
        yield message(UNCHANGED[manifest.signer], **told)
    else:
        yield message(CHANGED[manifest.signer], **told)
        yield from (message(MISFITS[misfit]) for misfit in manifest.misfits)
    if verdict == "another_film":
        yield message("pipeline.verify_another_film")
    if manifest.signed_at:
        yield message("pipeline.verify_signed_at", at=manifest.signed_at)


def mark_notes(manifest: Manifest, mark: str, verdict: Verdict, kept: KeptAccount | None) -> Iterator[Message]:
    """What is said of the mark in the pictures."""
    if not mark:
        return
    if verdict == "ours" and mark == manifest.number:
        yield message("pipeline.verify_mark_fits")
    elif verdict == "ours" and lineage(manifest):
        yield message("pipeline.verify_mark_of_parent")
    elif kept is not None and verdict in ("ours_found_again", "ours_changed") and kept.mark == mark:
        yield message("pipeline.verify_mark_finds", at=minute_of(kept.at))
    elif ledger.kept(mark) is None:
        yield message("pipeline.verify_mark_unknown", program=GENERATOR)


def minute_of(at: str) -> str:
    """A time of the ledger, ISO 8601 in UTC, as a person reads it."""
    return f"{at[:16].replace('T', ' ')} UTC"
