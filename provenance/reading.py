"""What a film's manifest says, whether it fits the film, and who signed it; nothing is fetched for that, and nothing is believed.

Whether a film is ours, its signature tells; whether it is unchanged, the hashes that were signed. What C2PA leaves out of its
hashes (an MP4's first box and its padding) is held to the SHA-256 that was kept when the film was signed here.
"""

from __future__ import annotations

import json
import logging
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from core.sandbox.box import Box
from core.sandbox.sandbox import bare_environment, boxed_module, has_boxes
from provenance import ledger
from provenance.account import GENERATOR, MADE, STATED, file_digest
from provenance.identity import known_signers, trusted_roots
from provenance.manifest_child import report_of
from provenance.signing import media_type_of

log = logging.getLogger(__name__)

#: Who signed it: this installation; another program that calls itself Belcanto; somebody else; nobody.
Signer = Literal["here", "belcanto", "other", "nobody"]
#: Whether film and manifest fit. `changed_outside`: only where C2PA does not look. `damaged`: the manifest can't be read.
State = Literal["unchanged", "changed", "changed_outside", "damaged", "unsigned"]
#: What does not fit, by the ends of C2PA's codes (C2PA 2.x, "Validation"): the film's bytes; the account; the signature itself.
Misfit = Literal["film", "account", "signature", "time", "certificate", "other"]
MISFITS: Mapping[str, Misfit] = {
    "assertion.bmffHash.mismatch": "film",
    "assertion.dataHash.mismatch": "film",
    "assertion.boxesHash.mismatch": "film",
    "assertion.hashedURI.mismatch": "account",
    "assertion.missing": "account",
    "claimSignature.mismatch": "signature",
    "claimSignature.missing": "signature",
    "signingCredential.invalid": "certificate",
    "signingCredential.expired": "certificate",
    "timeStamp.mismatch": "time",
}
#: How long the reader may take, in seconds; a film of an hour takes a few.
READER_S = 120
#: Of signers that nobody here knows this is always said; it says nothing about the film.
UNTRUSTED = "signingCredential.untrusted"


@dataclass(frozen=True)
class Manifest:
    """What was read.

    misfits: what does not fit. generator, issuer: as the manifest calls the program and the signer. signed_at: by a time stamp.
    account: our own assertion, see `provenance/account.py`; stated: what the person stated. parent: whether it names a film that
    it was made of. codes: C2PA's own words for all that does not fit.
    """

    state: State
    signer: Signer = "nobody"
    misfits: tuple[Misfit, ...] = ()
    generator: str = ""
    issuer: str = ""
    signed_at: str = ""
    account: Mapping[str, Any] = field(default_factory=dict)
    stated: Mapping[str, Any] = field(default_factory=dict)
    parent: bool = False
    codes: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """The film's number; empty: the manifest tells none."""
        number = str(self.account.get("film", ""))
        return number if ledger.MARK.fullmatch(number) else ""


def read_manifest(film: Path) -> Manifest:
    """What the film's manifest says. Raises OSError where the file can't be read."""
    media_type = media_type_of(film)
    if media_type is None:
        return Manifest("unsigned")
    told = boxed_report(film, media_type, trusted_roots())
    if "report" in told:
        return with_kept(manifest_told(told["report"]), film)
    return Manifest("unsigned") if "none" in told else Manifest("damaged", codes=(told["damaged"],))


def boxed_report(film: Path, media_type: str, roots: str) -> dict[str, Any]:
    """As `provenance.manifest_child.report_of`, in a box: the film may be anybody's. It is damaged if its reader breaks down."""
    if not has_boxes():
        return report_of(film, media_type, roots)
    whole = str(film.absolute())
    command = boxed_module("provenance.manifest_child", [whole, media_type], Box(reads=(whole,), processor_s=READER_S))
    try:
        done = subprocess.run(
            command, input=roots.encode(), capture_output=True, timeout=READER_S, env=bare_environment(), check=True
        )
        told: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired, ValueError) as error:
        log.warning("The manifest of a film could not be read: %s", getattr(error, "stderr", b"")[-500:])
        return {"damaged": "the reader broke down"}
    return told


def manifest_told(told: Mapping[str, Any]) -> Manifest:
    """The manifest out of c2pa's report."""
    active = told.get("manifests", {}).get(told.get("active_manifest", ""), {})
    codes = tuple(dict.fromkeys(failures(told)))
    misfits = tuple(dict.fromkeys(MISFITS.get(code, "other") for code in codes))
    generator: Mapping[str, Any] = next(iter(active.get("claim_generator_info", ())), {})
    signature = active.get("signature_info", {})
    assertions = {each["label"]: each.get("data", {}) for each in active.get("assertions", ())}
    name = str(generator.get("name", ""))
    return Manifest(
        "changed" if misfits else "unchanged",
        signer_of(name, signature, misfits),
        misfits,
        f"{name} {generator.get('version', '')}".strip()[:80],
        str(signature.get("issuer", ""))[:80],
        str(signature.get("time", "")),
        assertions.get(MADE, {}) if name == GENERATOR else {},
        assertions.get(STATED, {}) if name == GENERATOR else {},
        any(each.get("relationship") == "parentOf" for each in active.get("ingredients", ())),
        codes,
    )


def failures(told: Mapping[str, Any]) -> Iterator[str]:
    """C2PA's codes for what does not fit in the film's own manifest; what films that it was made of are like does not count."""
    for each in told.get("validation_results", {}).get("activeManifest", {}).get("failure", ()):
        if each.get("code") != UNTRUSTED:
            yield str(each.get("code"))


def signer_of(generator: str, signature: Mapping[str, Any], misfits: tuple[Misfit, ...]) -> Signer:
    """Who signed: the certificate's number tells, which counts only where the signature itself fits."""
    if "signature" not in misfits and str(signature.get("cert_serial_number", "")) in known_signers():
        return "here"
    return "belcanto" if generator == GENERATOR else "other"


def with_kept(manifest: Manifest, film: Path) -> Manifest:
    """A manifest of this installation that fits, held to the film's own bytes as they were signed."""
    account = ledger.kept(manifest.number) if manifest.state == "unchanged" and manifest.signer == "here" else None
    if account is None or account.sha256 == file_digest(film):
        return manifest
    return Manifest(**{**vars(manifest), "state": "changed_outside"})
