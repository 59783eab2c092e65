"""What Belcanto is made of: every package, model file and carried part has its licence on the page and in the bill."""

from __future__ import annotations

import importlib.metadata
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).resolve().parent.parent
PARTS = runpy.run_path(str(ROOT / "docs" / "parts.py"))
PACKAGES = PARTS["packages"]()
#: What packages say of their licence in words of their own, and the SPDX names that may be meant.
WORDS = {
    "apache": ("Apache-2.0",),
    "mit": ("MIT", "MIT-0", "MIT-CMU"),
    "bsd": ("BSD-2-Clause", "BSD-3-Clause", "0BSD"),
    "isc": ("ISC",),
    "mozilla": ("MPL-2.0",),
    "mpl": ("MPL-2.0",),
    "python software foundation": ("PSF-2.0",),
    "psf": ("PSF-2.0",),
    "lgpl": ("LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later"),
    "lesser general": ("LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later"),
    "permission is hereby granted, free of charge": ("MIT",),
    "redistribution and use in source and binary forms": ("BSD-2-Clause", "BSD-3-Clause"),
}
#: And of a tool of the tests alone, which is run as a program of its own.
STRICT = {"gpl-3": ("GPL-3.0-only", "GPL-3.0-or-later")}
#: Licences that a package of the program may have: none of them reaches our own code.
GENTLE = {name for names in WORDS.values() for name in names} | {"Zlib", "CC0-1.0", "BSL-1.0", "Apache-2.0 WITH LLVM-exception"}


def own_words(name):
    """What an installed package says: its SPDX expression where it has one, else its words, else its licence file."""
    found = importlib.metadata.distribution(name)
    meta = found.metadata
    if meta.get("License-Expression"):
        return meta["License-Expression"], ""
    classifiers = [line.rpartition(" :: ")[2] for line in meta.get_all("Classifier", []) if line.startswith("License ::")]
    words = " ".join([*classifiers, (meta.get("License") or "").strip().split("\n")[0]])
    if not any(word in words.lower() for word in WORDS | STRICT):
        files = [file for file in found.files or [] if "licen" in file.name.lower() or "copying" in file.name.lower()]
        words = " ".join(" ".join(file.read_text().split()) for file in files)
    return "", words.lower()


def meant(words):
    """The SPDX names that words may mean."""
    return {
        name for word, names in (WORDS | STRICT).items() if re.search(rf"(?<![a-z]){re.escape(word)}", words) for name in names
    }


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_package_has_the_licence_that_it_tells(package):
    try:
        expression, words = own_words(package.name)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{package.name} is not for this system, so that only its row can be read")
    if expression:
        assert package.licence == expression
    else:
        assert set(re.split(r" (?:OR|AND) ", package.licence)) & meant(words), words[:300]


def test_a_wrong_licence_would_be_noticed():
    assert "GPL-3.0-only" not in meant("mit license") and meant("licensed under apache 2.0") == {"Apache-2.0"}
    assert meant("admitted to the lobsd") == set()


def test_no_package_of_the_program_binds_our_own_code():
    for package in PACKAGES:
        terms = set(re.split(r" (?:OR|AND) ", package.licence))
        assert terms <= GENTLE or package.needed_by != "the program", f"{package.name}: {package.licence}"


def test_the_page_is_up_to_date():
    assert PARTS["page"]() == PARTS["PAGE"].read_text(encoding="utf-8"), "run: make licences"


def test_licences_are_known_for_the_locked_packages_alone():
    assert set(PARTS["known"]()["packages"]) == {package.name for package in PACKAGES}


def test_what_is_carried_is_where_the_page_says():
    names = {package.name for package in PACKAGES}
    for part in PARTS["carried"]():
        where = re.search("`(.+)`", part.where)[1]
        assert where in names if part.where.startswith("package") else (ROOT / where).is_dir(), part
    carried = {path for part in PARTS["carried"]() for path in re.findall("`(static/.+)`", part.where)}
    assert carried == {f"static/vendor/{path.name}" for path in (ROOT / "static" / "vendor").iterdir()}


def test_the_bill_of_materials_has_all_and_fits_the_schema(tmp_path):
    files = [tmp_path / name for name in ("one.json", "two.json")]
    for file in files:
        subprocess.run([sys.executable, ROOT / "docs" / "sbom.py", file], check=True, timeout=120)
    text = files[0].read_text(encoding="utf-8")
    assert files[1].read_text(encoding="utf-8") == text, "the same checkout, the same bill"
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    parts = {part["bom-ref"]: part for part in json.loads(text)["components"]}
    assert len(parts) == len(PACKAGES) + len(PARTS["carried"]()) + len(PARTS["weights"]())
    assert all(part["licenses"] for part in parts.values())
    for name, row in PARTS["weights"]().items():
        assert parts[f"model:{name}"]["hashes"] == [{"alg": "SHA-256", "content": row["sha256"]}]
    for package in PACKAGES:
        told = [line["value"] for line in parts[f"package:{package.name}"]["properties"] if line["name"].endswith("sha256")]
        assert sorted(told) == sorted(package.sha256) and parts[f"package:{package.name}"]["version"] == package.version
        assert told or package.needed_by != "the program"


def test_a_lock_is_read_as_it_stands():
    lock = "a-b==1.0 ; sys_platform == 'win32' \\\n    --hash=sha256:" + "a" * 64 + " \\\n    --hash=sha256:" + "b" * 64
    read = PARTS["locked"](f"# by uv\n{lock}\n    # via c\nC_d[json]==2\n")
    assert read == {"a-b": ("1.0", ("a" * 64, "b" * 64)), "c-d": ("2", ())}
