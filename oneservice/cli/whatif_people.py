"""Who comes, from a file: profiles with title, weight and answers, and where they were counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, StrictInt, ValidationError

from oneservice.catalog import Text
from oneservice.cli.reading import read_file
from oneservice.errors import AnswersInvalidError
from oneservice.simulation import Population, Profile

__all__ = ["read_population"]

_MAX_BYTES: Final = 2_097_152


class _Profile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Text
    weight: StrictInt
    answers: dict[str, Any]


class _Population(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: Text
    profiles: tuple[_Profile, ...]


def read_population(path: Path) -> Population:
    """Return who comes, as the YAML file at ``path`` says.

    Raises:
        AnswersInvalidError: it is no population; every place that is wrong is named.
        FileUnusableError: it cannot be read.
    """
    try:
        file = _Population.model_validate(yaml.safe_load(read_file(path, max_bytes=_MAX_BYTES)))
        return Population(
            source=file.source,
            profiles=tuple(
                Profile(title=one.title, weight=one.weight, answers=one.answers)
                for one in file.profiles
            ),
        )
    except yaml.YAMLError as error:
        raise AnswersInvalidError({str(path): "is no YAML"}) from error
    except ValidationError as error:
        problems = {
            f"{path}: {'.'.join(map(str, one['loc'])) or 'the file'}": one["msg"]
            for one in error.errors()
        }
        raise AnswersInvalidError(problems) from None
    except ValueError as error:
        raise AnswersInvalidError({str(path): str(error)}) from None
