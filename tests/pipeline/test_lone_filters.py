from __future__ import annotations

import numpy as np

from filters.label import LabelOptions
from filters.look import LookOptions
from pipeline.dub_settings import DubSettings
from pipeline.lone_filters import lone_cost, lone_size, lone_words, with_lone_filters
from pipeline.transfer_settings import TransferSettings


def through(settings, frames):
    streams = []
    kept = lambda stream: streams.append(stream) or stream  # noqa: E731
    return list(with_lone_filters(iter(frames), settings, lambda *_: None, kept)), len(streams)


def test_a_film_without_them_stays_as_it_is():
    frame = np.full((32, 48, 3), 90, np.uint8)
    passed, streams = through(DubSettings(), [frame])
    assert passed[0] is frame and streams == 0
    assert lone_size((48, 32), DubSettings()) == (48, 32) and lone_words(DubSettings()) == ()
    assert lone_cost(DubSettings(), False).seconds(10.0, 10**6) == 0.0


def test_the_label_lies_over_the_look_at_its_size():
    settings = DubSettings(filter_options=(LabelOptions(label=True), LookOptions(look="ink", look_scale=2)))
    frame = np.full((96, 128, 3), 90, np.uint8)
    frame[:, 64:] = 200
    passed, streams = through(settings, [frame, frame])
    assert len(passed) == 2 and passed[0].shape == (192, 256, 3) and streams == 2
    assert lone_size((128, 96), settings) == (256, 192)
    plain, _ = through(DubSettings(filter_options=(LookOptions(look="ink", look_scale=2),)), [frame, frame])
    rows, columns = np.nonzero((plain[0] != passed[0]).any(axis=2))
    assert rows.min() > 96 and columns.min() > 64, "the mark alone differs, in the corner"
    assert lone_words(settings) == ("look ink", "2 times") and lone_cost(settings, False).seconds(10.0, 10**6) > 1.0


def test_transfer_and_dubbing_take_them_by_their_names():
    assert DubSettings.from_json({"look": "poster", "look_scale": 4}).own(LookOptions).times == 4
    assert TransferSettings.from_json({"look": "sketch"}).film.own(LookOptions).look == "sketch"
