"""Puts a signed manifest (C2PA) into a finished film by c2pa-python; nothing is fetched but a time stamp that is asked for."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import InputError
from core.output_files import new_part
from media.file_kinds import HEAD_BYTES, kind_of
from provenance.account import PARENT, Account, manifest_of
from provenance.identity import Identity

if TYPE_CHECKING:
    from c2pa import Builder, Context

log = logging.getLogger(__name__)

#: What C2PA calls the kinds of file that can hold a manifest, by their names' ends.
MEDIA_TYPES = {
    **{".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".avi": "video/avi"},
    **{".gif": "image/gif", ".webp": "image/webp"},
}
#: Nothing may be asked of the network, whatever a film's manifest says, and no picture of the film goes into its manifest.
OFFLINE: Mapping[str, Any] = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": False},
    "builder": {"thumbnail": {"enabled": False}},
}


@cache
def context_of(roots: str) -> Context:
    """What c2pa works with: no network, and these root certificates (PEM) alone are trusted; empty: none are."""
    from c2pa import Context

    trust = {"trust": {"trust_anchors": roots}} if roots else {}
    return Context.from_dict({**OFFLINE, **trust})


def sign_film(part: Path, suffix: str, account: Account, identity: Identity, parent: Path | None = None) -> bytes:
    """Sign the film at `part` in its place, and give its manifest as it was put in.

    suffix: the end of the film's name, a key of `MEDIA_TYPES`. parent: the film of which it was made, whose own manifest is kept
    where it has one. Raises `InputError` where it can't be signed.
    """
    from c2pa import C2paError, C2paSignerInfo, Signer

    server = identity.timestamp_server
    info = C2paSignerInfo(
        identity.algorithm.encode(), identity.chain.encode(), identity.key.encode(), server.encode() if server else None
    )
    try:
        descriptor, signed = new_part(part)
    except OSError as error:
        raise InputError("provenance.not_signed", reason=error.strerror or error) from error
    try:
        with ExitStack() as opened:
            target = opened.enter_context(os.fdopen(descriptor, "w+b"))
            film = opened.enter_context(part.open("rb"))
            made = opened.enter_context(builder_of(account, MEDIA_TYPES[suffix], parent))
            signer = opened.enter_context(Signer.from_info(info))
            manifest = made.sign(signer, MEDIA_TYPES[suffix], film, target)
        signed.replace(part)
        return bytes(manifest)
    except (C2paError, OSError) as error:
        raise InputError("provenance.not_signed", reason=error) from error
    finally:
        signed.unlink(missing_ok=True)


def builder_of(account: Account, media_type: str, parent: Path | None) -> Builder:
    """What makes the manifest, with the film that it was made of. Of one that can't be taken in, its SHA-256 alone is told."""
    from c2pa import Builder, C2paError

    parent_type = None if parent is None else media_type_of(parent)
    if parent is not None and parent_type is not None:
        made = Builder(manifest_of(account, media_type, True), context_of(""))
        try:
            with parent.open("rb") as film:
                made.add_ingredient({"title": "film", "relationship": "parentOf", "label": PARENT}, parent_type, film)
            return made
        except C2paError as error:
            log.warning("the manifest of the film that a film was made of can't be kept: %s", error)
            made.close()
    return Builder(manifest_of(account, media_type, False), context_of(""))


def media_type_of(path: Path) -> str | None:
    """C2PA's name for a file's kind, by its bytes; None: it can hold no manifest. Raises OSError."""
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD_BYTES))
    return None if kind is None else MEDIA_TYPES.get(kind.suffix)
