"""The blueprint that the API's views hang on, with what holds for all of them."""

from __future__ import annotations

import re

from flask import Blueprint, request

from app.api.openapi import PREFIX
from app.api.origin import refuse_other_sites
from app.api.problem import SENTENCES, ApiError, register_problems
from app.api.schema_parts import ID


def check_ids() -> None:
    """Raises ApiError 404 for an id in the address that none of ours can be; not every database takes all signs."""
    for name, value in (request.view_args or {}).items():
        if name.endswith("_id") and not re.fullmatch(ID["pattern"], value):
            raise ApiError(404, SENTENCES[404])


blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
blueprint.before_request(refuse_other_sites)
blueprint.before_request(check_ids)
register_problems(blueprint, PREFIX)
