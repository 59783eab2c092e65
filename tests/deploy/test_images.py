"""The images' recipes, their entry and the secrets: linted, and run as far as no engine of containers is needed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from core.master_key import MasterKeySource
from tests.deploy.conftest import ROOT

RECIPES = ("deploy/Dockerfile", "deploy/Dockerfile.cuda")
BIN = Path(sys.executable).parent


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_linter_has_nothing_to_say(recipe):
    said = subprocess.run([BIN / "hadolint", "--no-color", ROOT / recipe], capture_output=True, text=True)
    assert (said.returncode, said.stdout) == (0, "")


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_recipes_speak_of_what_there_is(recipe):
    text = (ROOT / recipe).read_text()
    copied = [name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE) for name in line.split()]
    assert "." in copied and all((ROOT / name).exists() for name in copied)
    wanted = re.search(r"^DEBIAN_PACKAGES := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert wanted is not None and set(wanted[1].split()) <= set(text.split())
    assert re.search(r"^USER \d+$", text, re.MULTILINE), "nobody's rights but a user's"
    assert os.access(ROOT / "deploy" / "entry.sh", os.X_OK)


def test_nothing_secret_or_made_here_goes_into_an_image():
    left_out = set((ROOT / ".dockerignore").read_text().splitlines())
    assert {".git", "keys", "deploy/secrets", "uploads", "results", "weights/files"} <= left_out


def test_the_entry_takes_secrets_from_their_files_and_becomes_the_command(secrets):
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "BELCANTO_METRICS_TOKEN_FILE": str(secrets / "metrics_token"),
        "BELCANTO_STORAGE_OPTIONS_FILE": str(secrets / "storage_options"),
    }
    command = [ROOT / "deploy" / "entry.sh", "sh", "-c", 'printf "%s\n" "$BELCANTO_METRICS_TOKEN" "$BELCANTO_STORAGE_OPTIONS"']
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert said.returncode == 0, said.stderr
    token, options = said.stdout.splitlines()
    assert token == (secrets / "metrics_token").read_text() and json.loads(options)["key"] == "belcanto"


def test_the_entry_ends_where_a_secret_lacks(tmp_path):
    environment = {**os.environ, "BELCANTO_DATABASE_URL_FILE": str(tmp_path / "none")}
    said = subprocess.run([ROOT / "deploy" / "entry.sh", "true"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert said.returncode != 0 and "none" in said.stderr


def test_secrets_are_made_once_and_are_what_the_program_takes(secrets):
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    subprocess.run(["sh", ROOT / "deploy" / "secrets.sh", secrets], check=True)
    assert {path.name: path.read_text() for path in secrets.iterdir()} == before
    assert secrets.stat().st_mode & 0o077 == 0, "the folder is its owner's alone"
    url = make_url(before["database_url"])
    assert (url.host, url.password) == ("database", before["database_password"])
    assert json.loads(before["storage_options"])["secret"] == before["store_password"]
    assert MasterKeySource(file=secrets / "master_key").read()
