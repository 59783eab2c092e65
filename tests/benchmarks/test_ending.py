"""Every benchmark ends in a sentence and the exit code that belongs to it."""

from __future__ import annotations

import pytest

from benchmarks.ending import ends_in_words
from core.errors import InputError
from core.messages import as_written


def main_that_raises(error, **told):
    @ends_in_words(**told)
    def main(arguments=None):
        if error is not None:
            raise error
        return 7

    return main


def test_a_result_passes():
    assert main_that_raises(None)([]) == 7


@pytest.mark.parametrize(
    ("error", "told", "code", "said"),
    [
        (InputError(as_written("No such song.")), {}, 2, "No such song.\n"),
        (KeyboardInterrupt(), {}, 130, "Cancelled.\n"),
        (KeyboardInterrupt(), {"cancelled": "What was made is kept."}, 130, "What was made is kept.\n"),
    ],
)
def test_what_cannot_go_on_is_said(capsys, error, told, code, said):
    assert main_that_raises(error, **told)() == code
    assert capsys.readouterr().err == said


def test_a_mistake_of_the_program_is_none_of_it():
    with pytest.raises(ZeroDivisionError):
        main_that_raises(ZeroDivisionError())()
