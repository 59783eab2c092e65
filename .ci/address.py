"""Writes the repository's address into every page that speaks of it: `make address REPOSITORY=https://...`.

The address is one setting, `Repository` of `[project.urls]` in pyproject.toml. What depends on it stands in passages between a
line with `address: NAME` and one with `address end`; this program knows their words with an address and without one, and writes
them anew. In the notebook it is the value of REPOSITORY. Without an address (`make address REPOSITORY=`) the pages say how to do
without.

Exit codes: 0 done; 2 the address can't be used, and then no file was changed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = "colab_launch.ipynb"
PAGES = ("README.md", "CHANGELOG.md", "SECURITY.md", ".github/ISSUE_TEMPLATE/config.yml", "pyproject.toml")
PASSAGE = re.compile(
    r"^(?P<open>(?:<!--|#) address: (?P<name>[a-z]+)(?: -->)?\n)(?P<words>.*?)(?P<close>^(?:<!--|#) address end(?: -->)?$)",
    re.MULTILINE | re.DOTALL,
)
SETTING = re.compile(r'^(    "REPOSITORY = \\").*?(\\")', re.MULTILINE)
COLAB_GUIDE = """\
To try it on [Colab](https://colab.research.google.com), where nothing is installed on your computer: choose *File*,
*Upload notebook* there and give it [colab_launch.ipynb](colab_launch.ipynb). Then upload the program into the runtime's *Files*,
as the file that this command makes, and choose *Runtime*, *Run all*:

```sh
git archive --output belcanto.zip HEAD
```
"""
BADGE = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github/{path}/blob/main/colab_launch.ipynb)\n"
)
INSTALL = """\
```text
pipx install {source}
uv tool install {source}
pip install {source}
pipx install {neural}    # with torch, for the engine sadtalker and restored faces
```
"""


def colab(address: str) -> str:
    """How to open the notebook: by one click, which Colab offers for GitHub alone, or by upload."""
    github = re.fullmatch(r"https://github\.com/([^/]+/[^/]+)", address)
    return BADGE.format(path=github[1]) if github else COLAB_GUIDE


def install(address: str) -> str:
    """The commands that install the program, from here or from there."""
    if not address:
        return INSTALL.format(source=".", neural='".[neural]"')
    return INSTALL.format(source=f"git+{address}", neural=f'"belcanto[neural] @ git+{address}"')


def security(address: str) -> str:
    """Where to tell of a hole."""
    if not address:
        return "Write to whom you have the program from, in private.\n"
    return f"Write to the maintainers in private: {address}/security/advisories/new, or by the address in their profile.\n"


def contact(address: str) -> str:
    """What stands beside the forms for issues."""
    if not address:
        return ""
    about = "about: Please don't tell of them in public."
    return f"contact_links:\n  - name: Security\n    url: {address}/blob/main/SECURITY.md\n    {about}\n"


#: The passages by name; each gets the address, or an empty one.
WORDS: dict[str, Callable[[str], str]] = {
    "colab": colab,
    "install": install,
    "changelog": lambda address: f"[Unreleased]: {address}/commits/main\n" if address else "",
    "security": security,
    "contact": contact,
    "urls": lambda address: f'[project.urls]\nRepository = "{address}"\n' if address else "",
}


def checked(text: str) -> str:
    """The address as it is written everywhere. Raises ValueError with a sentence where it is none."""
    address = text.strip().rstrip("/").removesuffix(".git")
    if address and not re.fullmatch(r"https://[\w.-]+(?::\d+)?(?:/[\w.~-]+)+", address):
        raise ValueError(
            f"'{text}' is no address of a repository; give it as https://github.com/NAME/belcanto: make address REPOSITORY=https://..."
        )
    return address


def filled(text: str, address: str) -> str:
    """A page with all its passages written for this address."""
    return PASSAGE.sub(lambda found: found["open"] + WORDS[found["name"]](address) + found["close"], text)


def main(arguments: list[str]) -> int:
    """Write the address into all files; returns the exit code."""
    try:
        address = checked(" ".join(arguments))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    for page in PAGES:
        path = ROOT / page
        path.write_text(filled(path.read_text(encoding="utf-8"), address), encoding="utf-8")
    notebook = ROOT / NOTEBOOK
    text = SETTING.sub(lambda found: found[1] + address + found[2], notebook.read_text(encoding="utf-8"))
    json.loads(text)
    notebook.write_text(text, encoding="utf-8")
    print(f"The pages name {address}." if address else "The pages name no repository.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
