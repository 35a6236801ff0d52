"""Logical names for jobs: short, unique, fit for a variable."""

import keyword
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

_RESERVED: Final = frozenset({"iac", "env", "pulumi"})


def logical_names(jobs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """Give each job a name of its own.

    :param jobs: id and name of each job; a name may be there twice, or be empty.
    :return: the logical name by the job's id; the same for the same jobs, whatever their order.
    """
    given: dict[str, str] = {}
    for job_id, name in sorted(jobs, key=lambda job: int(job[0])):
        slug = _slug(name)
        taken = set(given.values())
        number = 2
        unique = slug
        while unique in taken:
            unique = f"{slug}_{number}"
            number += 1
        given[job_id] = unique
    return given


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    if not slug:
        return "job"
    if slug[0].isdigit() or keyword.iskeyword(slug) or slug in _RESERVED:
        return f"job_{slug}"
    return slug
