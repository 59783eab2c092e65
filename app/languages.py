"""The languages that the pages speak, by their own names: one place for the choice on the page, the settings and the tests.

Each but English has a catalogue in `translations/`, and its words in `translations/glossary.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch", "es": "Español", "ja": "日本語"}
