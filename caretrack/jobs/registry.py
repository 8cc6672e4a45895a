"""The kinds of background work. An app registers its own in a module `jobs.py`, found at start."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from caretrack.access.models import Event
from caretrack.access.policy import Act
from caretrack.jobs.models import Job


class JobFunction(Protocol):
    """Takes the job and its parameters; returns what the result page needs (`next`: an address to go on to) or None."""

    def __call__(self, job: Job, /, **params: Any) -> dict[str, Any] | None: ...


F = TypeVar("F", bound=Callable[..., Any])


class JobError(Exception):
    """
    Ends a job as 没有完成 with this Chinese sentence for the person who waits. Nothing half-done may stay.

    `next_url` is the page on which the person can put it right.
    """

    def __init__(self, sentence: str, next_url: str = "") -> None:
        super().__init__(sentence)
        self.next_url = next_url


@dataclass(frozen=True)
class Kind:
    """One kind of work: its Chinese title, the right it needs, and whether it may simply be run again."""

    name: str
    title: str
    act: Act | None
    repeatable: bool
    event: Event
    run: JobFunction


_kinds: dict[str, Kind] = {}


def job(
    name: str, *, title: str, act: Act | None = None, repeatable: bool = False, event: Event = Event.EXPORT
) -> Callable[[F], F]:
    """
    Decorator: register a function as the work behind `enqueue(name, …)`.

    `act`: asked again when the work begins and when its file is fetched. `repeatable`: running it twice does no harm,
    so it is started anew when its worker died. `event`: what fetching the file is called in the access log.
    """

    def register(function: F) -> F:
        if name in _kinds and _kinds[name].run is not function:
            raise ValueError(f"Two jobs are called {name}")
        _kinds[name] = Kind(name=name, title=title, act=act, repeatable=repeatable, event=event, run=function)
        return function

    return register


_chores: list[Callable[[], object]] = []


def chore(function: Callable[[], object]) -> Callable[[], object]:
    """Decorator: register what removes data whose time is over; the worker's sweep calls it, so it must be cheap."""
    if function not in _chores:
        _chores.append(function)
    return function


def chores() -> tuple[Callable[[], object], ...]:
    """Everything registered with `chore`."""
    return tuple(_chores)


def kind_called(name: str) -> Kind:
    """The registered kind. Raises LookupError for a name that no app registered."""
    try:
        return _kinds[name]
    except KeyError as error:
        raise LookupError(f"No job is called {name}") from error
