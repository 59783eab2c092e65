"""An avatar of a picture that lies sealed: it is opened for the session alone, and what is made of it is sealed too."""

from __future__ import annotations

import json
import time

from core.sealed_files import key_id_of
from core.vault import Vault
from core.workspace import Workspace
from live.service.orders import avatar_order
from live.session.open import open_avatar
from pipeline.cache_entries import SEALED
from tests.core.keys import OneKey


def test_a_sealed_portrait_comes_alive_and_nothing_of_it_lies_open_afterwards(tmp_path, root_dir, monkeypatch):
    monkeypatch.setenv("BELCANTO_CACHE_DIR", str(tmp_path / "cache"))
    vault, path = Vault(Workspace(tmp_path / "working"), OneKey(), True), tmp_path / "picture.jpg"
    vault.write_bytes(path, "somebody", (root_dir / "demo" / "portrait.jpg").read_bytes())
    seal = vault.seal_of(path, "somebody")
    asked = {"portrait": str(path), "height": 128, "mind": {"kind": "read_aloud"}, "seal": seal.as_json()}
    avatar = open_avatar(avatar_order(json.loads(json.dumps(asked))))
    assert avatar.ready.wait(120) and not avatar.failed
    assert vault.workspace.held() > 0
    avatar.close()
    end_s = time.monotonic() + 30.0
    while vault.workspace.held() and time.monotonic() < end_s:
        time.sleep(0.05)
    assert vault.workspace.held() == 0 and not (tmp_path / "working").exists()
    entries = list((tmp_path / "cache").glob("*/*/*"))
    assert entries and {entry.name for entry in entries} == {SEALED, "contents.json", "manifest.json"}
    assert all(key_id_of(entry) == seal.key.id for entry in entries if entry.name == SEALED)
