"""Writes what Belcanto is made of as a software bill of materials (SBOM): `python docs/sbom.py FILE`, or `make sbom`.

CycloneDX 1.6 as JSON, checked against its schema: packages with the versions and SHA-256 that the lock files pin, model files,
and what rides in packages or in the repository, each with its licence. The same checkout gives the same file, byte for byte.
"""

from __future__ import annotations

import json
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from parts import ROOT, Carried, Package, carried, packages, weights

PREFIX = "belcanto:"


def of_package(package: Package) -> Component:
    """A package; its lock's SHA-256, one for each of its published files, are properties: each file is the package."""
    properties = [Property(name=f"{PREFIX}needed-by", value=package.needed_by)]
    properties += [Property(name=f"{PREFIX}file-sha256", value=digest) for digest in package.sha256]
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"package:{package.name}",
        purl=PackageURL("pypi", name=package.name, version=package.version),
        licenses=[LicenseFactory().make_from_string(package.licence)],
        scope=ComponentScope.REQUIRED if package.needed_by == "the program" else ComponentScope.OPTIONAL,
        properties=properties,
    )


def of_carried(part: Carried) -> Component:
    """What rides in a package or in the repository."""
    return Component(
        name=part.name,
        version=part.version or None,
        type=ComponentType.LIBRARY,
        bom_ref=f"carried:{part.name}",
        licenses=[LicenseFactory().make_from_string(part.licence)],
        properties=[Property(name=f"{PREFIX}where", value=part.where.replace("`", ""))],
    )


def of_weight(name: str, row: dict[str, Any]) -> Component:
    """A model file."""
    return Component(
        name=name,
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=f"model:{name}",
        description=row["purpose"],
        publisher=row["origin"],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=row["sha256"])],
        licenses=[LicenseFactory().make_from_string(row["licence"])],
        scope=ComponentScope.REQUIRED if row.get("default") else ComponentScope.OPTIONAL,
        properties=[Property(name=f"{PREFIX}use", value=row["use"])],
    )


def bill() -> str:
    """The bill of materials. Raises ValueError where it does not fit the schema."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    root = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        bom_ref="belcanto",
        licenses=[LicenseFactory().make_from_string(project["license"])],
    )
    bom = Bom(
        components=[*map(of_package, packages()), *map(of_carried, carried()), *(of_weight(*row) for row in weights().items())]
    )
    bom.metadata.component = root
    bom.register_dependency(root, bom.components)
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    content = json.loads(text)
    del content["metadata"]["timestamp"], content["serialNumber"]  # two bills of one checkout are the same
    content["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(content, sort_keys=True))}"
    text = json.dumps(content, indent=2) + "\n"
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        raise ValueError(f"The bill of materials does not fit CycloneDX 1.6: {wrong.data}")
    return text


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python docs/sbom.py FILE")
    Path(sys.argv[1]).write_text(bill(), encoding="utf-8")
