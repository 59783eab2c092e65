"""HTML whose texts keep their messages: a page is written once, in English, and said in the language of whoever reads it.

An element with a message holds its English sentence, for everybody who opens the file, and code and values in an attribute.
`reworded` puts other words in place of the English ones. A page without such elements, of an earlier program, stays as it is.
"""

from __future__ import annotations

import json
from html import escape
from html.parser import HTMLParser

from core.messages import Message, Worder, message_from_json

#: The attribute that keeps an element's message, as JSON.
ATTRIBUTE = "data-message"
START = '<html lang="en">'


def element(tag: str, said: Message, attributes: str = "") -> str:
    """An element that holds a message and nothing else. attributes: further ones, as HTML."""
    kept = escape(attribute_value(said), quote=False).replace("'", "&#x27;")
    return f"<{tag}{attributes and ' '}{attributes} {ATTRIBUTE}='{kept}'>{escape(str(said))}</{tag}>"


def attribute_value(said: Message) -> str:
    """A message as the attribute keeps it, not yet escaped."""
    return json.dumps(said.as_json(), ensure_ascii=False)


def reworded(page: str, word: Worder, language: str) -> str:
    """The page with every message worded by `word`, in the language of that code; all else as it stands."""
    finder = _MessageFinder(page)
    if not finder.found:
        return page
    parts, at = [], 0
    for begin, end, said in finder.found:
        parts += [page[at:begin], escape(word(said))]
        at = end
    return "".join([*parts, page[at:]]).replace(START, f'<html lang="{language}">', 1)


class _MessageFinder(HTMLParser):
    """Where the contents of a page's elements with messages stand.

    found: (begin, end, message) of each, by its places in the page.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.lines = [0]
        for line in page.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)
        self.found: list[tuple[int, int, Message]] = []
        #: tag, begin and message of the element whose end has not come yet.
        self.within: tuple[str, int, Message] | None = None
        self.feed(page)
        self.close()

    def _place(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """The beginning of a content where the element has a message."""
        kept = dict(attrs).get(ATTRIBUTE)
        if kept is not None and self.within is None:
            self.within = tag, self._place() + len(self.get_starttag_text() or ""), message_from_json(json.loads(kept))

    def handle_endtag(self, tag: str) -> None:
        """The end of such a content."""
        if self.within is not None and tag == self.within[0]:
            self.found.append((self.within[1], self._place(), self.within[2]))
            self.within = None
