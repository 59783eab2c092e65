"""Scripts as tables: written, edited in any spreadsheet, read again."""

from __future__ import annotations

import pytest

from core.errors import InputError
from pipeline.translating.table import (
    DubScript,
    ScriptLine,
    read_script,
    script_from_json,
    seconds_of,
    voices_of,
    write_script,
)

SCRIPT = DubScript(
    (
        ScriptLine(0.5, 3.25, 1, "af_heart", "Guten Tag, „Freunde“; hallo.", "Good day, friends."),
        ScriptLine(3661.001, 3662.5, 0, "", "Nein.", "No."),
        ScriptLine(3663.0, 3664.0, 2, "am_adam", "…", ""),
    ),
    "en",
)


def test_a_table_comes_back_as_it_was(tmp_path):
    write_script(tmp_path / "s.csv", SCRIPT)
    assert read_script(tmp_path / "s.csv", "en") == SCRIPT
    assert script_from_json(SCRIPT.as_json()) == SCRIPT
    assert [line.text for line in SCRIPT.spoken] == ["Good day, friends.", "No."]
    assert voices_of(SCRIPT, "bf_emma") == ("af_heart", "bf_emma")


@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_what_spreadsheets_make_of_it_is_read(tmp_path, separator):
    rows = [["Start", "END ", "text", "face", "note"], ["0:01", "0:03.5" if separator == "," else "0:03,5", "Hi", "", "x"]]
    text = "\r\n".join(separator.join(row) for row in rows)
    (tmp_path / "s.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_script(tmp_path / "s.csv", "en").lines == (ScriptLine(1.0, 3.5, 0, "", "", "Hi"),)


def test_rows_are_put_into_order(tmp_path):
    (tmp_path / "s.csv").write_text("start,end,text\n5,6,b\n1,2,a\n", encoding="utf-8")
    assert [line.text for line in read_script(tmp_path / "s.csv", "en").lines] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("start,text\n1,a\n", "columns"),
        ("", "columns"),
        ("start,end,text\n1,2,a\n3,2,b\n", "Row 2"),
        ("start,end,text\nnoon,2,a\n", "Row 1"),
        ("start,end,face,text\n1,2,everybody,a\n", "everybody"),
        (f"start,end,text\n1,2,{'a' * 1001}\n", "1000"),
        ("start,end,text\n" + "1,2,a\n" * 5001, "5000"),
    ],
)
def test_what_can_not_be_read_is_said_with_its_row(tmp_path, text, said):
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_script(tmp_path / "s.csv", "en")


def test_another_coding_is_told_of(tmp_path):
    (tmp_path / "s.csv").write_bytes("start,end,text\n1,2,Äpfel\n".encode("latin-1"))
    with pytest.raises(InputError, match="UTF-8"):
        read_script(tmp_path / "s.csv", "en")


@pytest.mark.parametrize("given", [{}, {"lines": 3, "language": "en"}, {"lines": [3], "language": "en"}])
def test_json_that_is_no_script_is_refused(given):
    with pytest.raises(InputError):
        script_from_json(given)


@pytest.mark.parametrize(
    ("told", "seconds"), [("1:02:03.5", 3723.5), ("2:03", 123.0), ("7,25", 7.25), (4, 4.0), ("", None), ("x", None), (True, None)]
)
def test_times_are_read(told, seconds):
    assert seconds_of(told) == seconds
