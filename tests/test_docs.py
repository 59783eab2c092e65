"""The documentation keeps its word: its commands exist, take the options shown and run; its links lead somewhere.

Blocks fenced as `sh` hold commands; each is checked against the program's own help, and so is each line of a `text` block that
begins with our Python or `make`, as a benchmark's does beside its figures. Those fenced as `sh run` are carried out,
in the order of the page, on the demo media; a long one is shortened by options that the page does not give.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

from weights.fetch import weights_dir
from weights.registry import registry

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "CONTRIBUTING.md", *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")))
OUR_PYTHON = (".venv/bin/python", "python")
OTHER_PROGRAMS = ("git", "cd", "sudo")
#: What makes a documented command short enough for a test, where the page does not give the option itself.
SHORTER = {
    "pipeline sing": {"--start": "3.2", "--duration": "1.2", "--height": "320"},
    "pipeline speak": {"--fps": "10", "--lips": "features"},
    "pipeline dub": {"--duration": "1.2"},
    "pipeline transfer": {"--duration": "1.2"},
    "separation": {"--duration": "3"},
}
RUN_LIMIT_S = 300


@dataclass(frozen=True)
class Documented:
    """One command of a page. runs: whether it is carried out."""

    document: str
    words: tuple[str, ...]
    runs: bool

    def __str__(self):
        return f"{self.document}: {shlex.join(self.words)}"


def commands_of(document):
    """The commands in a page's `sh` and `text` blocks, with continued lines joined and comments left out."""
    text = (ROOT / document).read_text(encoding="utf-8")
    found = []
    for info, block in re.findall(r"^```((?:sh|text)\b[^\n]*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if info == "text" and not line.startswith((".venv/bin/python -m ", "make ")):
                continue
            if words := shlex.split(line, comments=True):
                found.append(Documented(document, tuple(words), "run" in info.split()))
    return found


COMMANDS = [command for document in DOCUMENTS for command in commands_of(document)]
RUNNABLE = [command for command in COMMANDS if command.runs]


@lru_cache
def help_of(*words):
    """What `python -m WORDS --help` prints."""
    run = subprocess.run([sys.executable, "-m", *words, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, f"python -m {' '.join(words)} --help: {run.stderr}"
    return run.stdout


def program_of(words):
    """`pipeline sing` of `python -m pipeline sing --portrait ...`: the module, with its subcommand where it has some."""
    module, first = words[2], words[3] if len(words) > 3 else ""
    subcommand = bool(re.fullmatch(r"[a-z]+", first)) and bool(
        re.search(rf"[{{|,]{first}[|,}}]|^    {first} ", help_of(module), re.MULTILINE)
    )
    return (module, first) if subcommand else (module,)


def options_in(text):
    """The long options that a help text or a sentence names."""
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def test_there_are_commands_to_check():
    assert {"README.md", "CONTRIBUTING.md"} <= {command.document for command in COMMANDS}
    assert len(RUNNABLE) >= 5


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_command_exists_and_takes_its_options(command):
    words = command.words
    if words[0] == "make":
        run = subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, run.stderr
    elif words[0] in OUR_PYTHON:
        assert words[1] == "-m", "documented commands are modules"
        if words[2] not in ("pip", "pytest", "venv"):
            unknown = options_in(" ".join(words)) - options_in(help_of(*program_of(words)))
            assert not unknown, f"{program_of(words)} has no {unknown}"
    else:
        assert words[0] in OTHER_PROGRAMS, f"a program that the page does not introduce: {words[0]}"


@pytest.mark.slow
def test_every_option_in_the_text_exists():
    programs = {
        program_of(command.words)
        for command in COMMANDS
        if command.words[0] in OUR_PYTHON and command.words[2] not in ("pip", "pytest")
    }
    known = set().union(*(options_in(help_of(*program)) for program in programs)) | {"--no-deps", "--require-hashes"}
    for document in DOCUMENTS:
        spans = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", (ROOT / document).read_text(encoding="utf-8"))
        assert not options_in(" ".join(spans)) - known, document


@pytest.mark.parametrize(
    "program",
    [("pipeline", "sing"), ("pipeline", "speak"), ("pipeline", "motion"), ("pipeline", "emotion"), ("app",)],
    ids=" ".join,
)
def test_every_option_of_the_program_is_in_the_readme(program):
    assert not options_in(help_of(*program)) - options_in((ROOT / "README.md").read_text(encoding="utf-8")) - {"--help"}


DOORS = ("pipeline", "live", "app")


def test_every_setting_of_the_environment_exists_and_is_in_the_readme():
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for room in ("core", "media", "weights", "provenance", "neural", "separation", "speech", "jobs", *DOORS)
        for path in (ROOT / room).rglob("*.py")
    )
    in_code, in_readme = (
        set(re.findall(r"BELCANTO_[A-Z0-9_]+", text)) for text in (sources, (ROOT / "README.md").read_text(encoding="utf-8"))
    )
    assert in_readme == in_code


def test_every_default_weight_and_its_licence_is_in_the_readme():
    rows = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    for weight in registry().values():
        if weight.default or weight.use == "metric only":
            assert any(f"`{weight.name}`" in row and weight.licence in row for row in rows), weight.name


@pytest.mark.parametrize("document", (*DOCUMENTS, "CHANGELOG.md", "SECURITY.md", "demo/CREDITS.md"))
def test_links_lead_to_files(document):
    page = ROOT / document
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)|<img[^>]*src=\"([^\"]+)\"", page.read_text(encoding="utf-8"))
    local = [target for pair in targets for target in pair if target and not re.match(r"[a-z]+:", target)]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory):
    """A folder like a fresh checkout's: the demo media and an empty `results`, and a cache of its own."""
    folder = tmp_path_factory.mktemp("newcomer")
    shutil.copytree(ROOT / "demo", folder / "demo")
    (folder / "results").mkdir()
    return folder


def shortened(words):
    """The command with options that make it quick, where the page gave no value of its own."""
    extra = SHORTER.get(" ".join(program_of(words)), {})
    return [*words, *(word for option, value in extra.items() if option not in words for word in (option, value))]


@pytest.mark.slow
@pytest.mark.parametrize("command", RUNNABLE, ids=str)
def test_documented_command_runs(command, newcomer):
    assert command.words[0] in OUR_PYTHON, "only the program's own commands are marked to be run"
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "BELCANTO_CACHE_DIR": str(newcomer / "results" / "cache"),
        "BELCANTO_WEIGHTS_DIR": str(weights_dir().resolve()),
    }
    run = subprocess.run(
        [sys.executable, *shortened(command.words)[1:]],
        cwd=newcomer,
        env=environment,
        capture_output=True,
        text=True,
        timeout=RUN_LIMIT_S,
    )
    assert run.returncode == 0, f"{command}\n{run.stdout}\n{run.stderr}"
    for option, value in zip(command.words, command.words[1:], strict=False):
        if option == "--out":
            assert (newcomer / value).exists(), f"{command} wrote no {value}"
