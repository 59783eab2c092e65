"""HTML whose texts keep their messages: other words come into their places, and nothing else changes."""

from __future__ import annotations

import pytest

from core.message_html import START, element, reworded
from core.messages import message, number, translatable


def upper(said):
    return str(said).upper()


def test_other_words_come_into_the_places_of_the_messages():
    marked = element("td", translatable("best at {lag:.1f} ms & more", lag=2.5), 'class="number"')
    page = f'<!doctype html>{START}<body>\n<p>stays</p>{marked}\n<svg viewBox="0 0 1 1"><clipPath></clipPath></svg>\n'
    page += f"{element('text', number(0.5, 2))}</body>"
    assert ">best at 2.5 ms &amp; more</td>" in page and ">0.50</text>" in page
    said = reworded(page, upper, "xx")
    expected = page.replace(">best at 2.5 ms &amp; more</td>", ">BEST AT 2.5 MS &amp; MORE</td>").replace(
        'lang="en"', 'lang="xx"'
    )
    assert said == expected
    assert reworded(said, str, "en").replace('lang="xx"', 'lang="en"') == page


@pytest.mark.parametrize(
    "title", ['it\'s "<b>" & {value}', "'><p data-message='{}'>", "&#x27;&lt;", "two\nlines", "\u2028\x85\r"]
)
def test_what_a_person_wrote_is_kept_whole(title):
    page = START + "\n" + element("h1", message("metrics.report_title", title=title)) + element("p", message("metrics.no"))
    said = reworded(page, upper, "xx")
    assert said.endswith(">NO</p>") and said.count("NO</p>") == 1
    assert said.count("<h1") == said.count("</h1>") == 1 and said.count("<p ") == 1
    assert reworded(said, str, "en").replace('lang="xx"', 'lang="en"') == page


@pytest.mark.parametrize("page", ["", f"{START}<h1>How good is a & b?</h1><p>no", "<p data-messages='x'>no</p>", "\xff<"])
def test_a_page_without_messages_stays_as_it_is(page):
    assert reworded(page, upper, "xx") == page
