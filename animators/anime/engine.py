"""The card of the anime engine."""

from __future__ import annotations

from core.contracts import ByteArray, Face, LiveDrawer, Portrait, Renderer
from core.engine_card import Box, EngineCard, EngineSettings, Note, Sound
from core.messages import Message
from core.options import N_
from core.stage_cost import StageCost


def make(settings: EngineSettings, sound: Sound, note: Note) -> Renderer:
    """See `EngineCard.make`. A preview asks nothing of the networks but what is kept with the drawing."""
    from animators.anime.phonemes import spoken_phonemes
    from animators.anime.runner import AnimeRenderer, AnimeSettings

    own = AnimeSettings(most_further=0) if settings.preview else AnimeSettings()
    return AnimeRenderer(own, spoken_phonemes(sound.phonemes))


def live(portrait: Portrait) -> LiveDrawer:
    """See `EngineCard.live`."""
    from animators.anime.live import AnimeLive

    return AnimeLive(portrait)


def missing(settings: EngineSettings) -> Message | None:
    """See `EngineCard.missing`."""
    from animators.anime import checkpoint

    return checkpoint.missing()


def cost(settings: EngineSettings, card: bool) -> StageCost:
    """Before its first frame it asks its networks for the film's poses."""
    return StageCost(30.0, 0.75, 3.0)


class AnimeDrawings:
    """The `Drawings` contract."""

    def find_face(self, image: ByteArray, frame: Box | None) -> Face:
        """See `Drawings`."""
        from animators.anime.drawn_face import find_drawn_face

        return find_drawn_face(image, frame)


ANIME = EngineCard(
    "anime",
    N_("Anime: for drawn characters"),
    "animators.anime",
    make,
    drawings=AnimeDrawings(),
    credit=N_("Talking Head(?) Anime from a Single Image 3 models by Pramook Khungurn, CC-BY-4.0, converted to ONNX"),
    missing=missing,
    cost=cost,
    live=live,
)
