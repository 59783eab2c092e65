"""What pages fetch: scripts together with those that they import."""

from __future__ import annotations

import re

from app.static_files import imports_of

MODULE = re.compile(r"""type="module" src="\{\{ url_for\('static', filename='js/([\w.]+)'\)""")


def test_what_scripts_import_is_fetched_with_them(client, root_dir):
    scripts, templates = root_dir / "static" / "js", root_dir / "templates"
    assert imports_of(scripts, "common.js") == () and imports_of(scripts, "upload.js") == ("common.js",)
    assert set(imports_of(scripts, "talk.js")) >= {"chat.js", "live_stream.js", "live_fragments.js"}
    page = client.get("/talk").text
    assert [page.count(f'rel="modulepreload" href="/static/js/{name}.js"') for name in ("live_fragments", "common")] == [1, 0]
    for template in templates.glob("*.html"):
        words = template.read_text()
        preloaded = set(re.findall(r'"([\w.]+)"', " ".join(re.findall(r"preload_imports\((.*?)\)", words))))
        used = set(MODULE.findall(words))
        assert {name for name in used if set(imports_of(scripts, name)) - {"common.js"}} == preloaded, template.name
