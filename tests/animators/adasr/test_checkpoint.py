"""Whatever file is named for AdaSR's weights, it fits in all its tensors, or one sentence says what is wrong with it."""

from __future__ import annotations

import pickle

import pytest

torch = pytest.importorskip("torch")

from animators.adasr.checkpoint import read_adasr  # noqa: E402
from core.errors import InputError  # noqa: E402
from neural.exact_loading import skeleton  # noqa: E402
from tests.animators.adasr.conftest import makers  # noqa: E402
from weights.sources import sha256_of  # noqa: E402


def hollow(network):
    """A state of the right names, shapes and types that takes no room: every tensor repeats one number."""
    return {key: torch.zeros((), dtype=value.dtype).expand(value.shape) for key, value in skeleton(makers()[network]).items()}


def whole_file():
    return {name: hollow(name) for name in makers()}


def without(content, network, key):
    return {**content, network: {name: value for name, value in content[network].items() if name != key}}


def test_a_file_that_fits_is_read_and_its_hash_kept(tmp_path):
    file = tmp_path / "own.pth.tar"
    content = whole_file()
    content["kp_detector"] = {f"module.{key}": value for key, value in content["kp_detector"].items()}  # of several cards
    torch.save({**content, "epoch": 3}, file)
    networks = read_adasr(file)
    assert networks.sha256 == sha256_of(file) and networks.path == file
    assert not networks.generator.training and not any(each.requires_grad for each in networks.estimator.parameters())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (lambda c: {"generator": c["generator"], "kp_detector": c["kp_detector"]}, "no weights stand under 'he_estimator'"),
        (lambda c: without(c, "generator", "first.conv.bias"), "1 of its 386 tensors are missing, such as 'first.conv.bias'"),
        (lambda c: {**c, "kp_detector": {**c["kp_detector"], "extra": torch.zeros(2)}}, "1 of its tensors are unknown"),
        (
            lambda c: {**c, "he_estimator": {**c["he_estimator"], "fc_t.bias": torch.zeros(4)}},
            "'fc_t.bias' is 4 float32 where 3 float32 is expected",
        ),
        (
            lambda c: {**c, "he_estimator": {**c["he_estimator"], "fc_t.bias": torch.zeros(3).half()}},
            "'fc_t.bias' is 3 float16 where 3 float32 is expected",
        ),
        (lambda c: [c["generator"]], "it holds no networks by their names"),
    ],
)
def test_another_networks_file_is_refused(changed, said, tmp_path):
    file = tmp_path / "other.pth.tar"
    torch.save(changed(whole_file()), file)
    with pytest.raises(InputError, match=said) as told:
        read_adasr(file)
    assert str(told.value).startswith(f"{file} does not hold AdaSR's networks") and "\n" not in str(told.value)


class Program:
    def __reduce__(self):
        return print, ("this must never be run",)


def test_a_file_that_can_run_programs_is_refused(tmp_path, capsys):
    torch.save({"generator": Program()}, tmp_path / "evil.pth.tar")
    with pytest.raises(InputError, match="holds more than numbers"):
        read_adasr(tmp_path / "evil.pth.tar")
    (tmp_path / "old.tar").write_bytes(pickle.dumps({"generator": Program()}))
    with pytest.raises(InputError, match="can't be read"):
        read_adasr(tmp_path / "old.tar")
    assert "never" not in capsys.readouterr().out


def test_no_file_and_no_weights(tmp_path):
    with pytest.raises(InputError, match=r"There is no file .*nothing\.tar"):
        read_adasr(tmp_path / "nothing.tar")
    (tmp_path / "text.tar").write_text("These are no weights.")
    with pytest.raises(InputError, match="can't be read"):
        read_adasr(tmp_path / "text.tar")
