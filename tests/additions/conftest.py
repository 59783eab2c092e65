"""What the tests of additions share."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from flask_babel import Babel
from flask_wtf import CSRFProtect


@pytest.fixture
def german_pages(tmp_path, request):
    """An application with the translations that the test's module brings for its toy."""
    catalog = Catalog("de")
    for english, german in request.module.GERMAN.items():
        catalog.add(english, german)
    folder = tmp_path / "translations" / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    app = Flask("toys")
    app.config.update(BABEL_TRANSLATION_DIRECTORIES=str(tmp_path / "translations"), SECRET_KEY="s", WTF_CSRF_ENABLED=False)
    Babel(app)
    CSRFProtect(app)
    return app
