"""Before the first film of a picture, or of a film that gets other lips, the person states that it may be used: once for each.

When that was stated, and in which wording, is kept with the picture and stands in the signed statement of every film of it.
Pictures that come with the program show nobody who could be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import writing
from app.errors import Refused
from app.models import Asset, Picture, now
from app.services.library import get_own
from core.work import WorkKind

#: The version of what is stated; to be raised where the sentence on the pages comes to mean something else.
WORDING = "1"
#: Of the program's own pictures.
EXAMPLE = "example"


def lacks_consent(asset: Asset | None) -> bool:
    """Whether it is still to be stated that whoever is shown agreed."""
    return asset is not None and asset.consent_at is None


def any_lacks_consent(session: Session, person_id: str) -> bool:
    """Whether the person has a picture of which it is still to be stated."""
    query = select(Picture.id).where(Picture.person_id == person_id, Picture.deleted_at.is_(None), Picture.consent_at.is_(None))
    return session.scalars(query.limit(1)).first() is not None


def state_consent(session: Session, person_id: str, asset_ids: Iterable[str], wording: str = WORDING) -> None:
    """Keep that the person stated it of these pictures and films; what was stated before stays as it was. Raises NotFound."""
    with writing(session):
        for asset_id in asset_ids:
            asset: Asset = get_own(session, Asset, person_id, asset_id)
            if asset.consent_at is None:
                asset.consent_at, asset.consent_wording = now(), wording


def check_consent(kind: WorkKind, assets: Mapping[str, Asset]) -> None:
    """Raises Refused where it lacks for a picture or film that shows whom such work makes say, sing or do something."""
    for role in kind.shows:
        if role in assets and lacks_consent(assets[role]):
            raise Refused("app.consent_lacks", title=assets[role].title)
