"""The benchmark of the preview: what it tells of its clicks, and how it ends where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from benchmarks.machine import describe_machine
from benchmarks.preview import ANEW, BOTH, NOTHING, SONG, Choice, Click, main, table, told
from benchmarks.programs import tree_processor_s
from benchmarks.visitor import Page
from core.errors import InputError

linux = pytest.mark.skipif(sys.platform != "linux", reason="the processors' time of other processes is read from /proc")


def test_the_table_tells_the_middle_of_several_and_whether_the_aim_is_reached():
    clicks = [Click(NOTHING, 30.0, 11.0), Click(SONG, 4.5, 5.0), *(Click(BOTH, each, each / 2) for each in (2.0, 9.0, 3.0))]
    shown = table([*clicks, Click(ANEW, 4.0, 3.0)], describe_machine())
    assert f"| {NOTHING} | 30.0 | 11.0 |  |" in shown, "for which there is no aim"
    assert f"| {SONG} | 4.5 | 5.0 | no |" in shown
    assert f"| {BOTH} | 3.0 | 1.5 | yes |" in shown and f"| {ANEW} | 4.0 | 3.0 | yes |" in shown


def test_the_choice_is_the_wizards_address():
    assert Choice("a", "b", "", "").address == "/order?song=a&picture=b"
    assert Choice("a", "b", "2", "7.5").address == "/order?song=a&picture=b&start=2&end=7.5"


def test_a_refusal_is_told_in_its_own_sentence(tmp_path, capsys):
    assert told(Page(200, "/x", '{"state": "done"}', 0.1)) == {"state": "done"}
    with pytest.raises(InputError, match=r"429.*Too many"):
        told(Page(429, "/x", '{"detail": "Too many."}', 0.1))
    assert main(["--portrait", str(tmp_path / "none.jpg")]) == 2 and "none.jpg" in capsys.readouterr().err


@linux
def test_the_processors_time_counts_children_that_live_and_that_have_ended():
    burn = "import time\nwhile time.process_time() < 0.5: pass\n"
    before_s = tree_processor_s(os.getpid())
    subprocess.run([sys.executable, "-c", burn], check=True)
    assert tree_processor_s(os.getpid()) - before_s >= 0.4
    before_s = tree_processor_s(os.getpid())
    alive = subprocess.Popen([sys.executable, "-c", burn + "input()"], stdin=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while tree_processor_s(os.getpid()) - before_s < 0.4:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    alive.communicate(b"\n")
