"""What a film's renderer is made of: restoring and frames in between around any engine, on the device that was asked for."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image

from animators.anime.engine import ANIME
from animators.mesh.engine import MESH
from core.contracts import Motion, Portrait
from core.engine_card import EngineCard, Sound
from core.errors import Cancelled, InputError, MissingError
from faces.faces import FaceFinder
from neural.gpu_turn import RendererInTurn, SeparatorInTurn
from pipeline import film_renderer
from pipeline.film_renderer import check_renderer, make_film_renderer, needs_torch
from pipeline.film_settings import SongToVideoSettings
from pipeline.filter_chain import chain_of
from pipeline.song_to_video import song_to_video
from pipeline.stages import make_separator
from sadtalker_runner.engine import SADTALKER
from weights.fetch import ensure

pytestmark = pytest.mark.usefixtures("one_thread")

torch = pytest.importorskip("torch")

PLAIN = SongToVideoSettings(device="cpu")
NO_SOUND = Sound(None)


class Darkening:
    """Draws the portrait, shifted by a pixel with each frame of the song's own rate, and counts as it goes."""

    def __init__(self):
        self.motion, self.drawn, self.open = None, [], 0

    def frames(self, portrait, motion, progress):
        self.motion, self.open = motion, self.open + 1
        try:
            progress("warm up", 0, 9)
            for index in range(len(motion)):
                self.drawn.append(np.roll(portrait.image, 2 * index, axis=1))
                yield self.drawn[-1]
                progress("draw", index + 1, len(motion))
        finally:
            self.open -= 1


def film_of(settings=PLAIN, **options):
    """The settings with other values, of filters' options too."""
    return SongToVideoSettings.from_json({**settings.as_json(), **options})


def engine_of(renderer, **more):
    return EngineCard("plain", "Plain", "tests", lambda settings, sound, note: renderer, **more)


def motion_of(frames, fps):
    values = [np.zeros((frames, columns), np.float32) for columns in (52, 3, 3, 2)]
    return Motion(fps, *values, np.zeros(frames, np.float32))


@pytest.fixture(scope="module")
def portrait(root_dir):
    image = Image.open(root_dir / "demo" / "portrait.jpg").convert("RGB").resize((160, 160), Image.Resampling.LANCZOS)
    with FaceFinder() as finder:
        return Portrait(np.asarray(image), finder.find(np.asarray(image))[0])


@pytest.fixture
def stripes(monkeypatch):
    """In GFPGAN's place: draws stripes on each aligned face."""
    lines = 0.3 * torch.sin(torch.arange(512) / 12.0)
    monkeypatch.setattr("filters.restore.load_gfpgan", lambda device, dtype: lambda faces: faces + lines)


@pytest.fixture
def rife():
    try:
        ensure("rife_38")
    except MissingError as error:
        pytest.skip(f"weights are missing: {error}")


def made(renderer, settings, frames, portrait, progress=lambda *told: None, **engine):
    notes = []
    film = make_film_renderer(engine_of(renderer, **engine), settings, NO_SOUND, notes.append)
    return list(film.frames(portrait, motion_of(frames, settings.fps), progress)), notes


def test_without_wishes_the_engines_own_frames(portrait):
    renderer = Darkening()
    film = make_film_renderer(engine_of(renderer), PLAIN, NO_SOUND, pytest.fail)
    assert film is renderer and not needs_torch(MESH, chain_of(MESH, PLAIN))


@pytest.mark.parametrize("frames", [1, 5, 6])
def test_50_frames_a_second_of_25_drawn(rife, portrait, frames):
    """Real RIFE: as many frames as the motion has, every second one byte for byte as it was drawn, the others none of those."""
    renderer, told = Darkening(), []
    settings = dataclasses.replace(PLAIN, fps=50.0)
    shown, notes = made(renderer, settings, frames, portrait, lambda *call: told.append(call[1:]), frames_are_cheap=False)
    assert len(shown) == frames and renderer.motion.fps == 25.0
    assert all(np.array_equal(frame, drawn) for frame, drawn in zip(shown[::2], renderer.drawn, strict=False))
    for before, middle, after in zip(renderer.drawn, shown[1::2], renderer.drawn[1:], strict=False):
        assert middle.shape == before.shape and not np.array_equal(middle, before) and not np.array_equal(middle, after)
    assert [*map(str, notes)] == ["25 of the film's 50 frames a second are drawn, RIFE fills in the rest."]
    assert told[0] == (0, frames) and told[-1] == (frames, frames) and told == sorted(told)
    assert renderer.open == 0


@pytest.mark.slow
@pytest.mark.parametrize(("in_between", "cheap", "drawn"), [("auto", True, 6), ("drawn", False, 6), ("interpolated", True, 4)])
def test_who_draws_the_frames_in_between(rife, portrait, in_between, cheap, drawn):
    renderer = Darkening()
    settings = film_of(fps=60.0, in_between=in_between)
    shown, _ = made(renderer, settings, 6, portrait, frames_are_cheap=cheap)
    assert len(shown) == 6 and len(renderer.drawn) == drawn


def test_whole_pictures_are_restored(stripes, portrait):
    settings = film_of(restore=1.0)
    renderer, told = Darkening(), []
    shown, notes = made(renderer, settings, 2, portrait, lambda *call: told.append(call[1:]))
    added = shown[0].astype(int) - portrait.image
    left, top, right, bottom = (int(edge) for edge in portrait.face.box)
    assert added[top + 20 : bottom - 20, left + 20 : right - 20].std() > 10 and not added[:4].any()
    first, last = str(notes[0]), str(notes[-1])
    assert first.startswith("Without a graphics card") and "2 frames" in first and "Restoring faces took" in last
    assert told[0] == (0, 2) and told[-1] == (2, 2) and told == sorted(told)
    assert renderer.open == 0


def test_an_engine_that_restores_itself_is_not_restored_again(portrait):
    """One of heads: they are restored once, before they are put back."""
    settings = film_of(restore=1.0)
    assert [card.name for card in chain_of(engine_of(Darkening(), draws_head=True), settings)] == ["restore", "paste back"]


@pytest.mark.slow
def test_restored_frames_are_what_lies_between(rife, stripes, portrait):
    """Both wishes: half of the frames are restored, and the notes speak of those."""
    settings = film_of(restore=1.0, fps=50.0)
    shown, notes = made(Darkening(), settings, 3, portrait, frames_are_cheap=False)
    assert len(shown) == 3 and "2 frames of this film" in str(notes[1])


@pytest.mark.parametrize("settings", [{"restore": 1.0}, {"fps": 50.0}])
def test_a_film_can_be_stopped_before_its_first_frame(rife, stripes, portrait, settings):
    renderer = Darkening()

    def stop(stage, done, total):
        if renderer.open:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        made(renderer, film_of(**settings), 4, portrait, stop, frames_are_cheap=False)
    assert renderer.open == 0 and renderer.drawn == []


@pytest.mark.parametrize(
    ("engine", "more", "in_turn"),
    [(MESH, {}, False), (MESH, {"restore": 0.5}, True), (SADTALKER, {}, True), (MESH, {"restore": 0.5, "device": "cpu"}, False)],
)
def test_networks_on_a_card_wait_for_their_turn(monkeypatch, engine, more, in_turn):
    """Where there is a card, nothing is loaded before the turn; the mesh alone and whatever is told to take the CPU need none."""
    monkeypatch.setattr(film_renderer, "choose_device", lambda choice: torch.device("cpu" if choice == "cpu" else "cuda"))
    engine = dataclasses.replace(engine, make=lambda settings, sound, note: Darkening())
    settings = film_of(SongToVideoSettings(), engine=engine.name, **more)
    assert isinstance(make_film_renderer(engine, settings, NO_SOUND, pytest.fail), RendererInTurn) == in_turn


def test_the_separation_works_where_the_settings_say(monkeypatch):
    assert make_separator(PLAIN).settings.device == "cpu"
    monkeypatch.setattr("separation.card.has_driver", lambda: False)
    with pytest.raises(InputError, match="'cuda' is not on this machine"):
        make_separator(SongToVideoSettings(device="cuda"))
    monkeypatch.setattr("separation.card.has_driver", lambda: True)
    monkeypatch.setattr("separation.card.torch_sees_card", lambda: True)
    waits = make_separator(SongToVideoSettings())
    assert isinstance(waits, SeparatorInTurn) and waits.separator.settings.device == "auto"


@pytest.mark.slow
def test_what_is_lacking_is_said_before_the_song_is_taken_apart(tmp_path, monkeypatch, root_dir):
    with pytest.raises(InputError, match="and the engine anime draws other ones"):
        check_renderer(ANIME, film_of(restore=0.5))
    if not torch.cuda.is_available():
        with pytest.raises(InputError, match="'cuda' is not on this machine"):
            check_renderer(MESH, film_of(device="cuda", restore=0.5))

    def refuse(names, progress):
        raise MissingError(f"No {' '.join(names)}.")

    monkeypatch.setattr(film_renderer, "ensure_all", refuse)
    with pytest.raises(MissingError, match="No gfpgan_14 rife_38"):
        check_renderer(SADTALKER, film_of(restore=0.5, fps=50.0))
    stages = []
    with pytest.raises(MissingError, match="No gfpgan_14"):
        song_to_video(
            root_dir / "demo" / "portrait.jpg",
            root_dir / "demo" / "song.mp3",
            tmp_path / "a.mp4",
            film_of(restore=0.5, duration_s=1.0, height=128),
            lambda stage, done, total: stages.append(stage),
        )
    assert set(stages) == {"decode", "portrait"} and list(tmp_path.iterdir()) == []


def test_what_is_asked_for_and_can_have_no_effect_is_said():
    """Interpolation below 30 frames a second in a note, and a card that is not there in a sentence, whatever the engine."""
    notes = []
    engine = engine_of(Darkening())
    make_film_renderer(engine, film_of(in_between="interpolated"), NO_SOUND, notes.append)
    assert [*map(str, notes)] == ["At 25 frames a second all frames are drawn; --in-between interpolated is for more than 30."]
    if not torch.cuda.is_available():
        with pytest.raises(InputError, match="'cuda' is not on this machine"):
            check_renderer(MESH, SongToVideoSettings(engine="mesh", device="cuda"))
