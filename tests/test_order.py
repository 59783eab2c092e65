"""The order in which the tests run."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.conftest import pytest_collection_modifyitems


@dataclass
class Item:
    """A test with its marks."""

    name: str
    marks: tuple[str, ...] = ()

    def get_closest_marker(self, name):
        return name if name in self.marks else None


ITEMS = (Item("a", ("slow",)), Item("b"), Item("c", ("long",)), Item("d", ("long", "slow")))


@pytest.mark.parametrize(("worker", "order"), [(None, "bcad"), ("gw0", "cdba")])
def test_long_files_come_first_where_processes_share_the_tests_and_else_the_quick_ones(worker, order, monkeypatch):
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    if worker:
        monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
    items = list(ITEMS)
    pytest_collection_modifyitems(items)
    assert "".join(item.name for item in items) == order


def test_a_file_that_takes_long_is_wholly_so(request):
    """The mark is a file's, so that its tests stay together."""
    longs = {}
    for item in request.session.items:
        longs.setdefault(item.path, set()).add(item.get_closest_marker("long") is not None)
    assert all(len(values) == 1 for values in longs.values())
