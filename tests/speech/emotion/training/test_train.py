"""The classifier's training on a small made-up set: it learns, gives the same file again, and says what is wrong with data."""

from __future__ import annotations

import random

import numpy as np
import pytest

from core.errors import InputError
from speech.emotion.classifier import FILE, EmotionClassifier
from speech.emotion.feeling import EKMAN, GOEMOTIONS
from speech.emotion.training import evaluate, train
from speech.emotion.training.dataset import read_part
from speech.emotion.training.measures import accuracy, best_thresholds, f1_of, top_alone

WORDS = {
    "joy": ["wonderful", "delighted", "glad"],
    "sadness": ["gloomy", "weeping", "mourning"],
    "anger": ["furious", "enraged", "hateful"],
    "neutral": ["table", "station", "paper"],
}


def write_part(folder, part, count, seed):
    chance = random.Random(seed)
    lines = []
    for number in range(count):
        name = chance.choice(list(WORDS))
        words = [chance.choice(WORDS[name]), *chance.choices(["the", "a", "is", "was", "there", "again"], k=5)]
        chance.shuffle(words)
        lines.append(f"{' '.join(words)}\t{GOEMOTIONS.index(name)}\tid{number}")
    (folder / f"{part}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("emotions")
    for seed, (part, count) in enumerate((("train", 400), ("dev", 150), ("test", 100))):
        write_part(folder, part, count, seed)
    return folder


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    out = tmp_path_factory.mktemp("trained")
    assert train.main(["--data", str(data), "--out", str(out)]) == 0
    return out / FILE.name


@pytest.mark.slow
def test_it_learns_what_it_never_saw_together(trained):
    reader = EmotionClassifier(trained)
    for name, words in WORDS.items():
        for word in words:
            scores = reader.scores(f"there was {word} again")
            assert scores.top[0] == name
            assert name in scores.found


@pytest.mark.slow
def test_the_same_data_give_the_same_file(data, trained, tmp_path):
    assert train.main(["--data", str(data), "--out", str(tmp_path)]) == 0
    assert (tmp_path / FILE.name).read_bytes() == trained.read_bytes()


@pytest.mark.slow
def test_the_measures_are_printed_of_the_part_that_is_asked_for(data, trained, capsys):
    assert evaluate.main(["--data", str(data), "--weights", str(trained)]) == 0
    dev = capsys.readouterr().out
    assert evaluate.main(["--data", str(data), "--weights", str(trained), "--open-test"]) == 0
    test = capsys.readouterr().out
    assert "| 7 (Ekman) | 100.0 % |" in dev and "| 7 (Ekman) | 100.0 % |" in test


@pytest.mark.parametrize("line", ["a text without a class", "text\t28\tid", "text\tjoy\tid", "text\t\tid"])
def test_data_of_another_form_are_refused(tmp_path, line):
    (tmp_path / "train.tsv").write_text(f"fine\t17\tid\n{line}\n")
    with pytest.raises(InputError) as refused:
        read_part(tmp_path, "train")
    assert "line 2" in str(refused.value)


def test_a_folder_without_data_is_told(tmp_path, capsys):
    assert train.main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "train.tsv is missing" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_classes_of_ekman_follow_from_the_28(tmp_path):
    (tmp_path / "dev.tsv").write_text("a\t0,25\tid\nb\t27\tid\n")
    truth = read_part(tmp_path, "dev").truth
    assert truth.sum() == 6
    assert [EKMAN[k] for k in np.flatnonzero(truth[0, 28:])] == ["joy", "sadness"]


def test_measures_by_hand():
    truth = np.array([[1, 0], [1, 0], [0, 1], [1, 1]], dtype=bool)
    scores = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]])
    assert accuracy(scores, truth) == 0.75
    assert f1_of(top_alone(scores), truth) == pytest.approx([2 * 1 / (1 + 3), 2 * 2 / (3 + 2)])
    thresholds = best_thresholds(np.linspace(0, 1, 200)[:, None], (np.linspace(0, 1, 200) > 0.7)[:, None])
    assert thresholds[0] == pytest.approx(0.7, abs=0.05)
