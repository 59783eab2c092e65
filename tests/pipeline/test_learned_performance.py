"""Films that a trained network of the emotion performs: from the song to the film, at the command line, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core.errors import InputError, MissingError
from media.media import probe_video
from motion.emotion.source import DeitalkMotion
from motion.singing.source import SungMotion
from pipeline.__main__ import main
from pipeline.film_settings import SongToVideoSettings
from pipeline.head_export import head_settings
from pipeline.performance_settings import performer_lacking
from pipeline.song_to_video import song_to_video
from pipeline.stages import Stages, make_motion_source
from pipeline.text_settings import TextToVideoSettings
from pipeline.transfer_settings import TransferSettings
from pipeline.works.song_to_emotion import network_name
from tests.motion.emotion.models import chance_model, written
from tests.pipeline.test_song_to_video import PlainRenderer
from weights.sources import sha256_of

LEARNED = SongToVideoSettings(height=128, start_s=4.0, duration_s=2.0, lips="features", performance="deitalk", style="sad")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return written(tmp_path_factory.mktemp("model") / "chance.safetensors", chance_model())


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    monkeypatch.setattr("motion.emotion.settings.SHIPPED", tmp_path / "none.safetensors")
    monkeypatch.delenv("BELCANTO_EMOTION_MODEL", raising=False)


def code(make):
    with pytest.raises(InputError) as caught:
        make()
    return caught.value.message.code


def test_who_performs(model, no_network):
    source = make_motion_source(replace(LEARNED, performance_model=model))
    assert isinstance(source, DeitalkMotion) and source.settings.style == "sad"
    assert isinstance(make_motion_source(SongToVideoSettings()), SungMotion)
    with pytest.raises(MissingError, match="let the song's plan perform"):
        make_motion_source(LEARNED)
    spoken = TextToVideoSettings(film=replace(LEARNED, start_s=0.0, duration_s=None, performance_model=model))
    assert isinstance(make_motion_source(spoken.film), DeitalkMotion)
    assert head_settings(replace(LEARNED, performance_model=model)).performance_model == model


def test_what_does_not_go_together(model, tmp_path):
    assert code(lambda: SongToVideoSettings(performance_model=model)) == "pipeline.performance_model_alone"
    recorded = {"performance": "deitalk", "motion_csv": tmp_path / "m.csv"}
    assert code(lambda: SongToVideoSettings(**recorded)) == "pipeline.motion_has_its_own_performance"
    film = SongToVideoSettings(performance="deitalk")
    assert code(lambda: TransferSettings(film=film)) == "pipeline.performance_without_sound"
    assert TransferSettings(film=film, lips="sound").film.is_learned
    assert code(lambda: SongToVideoSettings(performance="opera")) == "core.option_not_among"


def test_what_a_machine_lacks(model, no_network, monkeypatch):
    assert performer_lacking({"performance": "plan"}) is None and performer_lacking({}) is None and network_name() is None
    assert performer_lacking({"performance": "deitalk"}).code == "motion.no_emotion_network"
    monkeypatch.setenv("BELCANTO_EMOTION_MODEL", str(model))
    assert performer_lacking({"performance": "deitalk"}) is None and network_name() == "chance.safetensors"


@pytest.mark.slow
def test_a_film_that_a_network_performs(root_dir, tmp_path, model):
    portrait, song, out = root_dir / "demo" / "portrait.jpg", root_dir / "demo" / "song.mp3", tmp_path / "sad.mp4"
    report = song_to_video(portrait, song, out, replace(LEARNED, performance_model=model), stages=Stages(renderer=PlainRenderer))
    emotion = report.emotion
    assert report.frames == 50 and [part.style for part in emotion.sections] == ["sad"]
    assert emotion.intensity == emotion.learned != emotion.automatic and len(emotion.learned) == 5
    told = json.loads(json.dumps(report.as_json()))["emotion"]
    assert told["learned"] == list(emotion.learned) and told["learned_points"]
    metadata = probe_video(out).metadata
    assert f"performed by the network chance.safetensors, SHA-256 {sha256_of(model)}" in metadata["comment"]
    tag = json.loads(metadata["emotion"])
    assert tag["style"] == "sad" and tag["intensity"].startswith("0:")


@pytest.mark.slow
def test_the_command_line_shows_both_curves(root_dir, capfd, model, no_network):
    song = str(root_dir / "demo" / "song.mp3")
    arguments = ["emotion", "--song", song, "--voice", song, "--start", "4", "--duration", "2", "--lips", "features"]
    assert main([*arguments, "--performance", "deitalk"]) == 3
    assert "BELCANTO_EMOTION_MODEL" in capfd.readouterr().err
    assert main([*arguments, "--performance", "deitalk", "--performance-model", str(model)]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert [line.split("  ")[0].strip()[:10] for line in lines[:2]] == ["intensity", "network's"]
    assert lines[2].startswith("song's own ") and lines[0].split()[1] == lines[1].split()[1] != lines[2].split()[2]
    assert lines[-1].startswith("--intensity 0:")


@pytest.mark.parametrize("command", ["sing", "speak", "emotion", "motion", "export", "transfer"])
def test_commands_that_perform_may_be_told_who_does(command, capfd):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    shown = capfd.readouterr().out
    assert "--performance " in shown and "--performance-model" in shown
