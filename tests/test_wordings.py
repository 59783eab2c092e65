"""Every code that the sources tell has a wording in every language, its values fit it, and nothing is told without a code."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from functools import cache

import pytest
from babel.messages.pofile import read_po

from app.languages import LANGUAGES
from core.messages import WORDINGS
from core.places import COMMANDS as CALLS
from tests.test_layout import ROOMS, module_name, sources, tree_of
from tests.wordings import COMMANDS, ROOT, all_wordings, packages

#: Who may say a sentence that is there already: what only a terminal reads, and rows of earlier programs.
MAY_SAY_AS_WRITTEN = (
    "benchmarks.",
    "lipsync.musetalk.training.",
    "lipsync.training_films.",
    "lipsync.wav2lip.training.",
    "motion.emotion.training.",
    "motion.singing.training.",
    "speech.emotion.training.",
    "core.messages",
    "app.migrations.",
    "weights.__main__",
)
CODE = re.compile(rf"(?:{'|'.join(ROOMS)})(?:\.[a-z_0-9]+)+")
#: Every regular expression of the application, by its module, and what it reads: values that have a form, and no sentence.
EXPRESSIONS = {
    ("app.accounts.passwords", "compile"): "the signs at the ends of a password",
    ("app.accounts.passwords", "fullmatch"): "what a password repeats, and whether it is a date",
    ("app.api.blueprint", "fullmatch"): "an id in an address",
    ("app.api.bodies", "fullmatch"): "a text of a request's JSON, by its schema's pattern",
    ("app.api.openapi", "findall"): "the places of an address's pattern: /films/{film_id}",
    ("app.context", "compile"): "the person's id in the cookie",
    ("app.services.listing", "compile"): "an id in the cursor of a list",
    ("app.pages.choice", "compile"): "a time that a person types: 1:23.5",
    ("app.static_files", "compile"): "the name in a script's import of another one",
}
#: Columns of tables and files, which look like codes.
NOT_CODES = ("jobs.id", "motion.csv")


@cache
def error_names():
    """Names of all classes of errors for persons, wherever they are defined."""
    classes = [node for path in sources(*ROOMS) for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)]
    names = {"BelcantoError"}
    while more := {c.name for c in classes if any(getattr(base, "id", "") in names for base in c.bases)} - names:
        names |= more
    return names


def places(template):
    """The places of values; those of commands are filled by themselves."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None} - set(CALLS)


def telling_calls(tree):
    """Calls that make an error or a message of a code: (the node of the code, names of the values or None for `**`)."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in error_names() or name in ("message", "Message"):
            values = {keyword.arg for keyword in node.keywords}
            yield node.args[0], None if None in values else values, node.lineno


def is_made_text(node):
    """Whether the node makes a text at this place, which can't be a code."""
    if isinstance(node, ast.JoinedStr | ast.BinOp):
        return True
    if isinstance(node, ast.IfExp):
        return is_made_text(node.body) or is_made_text(node.orelse)
    if isinstance(node, ast.Call):
        return getattr(node.func, "id", "") == "str" or getattr(node.func, "attr", "") in ("format", "join")
    return False


def translatable_faults(tree):
    """What is wrong with the texts that stand where they are used: each is written out, and its values fit it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "translatable":
            names = {keyword.arg for keyword in node.keywords}
            if None in names:
                continue  # made of places alone
            text = node.args[0]
            if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
                yield f"line {node.lineno}: a text that no catalogue can know"
            elif names != places(text.value):
                yield f"line {node.lineno}: {text.value!r} is told with {sorted(names)}"


def expressions_of(tree):
    """Functions of the module `re` that a module uses."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "re":
            if node.attr.islower() and node.attr != "escape":
                yield node.attr
        elif isinstance(node, ast.ImportFrom) and node.module == "re":
            yield from (alias.name for alias in node.names)


def faults(tree, known):
    """What is wrong with the codes and values of a module."""
    found = []
    for code, values, line in telling_calls(tree):
        if is_made_text(code):
            found.append(f"line {line}: a text in place of a code")
        elif isinstance(code, ast.Constant) and code.value not in known and code.value:
            found.append(f"line {line}: {code.value!r} has no wording")
        elif isinstance(code, ast.Constant) and code.value and values is not None:
            wording = known[code.value]
            if values != places(wording.terminal) | places(wording.visitor or ""):
                found.append(f"line {line}: {code.value} is told with {sorted(values)}")
    return found


@cache
def codes_in(path):
    """Everything in a module that looks like a code, and is no module's name."""
    texts = {node.value for node in ast.walk(tree_of(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {
        text
        for text in texts - set(NOT_CODES)
        if CODE.fullmatch(text) and text.rpartition(".")[0] in packages() and not is_module(text)
    }


def is_module(name):
    file = ROOT.joinpath(*name.split("."))
    return file.is_dir() or file.with_suffix(".py").exists()


@pytest.mark.parametrize("path", sources(*ROOMS), ids=module_name)
def test_whatever_is_told_has_a_wording(path):
    known = all_wordings()
    assert faults(tree_of(path), known) == []
    assert sorted(set(codes_in(path)) - set(known)) == []
    assert path.name == "messages.py" or list(translatable_faults(tree_of(path))) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("raise InputError('media.picture_damaged', name=path.name)", ""),
        ("raise InputError(error.message)", ""),
        ("raise InputError('media.picture_on_fire', name=path.name)", "has no wording"),
        ("raise errors.InputError('The picture is on fire.')", "has no wording"),
        ("raise MissingError(f'{name} is missing.')", "a text in place"),
        ("raise NotFound('There is no ' + name)", "a text in place"),
        ("raise KindError(str(error))", "a text in place"),
        ("run.note(message('media.picture_damaged'))", "is told with []"),
        ("raise InputError('media.picture_damaged', name=1, size=2)", "is told with ['name', 'size']"),
        ("note(message('a' if b else f'{c}'))", "a text in place"),
    ],
)
def test_the_search_for_faults_can_find_some(source, fault):
    found = faults(ast.parse(source), all_wordings())
    assert (fault in found[0]) if fault else not found


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("Plot(translatable('best at {lag:.0f} ms', lag=lag), draw)", ""),
        ("Plot(translatable('best at {lag:.0f} ms'), draw)", "is told with []"),
        ("translatable('Flicker', lag=1)", "is told with ['lag']"),
        ("translatable(f'{title} over time')", "no catalogue"),
        ("messages.translatable(title)", "no catalogue"),
    ],
)
def test_the_search_for_faults_of_texts_can_find_some(source, fault):
    found = list(translatable_faults(ast.parse(source)))
    assert (fault in found[0]) if fault else not found


def test_every_wording_is_used():
    told = {code for path in sources(*ROOMS) for code in codes_in(path)}
    assert len(told) > 250
    assert sorted(set(all_wordings()) - told) == []


def test_only_terminals_are_told_sentences_without_codes():
    for path in sources(*ROOMS):
        calls = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
        if any(getattr(call.func, "id", "") == "as_written" for call in calls):
            assert f"{module_name(path)}.".startswith(tuple(MAY_SAY_AS_WRITTEN)), path


@pytest.mark.parametrize("package", packages())
def test_tables_of_wordings_are_whole(package):
    tables = tomllib.loads((ROOT.joinpath(*package.split(".")) / WORDINGS).read_text(encoding="utf-8"))
    everyone, terminal, visitor = (tables.get(name, {}) for name in ("everyone", "terminal", "visitor"))
    assert set(tables) <= {"everyone", "terminal", "visitor"}
    assert set(visitor) <= set(terminal) and not set(everyone) & set(terminal)
    assert [name for name in visitor if visitor[name] == terminal[name]] == []
    for template in [*everyone.values(), *terminal.values(), *visitor.values()]:
        assert "  " not in template and template == template.strip()


def test_no_visitor_reads_a_command():
    templates = [wording.visitor for wording in all_wordings().values() if wording.visitor is not None]
    assert [template for template in templates if COMMANDS.search(template)] == []
    assert sum(bool(COMMANDS.search(wording.terminal)) for wording in all_wordings().values()) > 40


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_every_code_is_worded_in_the_language(language):
    with (ROOT / "app" / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        texts = {message.id: message.string for message in read_po(file, language) if isinstance(message.id, str)}
    for code, wording in all_wordings().items():
        if wording.visitor is None:
            continue
        assert texts.get(wording.visitor), f"{code} has no wording in the language {language}"
        fields = [
            sorted((name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name is not None)
            for text in (wording.visitor, texts[wording.visitor])
        ]
        assert set(fields[0]) == set(fields[1]), code


def test_the_pages_read_no_sentence():
    """Nothing of the application takes a sentence apart to find out what it says; each regular expression is known by name."""
    used = {(module_name(path), function) for path in sources("app") for function in expressions_of(tree_of(path))}
    assert sorted(used) == sorted(EXPRESSIONS)
    assert set(expressions_of(ast.parse("from re import sub\nTEXT = re.compile('x', re.DOTALL)"))) == {"sub", "compile"}
    for path in sources("app"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"str\((?:error|\w*message|\w*note)\)\.|in str\(error\)", text), path
