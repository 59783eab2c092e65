"""The benchmark of the first film: what it calls a fresh machine, and what it tells."""

from __future__ import annotations

import pytest

from benchmarks import first_film
from benchmarks.first_film import FirstFilm, ProgramRun, fresh_installation, main, table
from benchmarks.machine import describe_machine
from core.errors import InputError
from weights.registry import registry

SECOND = ProgramRun(20.0, 30.0, {"motion": 4.0, "total": 19.0})
FOUND = FirstFilm(
    ProgramRun(30.0, 50.0, {}), ProgramRun(0.3, 0.2, {}), ProgramRun(22.0, 36.0, {"motion": 5.0, "total": 21.0}), SECOND
)


def test_a_fresh_machine_has_the_published_files_and_nothing_made_of_them(tmp_path):
    environment = fresh_installation(tmp_path)
    assert {path.name for path in (tmp_path / "weights").iterdir()} == {
        weight.file for weight in registry().values() if weight.default
    }
    others = [path for name, path in environment.items() if name != "BELCANTO_WEIGHTS_DIR"]
    assert len(others) == 3 and not any(list((tmp_path / path).iterdir()) for path in others)


def test_the_table_tells_both_films_and_whether_the_aim_is_reached():
    told = table(FOUND, describe_machine())
    assert "| first | 22.0 | 36.0 | 5.0 | 21.0 |" in told and "| second | 20.0 | 30.0 | 4.0 | 19.0 |" in told
    assert "by the processors' time: 1.20" in told
    assert "first over second: 1.10; at most 1.2: yes" in told and "preparation: 30.0 s" in told
    slow = FirstFilm(None, None, ProgramRun(40.0, 60.0, {"total": 39.0}), SECOND)
    told = table(slow, describe_machine())
    assert "first over second: 2.00; at most 1.2: no" in told and "preparation" not in told


def test_the_films_are_made_in_the_fresh_environment_after_the_preparation(tmp_path, monkeypatch):
    calls = []

    def timed(arguments, environment):
        calls.append((arguments[1], "--no-cache" in arguments, environment["NUMBA_CACHE_DIR"]))
        return ProgramRun(float(len(calls)), 1.0, {"total": 1.0})

    monkeypatch.setattr(first_film, "timed", timed)
    found = first_film.measure(tmp_path / "p.jpg", tmp_path / "s.mp3", 5.0, 256, prepared=True)
    assert [call[:2] for call in calls] == [("pipeline.prepare", False)] * 2 + [("pipeline", True)] * 2
    assert len({call[2] for call in calls}) == 1
    assert [made.seconds for made in (found.prepared, found.again, found.first, found.second)] == [1.0, 2.0, 3.0, 4.0]
    calls.clear()
    assert first_film.measure(tmp_path / "p.jpg", tmp_path / "s.mp3", 5.0, 256, prepared=False).prepared is None
    assert len(calls) == 2


def test_a_film_that_fails_is_told_in_its_own_sentence(capsys, tmp_path):
    with pytest.raises(InputError, match="failed"):
        first_film.timed(["-c", "raise SystemExit('no')", "x"], {})
    assert first_film.timed(["-c", "print('noise'); print('{\"seconds\": {\"a\": 2}}')"], {}).stages == {"a": 2}
    assert main(["--portrait", str(tmp_path / "none.jpg"), "--unprepared"]) == 2
    assert "none.jpg" in capsys.readouterr().err
