"""Pictures that are made out of pictures: a part, straightened, turned or mirrored. The old one stays as it is."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.models import Picture, new_id
from app.services.inspecting import cut
from app.services.library import file_of
from app.services.pictures import add_picture, get_picture
from app.settings import AppSettings
from pipeline.picture_cut import PictureCut


def make_cut_picture(
    session: Session, settings: AppSettings, person_id: str, picture_id: str, wanted: PictureCut, name: str
) -> Picture:
    """The picture that `wanted` leaves of the person's picture, as a new one, whose file is called `name`.

    Raises NotFound, and whatever a picture that is given raises: InputError where no face is left, or too few pixels.
    """
    picture = get_picture(session, person_id, picture_id)
    path = file_of(settings, picture)
    session.commit()  # nothing is held while it is cut
    settings.make_folders()
    part = settings.incoming_dir / f"{new_id()}.part"
    try:
        cut(settings, picture, path, part, wanted)
        return add_picture(session, settings, person_id, part, name)
    finally:
        part.unlink(missing_ok=True)
