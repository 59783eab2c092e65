"""A metric is one file: a toy one, laid beside the others, appears everywhere; names that clash and empty metrics are refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from flask_babel import Babel, force_locale

import metrics
from app.report_page import report_in_words
from metrics.registry import Metric, all_metrics
from metrics.report import ReportSettings, make_report
from tests.metrics.films import write_film, write_wav

TOY = '''"""How light is the film?"""

from dataclasses import dataclass, replace

from core.messages import translatable
from metrics.plots import MOUTH, Plot, bars
from metrics.registry import Metric, Watched
from metrics.verdict import at_least


@dataclass(frozen=True)
class Brightness:
    """Mean over the frames, in levels of 255."""

    mean: float
    frames: int


class BrightnessObserver:
    def __init__(self):
        self.levels = []

    def see(self, view):
        self.levels.append(float(view.small.mean()))

    def result(self):
        return Brightness(sum(self.levels) / len(self.levels), len(self.levels))


def darker(view):
    return replace(view, small=view.small / 2)


def plots(report, evidence):
    level = report.of(BRIGHTNESS).film.mean
    return [Plot(CAPTION, lambda axes, words: bars(axes, words, [(translatable("this film's light"), level, MOUTH)]), 5.0)]


CAPTION = translatable("How light the film is")
BRIGHTNESS = Metric(
    "brightness",
    translatable("Light of the film"),
    watch=lambda scene: Watched(BrightnessObserver, darker, translatable("half as light")),
    verdicts=lambda figure, evidence: [at_least(translatable("film is light"), figure.film.mean, 20.0)],
    plots=plots,
)
'''
#: The toy's translations.
GERMAN = {
    "Light of the film": "Helligkeit des Films",
    "How light the film is": "Wie hell der Film ist",
    "this film's light": "Helligkeit dieses Films",
    "half as light": "halb so hell",
    "film is light": "Der Film ist hell",
}
#: The keys of a report, in its order: others read it.
KEYS = ["video", "song", "voice", "portrait", "verdicts", "face_share", "marks", "mouth", "source_aperture", "film", "lip_sync"]
KEYS += ["lip_sync_in_voice", "silence", "likeness", "background", "seam", "flicker", "sharpness", "head_beat", "blinks"]


@pytest.fixture
def film(puppet, tmp_path) -> tuple[Path, Path]:
    """A film of 1.2 s and its song."""
    song = write_wav(tmp_path / "song.wav", 0.3 * np.sin(2 * np.pi * 220 * np.arange(round(1.2 * 44100)) / 44100))
    opening = 0.2 * np.abs(np.sin(np.arange(30) / 3.0))
    return write_film(tmp_path / "film.mp4", (puppet.frame(float(value)) for value in opening), sound=song), song


@pytest.fixture
def house(root_dir, tmp_path) -> Path:
    """The program in a folder of its own: its metrics as a copy, the rooms below them as they are."""
    house = tmp_path / "house"
    shutil.copytree(root_dir / "metrics", house / "metrics", ignore=shutil.ignore_patterns("__pycache__"))
    for room in ("core", "media", "weights", "neural", "faces"):
        (house / room).symlink_to(root_dir / room)
    return house


@pytest.fixture
def german_pages(root_dir, tmp_path) -> Flask:
    """An application with the program's translations and the toy's."""
    catalog = Catalog("de")
    for english, german in GERMAN.items():
        catalog.add(english, german)
    folder = tmp_path / "translations" / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    app = Flask("toys")
    folders = (root_dir / "app" / "translations", tmp_path / "translations")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(map(str, folders))
    Babel(app)
    return app


@pytest.mark.slow
def test_a_metric_is_one_file(film, house, german_pages, tmp_path):
    """Nothing but the toy's own file and its translations are added, and its figure, controls, table, verdict and plot are there,
    on the page in both languages; all else stays."""
    video, song = film
    (house / "metrics" / "brightness.py").write_text(TOY)
    page = tmp_path / "page.html"
    command = [sys.executable, "-m", "metrics", "report", str(video), "--song", str(song), "--voice", str(song)]
    run = subprocess.run(
        [*command, "--json", "--html", str(page)], cwd=house, capture_output=True, text=True, check=True, timeout=300
    )
    found = json.loads(run.stdout.splitlines()[-1])
    toy = found.pop("brightness")
    assert toy["film"]["frames"] == 30 and toy["still"]["frames"] == 25 and toy["flaw"] == "half as light"
    assert toy["spoiled"]["mean"] == pytest.approx(toy["film"]["mean"] / 2, abs=1e-3)
    verdict = found["verdicts"].pop()
    codes = {name: told["code"] for name, told in verdict.pop("messages").items()}
    assert codes == {"name": "core.translatable", "wanted": "metrics.at_least", "reason": ""}
    light = toy["film"]["mean"]
    assert verdict == {"name": "film is light", "value": light, "wanted": "at least 20", "passed": light >= 20, "reason": ""}
    text = page.read_text()
    shown = (">{}</h2>", ">{}</figcaption>", ">{}</text>", ">{}</th>", ">{}</td>")
    assert [text.count(place.format(words)) for place, words in zip(shown, GERMAN, strict=True)] == [1] * 5
    with german_pages.test_request_context(), force_locale("de"):
        german = report_in_words(text, "de")
    assert [german.count(place.format(words)) for place, words in zip(shown, GERMAN.values(), strict=True)] == [1] * 5
    assert not any(f">{words}<" in german for words in GERMAN) and ">Über die Zeit</h2>" in german
    assert found == make_report(video, song, ReportSettings(voice=song))[0].as_json()
    assert list(found) == KEYS


def test_metrics_stand_in_a_fixed_order():
    own = [metric.name for metric in all_metrics()]
    assert own == KEYS[KEYS.index("mouth") :]


def lay_beside(folder, monkeypatch, name: str, text: str) -> None:
    """A module of the metrics' room that lies in another folder."""
    (folder / f"{name}.py").write_text(text)
    monkeypatch.setattr(metrics, "__path__", [*metrics.__path__, str(folder)])
    monkeypatch.delitem(sys.modules, f"metrics.{name}", raising=False)


def test_two_metrics_of_one_name_are_refused(tmp_path, monkeypatch):
    text = 'from metrics.registry import Metric\nTWIN = Metric("flicker", None, figures=lambda gathered, evidence: 1.0)\n'
    lay_beside(tmp_path, monkeypatch, "toy_twin", text)
    with pytest.raises(ValueError, match="Two metrics are called flicker"):
        all_metrics.__wrapped__()


def test_a_metric_without_a_place_comes_last_and_is_counted_once(tmp_path, monkeypatch):
    text = "from metrics.registry import Metric\nfrom metrics.flicker import FLICKER\n"
    text += 'A = B = Metric("a_toy", None, figures=lambda gathered, evidence: 1.0)\n'
    lay_beside(tmp_path, monkeypatch, "toy_alone", text)
    assert [metric.name for metric in all_metrics.__wrapped__()] == [metric.name for metric in all_metrics()] + ["a_toy"]


def test_a_metric_that_nothing_measures_is_refused():
    with pytest.raises(ValueError, match="neither `watch` nor `figures`"):
        Metric("idle", "Idle")
