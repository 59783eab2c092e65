"""What a browser offers when somebody chooses a file, from the table of kinds."""

from __future__ import annotations

from media.file_kinds import AVIF, BMP, CONTAINERS, FILMS, GIF, HEIC, JPEG, PNG, TIFF, WEBP

#: In the order in which people think of them.
PICTURES = (PNG, JPEG, WEBP, HEIC, AVIF, GIF, TIFF, BMP)


def song_patterns() -> tuple[str, ...]:
    """What a browser offers as songs: all that it knows as sound or film, and the endings of those that it does not know."""
    endings = (ending for kind in (*CONTAINERS.values(), *FILMS.values()) for ending in (kind.suffix, *kind.also))
    return ("audio/*", "video/*", *dict.fromkeys(endings))


def film_patterns() -> tuple[str, ...]:
    """What a browser offers as films."""
    return ("video/*", *dict.fromkeys(ending for kind in FILMS.values() for ending in (kind.suffix, *kind.also)))


def picture_patterns() -> tuple[str, ...]:
    """What a browser offers as pictures."""
    return (*(kind.mime for kind in PICTURES), *(ending for kind in PICTURES for ending in kind.also))
