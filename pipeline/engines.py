"""The engines: what the user may name, who makes the renderer, and what each of them can and needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from core.contracts import Portrait, Renderer
from core.errors import InputError, MissingError
from core.messages import Message, message
from media.pictures import Picture
from neural.network_files import NEURAL_INSTALL
from pipeline.film_settings import SongToVideoSettings
from pipeline.stages import DEFAULT_INSTALL, room

#: Takes what the user is to be told.
Note = Callable[[Message], None]


@dataclass(frozen=True)
class Sound:
    """What an engine may hear. voice: the voice's stem, as long as the film; None where nobody had to find it."""

    voice: Path | None


def nothing_missing(settings: SongToVideoSettings) -> Message | None:
    """For an engine that brings all it needs."""
    return None


def whole_picture(portrait: Portrait, settings: SongToVideoSettings) -> Portrait:
    """For an engine whose film shows all of the picture."""
    return portrait


@dataclass(frozen=True)
class Engine:
    """A way to make a portrait move."""

    name: str
    #: the room's package.
    package: str
    make: Callable[[SongToVideoSettings, Sound, Note], Renderer]
    #: the command that brings what it needs.
    install: str = DEFAULT_INSTALL
    #: whether it moves drawn faces, which are found in another way than human ones.
    drawn: bool = False
    #: whether it listens to the voice itself, so that the song is taken apart even where the motion comes from a file.
    hears: bool = False
    #: whether a frame takes less time than RIFE takes to find one between two others.
    frames_are_cheap: bool = True
    #: whether its networks run by torch, on a graphics card where there is one.
    on_torch: bool = False
    #: whether its renderer restores faces itself, before heads are put back into the picture.
    restores: bool = False
    #: whose work it is built on, for the film's metadata.
    credit: str = ""
    #: the part of the portrait that its film shows.
    view: Callable[[Portrait, SongToVideoSettings], Portrait] = whole_picture
    #: what this machine lacks for it, without loading anything heavy; None: nothing.
    missing: Callable[[SongToVideoSettings], Message | None] = nothing_missing


def make_mesh_renderer(settings: SongToVideoSettings, sound: Sound, note: Note) -> Renderer:
    """The mesh engine."""
    mesh = room("animators.mesh.runner")
    renderer: Renderer = mesh.MeshRenderer(mesh.MeshSettings())
    return renderer


def make_anime_renderer(settings: SongToVideoSettings, sound: Sound, note: Note) -> Renderer:
    """The anime engine."""
    anime = room("animators.anime.runner")
    renderer: Renderer = anime.AnimeRenderer(anime.AnimeSettings())
    return renderer


def anime_missing(settings: SongToVideoSettings) -> Message | None:
    """See `Engine.missing`."""
    lack: Message | None = room("animators.anime.checkpoint").missing()
    return lack


def make_sadtalker_renderer(settings: SongToVideoSettings, sound: Sound, note: Note) -> Renderer:
    """SadTalker's head, restored where that is asked for, in the whole picture."""
    from pipeline.head_film import make_head_renderer

    sadtalker = room("sadtalker_runner.runner", NEURAL_INSTALL)
    if sound.voice is None:
        raise RuntimeError("SadTalker hears the voice, and was given none.")
    if settings.style != "auto" or settings.intensity_points:
        note(message("pipeline.sadtalker_feels_nothing"))
    head = sadtalker.SadTalkerRenderer(sadtalker_settings(settings), sound.voice)
    return make_head_renderer(head, settings, note)


def sadtalker_settings(settings: SongToVideoSettings) -> object:
    """The settings in the room's own words."""
    options = settings.sadtalker
    rooms = room("sadtalker_runner.runner", NEURAL_INSTALL)
    head = "film" if options.pose_film is not None else options.pose
    made: object = rooms.SadTalkerSettings(
        size=options.size,
        preprocess=options.preprocess,
        still=settings.head_motion == 0 and head == "motion",
        expression_scale=settings.expressiveness,
        head=head,
        head_scale=1.0 if head == "motion" else settings.head_motion,
        pose_style=options.pose_style,
        pose_film=options.pose_film,
        yaw_deg=options.yaw_deg,
        pitch_deg=options.pitch_deg,
        roll_deg=options.roll_deg,
        seed=settings.seed,
        render=rooms.RenderSettings(device=settings.device),
    )
    return made


def sadtalker_missing(settings: SongToVideoSettings) -> Message | None:
    """See `Engine.missing`."""
    lack: Message | None = room("sadtalker_runner.runner").missing(sadtalker_settings(settings))
    return lack


def sadtalker_view(portrait: Portrait, settings: SongToVideoSettings) -> Portrait:
    """The head's square alone where the film shows no more."""
    if settings.sadtalker.preprocess != "crop":
        return portrait
    from pipeline.head_film import head_alone

    sadtalker = room("sadtalker_runner.runner", NEURAL_INSTALL)
    return head_alone(portrait, sadtalker.crop_box(portrait, sadtalker_settings(settings)), settings.height)


MESH = Engine("mesh", "animators.mesh", make_mesh_renderer)
ANIME = Engine(
    "anime",
    "animators.anime",
    make_anime_renderer,
    drawn=True,
    credit="Talking Head(?) Anime from a Single Image 3 models by Pramook Khungurn, CC-BY-4.0, converted to ONNX",
    missing=anime_missing,
)
SADTALKER = Engine(
    "sadtalker",
    "sadtalker_runner",
    make_sadtalker_renderer,
    NEURAL_INSTALL,
    hears=True,
    frames_are_cheap=False,
    on_torch=True,
    restores=True,
    credit="SadTalker by Wenxuan Zhang and others, Apache-2.0",
    view=sadtalker_view,
    missing=sadtalker_missing,
)
ENGINES: tuple[Engine, ...] = (MESH, ANIME, SADTALKER)


def engine_named(name: str) -> Engine:
    """The engine of that name. Raises `InputError` for a name that is not there."""
    for engine in ENGINES:
        if engine.name == name:
            return engine
    raise InputError("pipeline.no_such_engine", name=name, list=["auto", *(engine.name for engine in ENGINES)])


def check_engine(settings: SongToVideoSettings) -> None:
    """Raises `MissingError` at once where the engine that the settings name lacks something here."""
    if settings.engine != "auto" and (lack := engine_named(settings.engine).missing(settings)) is not None:
        raise MissingError(lack)


def engine_for(picture: Picture, settings: SongToVideoSettings) -> tuple[Engine, Message | None]:
    """The engine of this film, and what is said of the choice where the settings leave it open (about a second then)."""
    if settings.engine != "auto":
        return engine_named(settings.engine), None
    framed = settings.face_frame is not None
    if not (framed or is_drawing(picture)):
        return MESH, message("pipeline.picture_so_mesh")
    lacking = ANIME.missing(settings)
    if lacking is not None and not framed:
        return MESH, message("pipeline.drawing_without_its_engine", reason=lacking)
    if lacking is not None:
        raise MissingError(lacking)
    return ANIME, message("pipeline.drawing_so_anime")


def without_frame(picture: Picture) -> Picture:
    """The picture without its transparency where that is no figure's outline but a frame: a disc, rounded corners, a vignette."""
    if picture.alpha is None or room("animators.anime.outline").follows_figure(picture.image, picture.alpha):
        return picture
    return replace(picture, alpha=None)


def is_drawing(picture: Picture) -> bool:
    """Whether the picture shows a drawn character, flat colours between hard lines; of `without_frame`."""
    return bool(room("animators.anime.style").is_drawing(picture.image, picture.alpha))
