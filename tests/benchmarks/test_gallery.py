"""The gallery: which files it takes, how refusals are told, and one real round with a picture that is refused."""

from __future__ import annotations

import json
import shutil

import pytest
from PIL import Image

from benchmarks.gallery import Film, GallerySettings, files_of, main, markdown, sing_arguments, songs_of
from core.errors import InputError


def test_songs_pass_over_stems_and_find_the_true_voice(tmp_path):
    for name in ("a_mix.flac", "a_voice.flac", "a_accompaniment.flac", "b.mp3", "c_mix.flac", "notes.txt"):
        (tmp_path / name).touch()
    found = [(song.name, voice.name if voice else None) for song, voice in songs_of(tmp_path)]
    assert found == [("a_mix.flac", "a_voice.flac"), ("b.mp3", None), ("c_mix.flac", None)]


def test_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(InputError, match="no file"):
        files_of(tmp_path, (".png",))


def test_command_holds_only_what_was_set(tmp_path):
    command = sing_arguments(tmp_path / "p.png", tmp_path / "s.mp3", tmp_path / "f.mp4", GallerySettings(seconds=8.0, face=2))
    assert command[-4:] == ["--duration", "8", "--face", "2"]
    assert "--height" not in command


def test_table_lists_films_and_refusals():
    films = [
        Film("a.png", "s.mp3", correlation=0.82, lag_ms=-12.3, failed=("likeness",)),
        Film("dog.png", "s.mp3", refused="No face."),
    ]
    text = markdown(films)
    assert "| a.png | s.mp3 | 0.82 | – | – | -12 |" in text
    assert "likeness |" in text
    assert "- dog.png, s.mp3: No face." in text


@pytest.mark.slow
def test_one_round_with_a_refusal(root_dir, tmp_path):
    demo = root_dir / "demo"
    if not (demo / "portrait.jpg").exists():
        pytest.skip("the demo's portrait is not there")
    (tmp_path / "portraits").mkdir()
    (tmp_path / "songs").mkdir()
    shutil.copy(demo / "portrait.jpg", tmp_path / "portraits" / "lady.jpg")
    Image.new("RGB", (200, 200), (90, 120, 90)).save(tmp_path / "portraits" / "meadow.png")
    shutil.copy(demo / "song.mp3", tmp_path / "songs" / "song.mp3")
    out = tmp_path / "out"
    folders = ["--portraits", str(tmp_path / "portraits"), "--songs", str(tmp_path / "songs"), "--out", str(out)]
    assert main([*folders, "--seconds", "4", "--height", "192"]) == 0
    films = {film["portrait"]: film for film in json.loads((out / "gallery.json").read_text())["films"]}
    assert films["lady.jpg"]["refused"] == ""
    assert films["lady.jpg"]["likeness"] > 0.5
    assert "face" in films["meadow.png"]["refused"]
    names = {path.name for path in out.iterdir()}
    assert names == {"gallery.md", "gallery.json", "gallery.png", "lady__song.mp4", "lady__song.html"}
