"""The weights of the restorer: loaded from a published file, missing, and what is wrong about its settings."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import InputError, MissingError
from filters.networks.gfpgan import Gfpgan
from filters.restore import FaceRestorer, RestoreSettings, cpu_notice, load_gfpgan
from filters.restore_steady import SteadySettings
from neural.device import choose_device, choose_dtype
from tests.filters.test_restore import FPS, swaying
from tests.sadtalker_runner.parity import deterministic_input, fill

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.slow
def test_a_published_file_is_loaded_and_restores(tmp_path, monkeypatch, picture):
    """The whole way from a file in the published layout; the network is narrow, its keys and its side are the published ones."""
    narrow = dict.fromkeys((4, 8, 16, 32, 64, 128, 256), 8) | {512: 4}
    monkeypatch.setattr("filters.networks.gfpgan.CHANNELS", narrow)
    written = Gfpgan(style=512)
    fill(written)
    torch.save({"params_ema": written.state_dict()}, tmp_path / "face.pth")
    monkeypatch.setattr("filters.restore.ensure", lambda name: tmp_path / "face.pth")
    device = torch.device("cpu")
    faces = torch.from_numpy(deterministic_input("faces", (1, 3, 512, 512), -1, 1))
    with torch.inference_mode():
        loaded = load_gfpgan(device, torch.float32)(faces.to(memory_format=torch.channels_last))
        assert torch.allclose(loaded, written.eval()(faces), atol=1e-4)
        half = load_gfpgan(device, torch.bfloat16)(faces.to(torch.bfloat16))
    assert half.dtype == torch.float32 and float((half - loaded).abs().mean()) < 0.05 * float(loaded.std())
    settings = RestoreSettings(device="cpu", strength=1.0)
    restorer = FaceRestorer(FPS, settings)
    given = list(swaying(picture, 1))
    assert all(np.array_equal(a, b) for a, b in zip(restorer.apply(iter(given)), given, strict=True))
    assert restorer.report.failed == 1  # what weights of chance draw is no face, and is not passed off as one


def test_missing_weights_devices_and_wrong_settings_are_said(tmp_path, monkeypatch):
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(tmp_path))
    monkeypatch.setattr("weights.sources.ATTEMPTS", 1)
    monkeypatch.setattr("weights.sources.RETRY_WAIT_S", 0.0)
    monkeypatch.setattr("urllib.request.OpenerDirector.open", refuse)
    with pytest.raises(MissingError, match="python -m weights fetch gfpgan_14"):
        FaceRestorer(FPS, RestoreSettings(device="cpu"))
    if not torch.cuda.is_available():
        with pytest.raises(InputError, match="'cuda' is not on this machine; choose auto or one of"):
            choose_device("cuda")
    with pytest.raises(InputError, match="Half precision needs an NVIDIA card"):
        choose_dtype(torch.device("cpu"), "half", wide_range=True)
    for wrong in ({"strength": 1.2}, {"scale": 3}, {"batch_frames": 0}, {"pose_smoothing_s": -1.0}, {"least_likeness": 2.0}):
        with pytest.raises(ValueError):
            RestoreSettings(**wrong)
    with pytest.raises(ValueError):
        SteadySettings(strength=1.0)
    assert "for the 212 frames of this film" in str(cpu_notice(212))


def refuse(*arguments, **options):
    raise OSError("no network in this test")
