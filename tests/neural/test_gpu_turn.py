"""Turns on a card between real processes: one waits for the other, can be told to stop, and a killed one gives its turn back."""

from __future__ import annotations

import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

from core.contracts import Motion
from core.errors import Cancelled, InputError
from neural.gpu_turn import GpuTurnSettings, RendererInTurn, SeparatorInTurn, turn

torch = pytest.importorskip("torch")

CARD = "GPU-1234"
HOLDER = """
import sys, time
from pathlib import Path
from neural.gpu_turn import GpuTurnSettings, turn
with turn(sys.argv[2], lambda: None, GpuTurnSettings(Path(sys.argv[1]))):
    print("holds", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("BELCANTO_GPU_LOCK_DIR", str(tmp_path / "turns"))
    return GpuTurnSettings.from_environment()


@pytest.fixture
def holder(settings, root_dir):
    """Another process that holds the card until a line is sent to it."""
    command = [sys.executable, "-c", HOLDER, str(settings.folder), CARD]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=root_dir, text=True, **pipes) as process:
        assert process.stdout.readline() == "holds\n"
        yield process
        process.kill()


def release(process):
    process.stdin.write("\n")
    process.stdin.flush()


def test_one_waits_for_the_other(holder, settings):
    waited = []

    def waiting():
        waited.append(holder.poll())
        if len(waited) == 2:
            release(holder)

    with turn(CARD, waiting, settings):
        holder.wait(20)
    assert len(waited) >= 2 and waited[0] is None


def test_another_card_is_free(holder, settings):
    with turn("GPU-5678", lambda: pytest.fail("waited for another card"), settings):
        assert holder.poll() is None


def test_a_killed_holder_gives_its_turn_back(holder, settings):
    with turn(CARD, holder.kill, settings):
        assert holder.wait(20) != 0


class OnePicture:
    """A renderer of one frame that remembers whether it was closed."""

    def __init__(self):
        self.open = 0

    def frames(self, portrait, motion, progress=None):
        self.open += 1
        try:
            for _ in range(len(motion)):
                yield np.zeros((2, 2, 3), np.uint8)
        finally:
            self.open -= 1


MOTION = Motion(25.0, *(np.zeros((3, columns), np.float32) for columns in (52, 3, 3, 2)), np.zeros(3, np.float32))


@pytest.fixture
def card(monkeypatch):
    """A card for whoever asks torch; what it keeps in store is freed once for each turn."""
    freed = []
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: SimpleNamespace(uuid=CARD))
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: freed.append(1))
    return freed


def is_free(settings):
    def busy():
        raise Cancelled("busy")

    try:
        with turn(CARD, busy, settings):
            return True
    except Cancelled:
        return False


def test_a_film_holds_the_card_from_its_first_frame_to_its_last(settings, card):
    made = []

    def make():
        assert not is_free(settings), "networks are loaded in turn as well"
        made.append(OnePicture())
        return made[0]

    frames = RendererInTurn(make, torch.device("cuda")).frames(None, MOTION, lambda *told: None)
    assert made == [] and is_free(settings)
    next(frames)
    assert not is_free(settings)
    assert len(list(frames)) == 2
    assert is_free(settings) and made[0].open == 0 and card == [1]


def test_a_film_that_is_given_up_gives_its_turn_back(settings, card):
    renderer = OnePicture()
    frames = RendererInTurn(lambda: renderer, torch.device("cuda")).frames(None, MOTION)
    next(frames)
    assert renderer.open == 1 and not is_free(settings)
    frames.close()
    assert renderer.open == 0 and is_free(settings) and card == [1]


def test_who_waits_can_be_cancelled(holder, settings, card):
    told = []

    def stop(stage, done, total):
        told.append((stage, done, total))
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        next(RendererInTurn(OnePicture, torch.device("cuda")).frames(None, MOTION, stop))
    assert told == [("waiting for the graphics card", 0, 3)] and card == []


def test_the_separation_takes_its_turn(settings, card, monkeypatch):
    monkeypatch.setattr("neural.gpu_turn.choose_device", torch.device)
    inner = SimpleNamespace(separate=lambda mix, out_dir, progress: is_free(settings))
    assert SeparatorInTurn(inner).separate(None, None) is False
    assert is_free(settings) and card == [1]


def test_a_processor_needs_no_turn(holder, settings):
    frames = RendererInTurn(OnePicture, torch.device("cpu")).frames(None, MOTION)
    assert len(list(frames)) == 3 and holder.poll() is None


def test_a_folder_that_can_not_be_used_is_said(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(InputError, match=r"take turns on the graphics card, can't be used: .* Set BELCANTO_GPU_LOCK_DIR"),
        turn(CARD, time.time, GpuTurnSettings(tmp_path / "file" / "turns")),
    ):
        pass
    assert GpuTurnSettings.from_environment({}).folder.name.startswith("belcanto")
