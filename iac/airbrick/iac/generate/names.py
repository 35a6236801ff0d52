"""Logical names for jobs: short, unique, fit for a variable."""

import keyword
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Final

_RESERVED: Final = frozenset({"iac", "env", "pulumi"})


def logical_names(jobs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """Give each job a name of its own.

    :param jobs: id and name of each job; a name may be there twice, or be empty.
    :return: the logical name by the job's id; the same for the same jobs, whatever their order.
    """
    ordered = sorted(jobs, key=lambda job: int(job[0]))
    return dict(zip([job_id for job_id, _ in ordered], distinct([name for _, name in ordered]), strict=True))


def distinct(names: Sequence[str], taken: Collection[str] = ()) -> list[str]:
    """Give logical names for jobs of these names, in their order, each different from the others.

    :param taken: logical names that are others' already.
    """
    given: list[str] = []
    for name in names:
        slug = _slug(name)
        number = 2
        unique = slug
        while unique in given or unique in taken:
            unique = f"{slug}_{number}"
            number += 1
        given.append(unique)
    return given


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    if not slug:
        return "job"
    if slug[0].isdigit() or keyword.iskeyword(slug) or slug in _RESERVED:
        return f"job_{slug}"
    return slug
