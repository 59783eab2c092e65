"""Programs measured from outside do what they were told to do to themselves."""

from __future__ import annotations

import os
import sys

import pytest

from benchmarks.machine import describe_machine
from benchmarks.programs import run_measured, tree_mb

linux = pytest.mark.skipif(sys.platform != "linux", reason="memory of other processes is read from /proc")


def test_machine_names_itself():
    machine = describe_machine()
    assert machine.cpu
    assert machine.cores >= 1
    assert machine.packages["numpy"]
    assert machine.cpu in machine.sentence()


def test_code_output_and_environment_come_back():
    code = "import os, sys; print(os.environ['SONG']); print('no', file=sys.stderr); sys.exit(2)"
    run = run_measured([sys.executable, "-c", code], {"SONG": "la"})
    assert (run.code, run.stdout, run.stderr) == (2, "la\n", "no\n")


@pytest.mark.slow
def test_wall_and_processor_time_are_told_apart():
    sleep = run_measured([sys.executable, "-c", "import time; time.sleep(0.6)"])
    assert sleep.seconds >= 0.6
    assert sleep.processor_seconds < 0.4
    code = "import time\nwhile time.process_time() < 0.5: pass"
    assert run_measured([sys.executable, "-c", code]).processor_seconds >= 0.5


@pytest.mark.slow
@linux
def test_memory_of_children_counts():
    hold = "x = bytearray(120_000_000); import time; time.sleep(1)"
    own = run_measured([sys.executable, "-c", hold]).tree_mb
    child = f"import subprocess, sys; y = bytearray(80_000_000); subprocess.run([sys.executable, '-c', {hold!r}])"
    both = run_measured([sys.executable, "-c", child]).tree_mb
    assert 120 < own < 180
    assert both - own == pytest.approx(90, abs=30)


@linux
def test_memory_of_an_ended_process_is_nothing():
    run = run_measured([sys.executable, "-c", "import os; print(os.getpid())"])
    assert tree_mb(int(run.stdout)) == 0.0
    assert tree_mb(os.getpid()) > 20
