"""Write the bill of materials of an image: what is in it, under which licence, from which file.

It is CycloneDX JSON, made of the files alone: the same ones give the same bytes. The
Debian packages of the base are listed in the image, in debian-packages.txt beside it.
"""

from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from mpi_tar import list_parts
from pins import describe_target
from wheelhouse import sha256

__all__ = ["write_bill"]


def write_bill(
    title: str, version: str, base: str, wheels: Iterable[Path], mpi: Path | None = None
) -> str:
    """Return the bill of materials of an image as CycloneDX JSON. Local.

    Parameters
    ----------
    title, version
        Of the image.
    base
        What it starts from: a reference, or the name of the base that was made here.
    wheels
        Everything that is installed on top of that.
    mpi
        The tar file of the MPI, where it is not a wheel.
    """
    found = {wheel: next(iter(distributions(path=[str(wheel)]))) for wheel in sorted(wheels)}
    parts = {
        canonicalize_name(distribution.name): describe(wheel, distribution)
        for wheel, distribution in found.items()
    }
    others = [describe_mpi(mpi)] if mpi else []
    image = Component(name=title, version=version, type=ComponentType.CONTAINER, bom_ref=title)
    system = Component(name=base, type=ComponentType.OPERATING_SYSTEM, bom_ref="base")
    bom = Bom(components=[system, *parts.values(), *others])
    bom.metadata.component = image
    bom.register_dependency(image, [system, *parts.values(), *others])
    for distribution in found.values():
        needs = sorted(parts.keys() & read_needs(distribution))
        part = parts[canonicalize_name(distribution.name)]
        bom.register_dependency(part, [parts[name] for name in needs])
    files = [*found, *([mpi] if mpi else [])]
    # No time and no random number: the same files give the same bytes.
    bom.serial_number = uuid5(NAMESPACE_URL, "".join(map(sha256, files)))
    bom.metadata.timestamp = None  # type: ignore[assignment]  # the format can do without
    bom.metadata.properties.add(Property(name="cdx:reproducible", value="true"))
    return JsonV1Dot6(bom).output_as_string(indent=2)


def describe(wheel: Path, distribution: Distribution) -> Component:
    """Return what the bill says of one wheel."""
    name = canonicalize_name(distribution.name)
    # Ours are built from the checkout: the index would give others.
    ours = name.startswith("hpcpy-")
    texts = read_licences(distribution)
    return Component(
        name=name,
        version=distribution.version,
        bom_ref=f"{name}=={distribution.version}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256(wheel))],
        licenses=[LicenseFactory().make_from_string(text) for text in texts],
        purl=None if ours else PackageURL("pypi", name=name, version=distribution.version),
    )


def describe_mpi(tar: Path) -> Component:
    """Return what the bill says of an MPI in a tar file, and of what that has of others."""
    mpi, *inside = list_parts(tar)
    return Component(
        name=mpi.name,
        version=mpi.version,
        bom_ref=f"{tar.name}/{mpi.name}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256(tar))],
        licenses=[LicenseFactory().make_from_string(mpi.licence)],
        components=[
            Component(
                name=part.name,
                version=part.version,
                bom_ref=f"{tar.name}/{part.name}",
                licenses=[LicenseFactory().make_from_string(part.licence)],
            )
            for part in inside
        ],
    )


def read_licences(distribution: Distribution) -> list[str]:
    """Return the licence that a distribution declares; old ones name it in one of three ways."""
    fields = distribution.metadata
    for field in ("License-Expression", "License"):
        text = (fields.get_all(field) or [""])[0].strip()
        if text and "\n" not in text:  # else it is the licence's whole text
            return [text]
    classifiers = fields.get_all("Classifier") or []
    return [text.split(" :: ")[-1] for text in classifiers if text.startswith("License :: ")]


def read_needs(distribution: Distribution) -> set[NormalizedName]:
    """Return the names of what a distribution needs on an image's Python, without its extras."""
    needs = [Requirement(text) for text in distribution.requires or []]
    target = {**describe_target(), "extra": ""}
    return {
        canonicalize_name(need.name)
        for need in needs
        if need.marker is None or need.marker.evaluate(target)
    }
