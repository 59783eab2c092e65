"""The page on which people choose, and what their answers mean."""

from __future__ import annotations

import json

import pytest

from core.errors import InputError
from metrics.preference import Pair, attentive, by_question, counted, main, page_of, read_pairs, sign_test

PAIRS = [
    Pair("one", "a.mp4", "b.mp4"),
    Pair("two", "c.mp4", "d.mp4"),
    Pair("plain", "e.mp4", "blurred.mp4", "first"),
    Pair("plainer", "late.mp4", "f.mp4", "second"),
]


def test_the_sign_test_is_the_binomial_one():
    assert sign_test(0, 0) == 1
    assert sign_test(5, 5) == 1
    assert sign_test(10, 0) == pytest.approx(2 / 1024)
    assert sign_test(8, 2) == sign_test(2, 8) == pytest.approx(2 * (45 + 10 + 1) / 1024)


def person(one: str, two: str, plain: str = "first", plainer: str = "second") -> dict[str, str]:
    return {"one": one, "two": two, "plain": plain, "plainer": plainer}


def test_votes_are_counted_without_those_who_miss_the_controls():
    people = [person("first", "same")] * 9 + [person("second", "first")] + [person("second", "second", "second", "first")] * 5
    (one, two), left_out = counted(people, PAIRS)
    assert left_out == 5
    assert (one.first, one.second, one.same) == (9, 1, 0)
    assert one.told_apart
    assert (two.first, two.second, two.same) == (1, 0, 9)
    assert not two.told_apart
    assert attentive({"one": "first"}, PAIRS)
    assert not attentive(person("first", "first", plain="same", plainer="second"), PAIRS)


def test_votes_on_pairs_of_one_question_are_summed():
    pairs = [*(Pair(name, "a.mp4", "b.mp4", question="Whose lips?") for name in "abc"), Pair("d", "a.mp4", "b.mp4")]
    people = [{"a": "first", "b": "first", "c": "first", "d": "second"}] * 3
    lips, rest = by_question(counted(people, pairs)[0], pairs)
    assert (lips.name, lips.first, lips.second, lips.same) == ("Whose lips?", 9, 0, 0)
    assert lips.chance == pytest.approx(2 / 512) and lips.told_apart
    assert (rest.name, rest.first, rest.second) == ("", 0, 3) and not rest.told_apart


def test_a_pair_is_asked_its_own_question():
    page = page_of([Pair("one", "a.mp4", "b.mp4", question="Whose </lips>?"), Pair("two", "a.mp4", "b.mp4")], "Which?")
    shown = json.loads(page.partition("const pairs = ")[2].partition(";\n")[0])
    assert [pair["question"] for pair in shown] == ["Whose </lips>?", "Which?"]


def test_the_page_hides_the_controls_and_what_could_break_out():
    page = page_of([*PAIRS, Pair("</script>", "g.mp4", "h.mp4", "first")], "Which <one>?")
    assert "Which &lt;one&gt;?" in page
    assert page.count("</script>") == 1
    assert "control" not in page.replace("controls playsinline", "")
    assert "blurred.mp4" in page


def test_from_pairs_to_figures(tmp_path, capsys):
    pairs = tmp_path / "pairs.json"
    pairs.write_text(json.dumps([pair.__dict__ for pair in PAIRS]))
    assert read_pairs(pairs) == PAIRS
    assert main(["page", str(pairs), str(tmp_path / "page.html")]) == 0
    assert "late.mp4" in (tmp_path / "page.html").read_text()
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps({"answers": person("second", "same")}))
    assert main(["count", str(pairs), str(answers), str(answers)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["left_out"] == 0
    assert [(pair["second"], pair["same"], pair["told_apart"]) for pair in told["pairs"]] == [(2, 0, False), (0, 2, False)]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '[{"name": "x"}]',
        '[{"name": "x", "first": "a", "second": "b", "control": "left"}]',
        '[{"name": "x", "first": "a", "second": 3}]',
    ],
)
def test_what_is_no_list_of_pairs(tmp_path, content, capsys):
    path = tmp_path / "pairs.json"
    path.write_text(content)
    with pytest.raises(InputError):
        read_pairs(path)
    assert main(["page", str(path), str(tmp_path / "page.html")]) == 2
    assert str(path) in capsys.readouterr().err
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps({"answers": {"one": "left"}}))
    path.write_text(json.dumps([PAIRS[0].__dict__]))
    assert main(["count", str(path), str(answers)]) == 2
