"""What the API says of itself: its limits, its document, and a page to try it."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, current_app, jsonify, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, Rule

from app.api.blueprint import blueprint
from app.api.context import person_id, session, settings
from app.api.openapi import DESCRIPTION, document
from app.api.operations import OPERATIONS, Operation, group_of
from app.api.problem import problem
from app.api.shapes import hidden_json
from app.option_words import engine_credit
from app.services.engines import engine_states
from app.services.hiding import hidden_things
from app.services.storage import storage_of
from app.wording import in_words

#: Of each kind; more are not told.
MOST_DELETED = 1000
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@blueprint.get("/limits")
def limits() -> Response:
    """What is accepted."""
    return jsonify(asdict(settings().limits))


@blueprint.get("/deleted")
def deleted() -> Response:
    """What the person can bring back."""
    return jsonify({"items": [hidden_json(each) for each in hidden_things(session(), person_id(), MOST_DELETED)]})


@blueprint.get("/storage")
def storage() -> Response:
    """How much the person keeps."""
    return jsonify(asdict(storage_of(session(), settings(), person_id())))


@blueprint.get("/engines")
def engines() -> Response:
    """What can make films here."""
    told = [
        {
            "name": state.name,
            "available": state.available,
            "sentence": None if state.lacking is None else in_words(state.lacking),
            "credit": engine_credit(state.name),
        }
        for state in engine_states()
    ]
    return jsonify({"engines": told})


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The document, for programs that make clients or checks of it."""
    answer = jsonify(document())
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


@blueprint.get("/docs")
def docs() -> str:
    """A page with all operations, each of which can be tried on it."""
    groups: dict[str, list[Operation]] = {}
    for operation in OPERATIONS:
        groups.setdefault(group_of(operation.path), []).append(operation)
    text = [lead_and_rest(paragraph) for paragraph in DESCRIPTION.strip().split("\n\n")]
    return render_template("api_docs.html", document_url=url_for("api.openapi"), groups=groups, description=text)


def lead_and_rest(paragraph: str) -> tuple[str, str]:
    """The bold words that a paragraph begins with, and what follows; as plain text."""
    plain = paragraph.replace("\n", " ").replace("`", "")
    _, lead, rest = plain.split("**", 2) if plain.startswith("**") else ("", "", plain)
    return lead, rest.strip()


@blueprint.route("/<path:rest>", methods=(*METHODS, "OPTIONS"), provide_automatic_options=False)
def unknown(rest: str) -> Response:
    """What no other view takes: an address that is not there, or one that knows other methods."""
    allowed = known_methods()
    return problem(405, None, {"Allow": ", ".join(allowed)}) if allowed else problem(404)


@blueprint.after_request
def name_methods(answer: Response) -> Response:
    """To OPTIONS, the methods that the address has; the view above, which takes all, hides that from Flask."""
    if request.method == "OPTIONS" and answer.status_code == 200:
        found = known_methods()
        answer.headers["Allow"] = ", ".join([*found, *(["HEAD"] if "GET" in found else []), "OPTIONS"])
    return answer


@blueprint.after_request
def tag_json(answer: Response) -> Response:
    """An answer in JSON bears a tag of its content (RFC 9110, 8.8.3): whoever has it already is told so, by 304."""
    if request.method in ("GET", "HEAD") and answer.status_code == 200 and answer.is_json:
        answer.add_etag()
        answer.make_conditional(request)
    return answer


def known_methods() -> list[str]:
    """The methods that the request's address has a view for, but HEAD and OPTIONS; an address of its own is no thing's id."""
    adapter = create_url_adapter()
    rules = {method: rule for method in METHODS if (rule := rule_of(adapter, method)) is not None}
    plain = {method: rule for method, rule in rules.items() if not rule.arguments}
    return list(plain or rules)


def create_url_adapter() -> MapAdapter:
    """What finds the views of addresses, for this request."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None  # it is None only without a request
    return adapter


def rule_of(adapter: MapAdapter, method: str) -> Rule | None:
    """The rule by which the request's address has a view for the method; None where it has none."""
    try:
        rule, _ = adapter.match(method=method, return_rule=True)
    except HTTPException:
        return None
    return None if rule.endpoint == f"{blueprint.name}.unknown" else rule
