"""The registry's rows, and the command line over them."""

from __future__ import annotations

import json

import pytest

from tests.weights.conftest import Release, row, some_bytes
from weights.__main__ import main
from weights.registry import PINNED, UrlSource, read_registry, registry

CONTENT = some_bytes(2_000, seed=1)
NAMES_IN_CODE = {
    "face_landmarker",
    "modnet",
    "silero_vad",
    "spanx2_bin",
    "spanx2_param",
    "spanx4_bin",
    "spanx4_param",
    "spleeter_2stems_data",
    "spleeter_2stems_index",
    "whisper_base_part1",
    "whisper_base_part2",
}


def test_the_projects_own_rows():
    rows = registry()
    assert rows.keys() >= NAMES_IN_CODE | {"face_identity"}
    assert {name for name, weight in rows.items() if weight.default} == NAMES_IN_CODE
    assert all(weight.use == "product" for weight in rows.values() if weight.default)
    assert rows["face_identity"].use == "metric only"
    for weight in rows.values():
        assert weight.size_bytes > 0 and 2015 <= weight.year <= 2030 and weight.licence and weight.purpose.endswith(".")
        for source in weight.sources:
            if isinstance(source, UrlSource):
                assert source.url.startswith("https://")
            else:
                assert PINNED.fullmatch(source.requirement) and source.member


@pytest.mark.parametrize(
    "text",
    [
        row("model", CONTENT, '{wheel = "pack", member = "x"}'),
        row("model", CONTENT, '{npm = "pack@1.0", member = "x"}'),
        row("model", CONTENT, '{npm = "pack==1.0"}'),
        row("model", CONTENT, '{url = "ftp://somewhere/x"}'),
        row("model", CONTENT, ""),
        row("model", CONTENT, '{url = "https://x/y"}', sha256="abc"),
        row("model", CONTENT, '{url = "https://x/y"}').replace('"product"', '"anything"'),
        row("model", CONTENT, '{url = "https://x/y"}').replace('"model.bin"', '"../model.bin"'),
        row("a", CONTENT, '{url = "https://x/y"}') + row("b", CONTENT, '{url = "https://x/y"}').replace('"b.bin"', '"a.bin"'),
    ],
)
def test_malformed_rows_are_refused(tmp_path, text):
    path = tmp_path / "registry.toml"
    path.write_text(text)
    with pytest.raises(ValueError):
        read_registry(path)


def test_list(weights_folder, use_registry, capsys):
    use_registry(row("model", CONTENT, '{url = "https://x/y"}', extra="default = true"))
    assert main(["list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["folder"] == str(weights_folder)
    assert listed["weights"][0]["name"] == "model"
    assert listed["weights"][0]["present"] is False
    weights_folder.mkdir()
    (weights_folder / "model.bin").write_bytes(CONTENT)
    assert main(["list"]) == 0
    table = capsys.readouterr().out
    assert "model *" in table and "product" in table and "yes" in table


def test_fetch_and_verify(weights_folder, use_registry, server, capsys):
    server.releases["/model"] = Release(CONTENT)
    good = row("model", CONTENT, f'{{url = "{server.url}/model"}}', extra="default = true")
    bad = row("gone", CONTENT, f'{{url = "{server.url}/gone"}}')
    use_registry(good, bad)
    assert main(["verify"]) == 3
    assert "python -m weights fetch model" in capsys.readouterr().err
    assert main(["fetch"]) == 0
    assert main(["verify"]) == 0
    assert main(["fetch", "gone", "--default"]) == 3
    captured = capsys.readouterr()
    assert "404" in captured.err and "1 of 2 weights" in captured.out
    (weights_folder / "model.bin").write_bytes(some_bytes(2_000, seed=2))
    assert main(["verify", "model"]) == 3
    assert "damaged model" in capsys.readouterr().out
    assert main(["fetch", "--all-product"]) == 3
    assert (weights_folder / "model.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("command", ["fetch", "verify"])
def test_unknown_name_is_bad_input(weights_folder, use_registry, capsys, command):
    use_registry(row("model", CONTENT, '{url = "https://x/y"}'))
    assert main([command, "nothing_like_it"]) == 2
    assert "There is no weight called" in capsys.readouterr().err
