"""What a round is about, as its table and its list of changes read the frozen facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from children.models import CensusRow

Facts = Mapping[str, Any]
Difference = tuple[str, str, str]
"""Kind of change, before, after."""


@dataclass(frozen=True)
class Subject:
    """
    The columns, what a row counts in, and what about it changed.

    `situation` puts facts into words; `matters` says whose coming and going is told, as `came` and `went`.
    `of_everybody` where the roll is asked about, so that a class without anybody of the round before is a new class.
    """

    columns: tuple[str, ...]
    counted: Callable[[CensusRow, Facts], list[str]]
    situation: Callable[[Facts], str]
    differences: Callable[[Facts, Facts], list[Difference]]
    matters: Callable[[Facts], bool]
    came: str
    went: str
    note: str
    of_everybody: bool = False
