"""
Questions that a page asks in the same words every time: their SQL is built once, later only the values change.

A page asks some twenty of them. Django builds the SQL of each anew, which costs several times what the database needs
for the answer. A value is a number, a text, a day, a moment, a UUID, a tuple of such for `__in`, or the person who asks. What
a person may see is still worked out by the policy, on a likeness of the person that holds the same posts with other
numbers (`Asker`): whoever holds posts of the same kind is asked about in the same words.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial, update_wrapper
from typing import Any, Protocol, Self
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import BigIntegerField, ExpressionWrapper, F, Lookup, QuerySet, Value, prefetch_related_objects
from django.db.models.lookups import Exact
from django.db.models.query import ModelIterable, get_related_populators


class Asker(Protocol):
    """Somebody whose rights are a part of the question: a Staff."""

    def shape(self) -> Hashable:
        """All that the words of a condition may depend on, but for the numbers."""

    def numbers(self) -> tuple[int, ...]:
        """The numbers (own id, schools, classes); as many for everybody of one shape, no two alike by chance."""

    def likeness(self, numbers: tuple[int, ...]) -> Self:
        """Somebody of the same shape with other numbers. Whatever else is asked of the likeness must fail."""


Answerable = int | str | date | UUID | tuple[int, ...] | tuple[str, ...] | tuple[UUID, ...] | Asker
# Stand for the values while the SQL is built; no row has such an id, text or day.
_FIRST_ID = -4_210_000_000_000
_FIRST_DAY = date(1, 1, 1).toordinal()
_FIRST_MOMENT = datetime(1, 2, 1, tzinfo=UTC)
_FIRST_UUID = 0xF1ED_0000_0000_0000_0000_0000_0000_0000
_PLAIN = frozenset({int, str, date, datetime, UUID})
# Shapes hold the day, so yesterday's are never asked for again.
_READY_AT_MOST = 200


Row = list[Any] | tuple[Any, ...]


@dataclass(frozen=True)
class _Ready:
    """A question with its SQL. `places` says which value goes to which parameter, `make` makes objects from rows."""

    using: str
    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]
    width: int | None
    converters: tuple[tuple[int, tuple[list[Any], Any]], ...]
    make: Callable[[list[Row]], list[Any]]
    prefetched: tuple[Any, ...]

    def ask(self, values: list[Any]) -> list[Any]:
        """What `make` makes for the values, in the order of the stand-ins."""
        connection = connections[self.using]
        params = list(self.params)
        for place, number in self.places:
            params[place] = _as_param(connection, values[number])
        with connection.cursor() as cursor:
            cursor.execute(self.sql, tuple(params))
            rows: list[Row] = cursor.fetchall()
        if rows and self.converters:
            rows = [self._converted(list(row), connection) for row in rows]
        return self.make([row[: self.width] for row in rows] if self.width is not None else rows) if rows else []

    def _converted(self, row: list[Any], connection: Any) -> list[Any]:
        for place, (converters, expression) in self.converters:
            value = row[place]
            for converter in converters:
                value = converter(value, expression, connection)
            row[place] = value
        return row


def _maker(queryset: QuerySet[Any], compiler: Any) -> Callable[[list[Row]], list[Any]]:
    """
    Makes of rows what the queryset would. Models as Django's ModelIterable does, which works out with each answer which
    column goes where; everything else by Django's own makers.
    """
    kind: Any = queryset._iterable_class  # type: ignore[attr-defined]
    if kind is not ModelIterable:
        return lambda rows: list(kind(_Answered(queryset, rows)))
    columns = compiler.klass_info["select_fields"]
    model, using, first, end = compiler.klass_info["model"], queryset.db, columns[0], columns[-1] + 1
    names = [column[0].target.attname for column in compiler.select[first:end]]
    related = get_related_populators(compiler.klass_info, compiler.select, using)  # type: ignore[call-arg]
    annotated = tuple((compiler.annotation_col_map or {}).items())

    def make(rows: list[Row]) -> list[Any]:
        found = []
        for row in rows:
            one = model.from_db(using, names, row[first:end])
            for other in related:
                other.populate(row, one)
            for name, place in annotated:
                setattr(one, name, row[place])
            found.append(one)
        return found

    return make


class _Answered:
    """What Django's makers of rows read of a queryset, its query and its compiler, with the rows at hand."""

    def __init__(self, queryset: QuerySet[Any], rows: list[Row]) -> None:
        self.queryset, self.rows = queryset, rows
        self.query = self

    def get_compiler(self, *args: Any, **kwargs: Any) -> Self:
        return self

    def results_iter(self, *args: Any, tuple_expected: bool = False, **kwargs: Any) -> Iterable[Row]:
        return map(tuple, self.rows) if tuple_expected else self.rows

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.queryset, name, None)
        return getattr(self.queryset.query, name) if found is None else found


def _as_param(connection: Any, value: Any) -> Any:
    kind = type(value)
    if kind is date:
        return connection.ops.adapt_datefield_value(value)
    if kind is UUID:
        return value if connection.features.has_native_uuid_field else value.hex
    return connection.ops.adapt_datetimefield_value(value) if kind is datetime else value


def _kind(value: Any) -> Hashable:
    kind: Any = type(value)
    if kind in _PLAIN:
        return kind
    if kind is tuple:
        inside = {type(one) for one in value}
        if len(inside) <= 1 and inside <= _PLAIN:
            return len(value), *inside
    if hasattr(value, "shape"):
        return value.shape()
    raise TypeError(f"a fixed question takes numbers, texts, days, moments, UUIDs, tuples, who asks, not {value!r}")


def _filled(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Filled up with the last one to a length of 1, 2, 4, 8 …, so that pages of any length share few sentences."""
    wanted = 1 << (len(values) - 1).bit_length() if values else 0
    return values + values[-1:] * (wanted - len(values))


def _plain(value: Any) -> tuple[Any, ...]:
    kind = type(value)
    if kind in _PLAIN:
        return (value,)
    return value if kind is tuple else value.numbers()


def _stand_in(value: Any, first: int) -> Any:
    kind = type(value)
    if kind is tuple:
        return tuple([_stand_in(one, first + place) for place, one in enumerate(value)])
    if kind is int:
        return _FIRST_ID - first
    if kind is date:
        return date.fromordinal(_FIRST_DAY + first)
    if kind is datetime:
        return _FIRST_MOMENT + timedelta(seconds=first)
    if kind is str:
        return f"\ue000{first}\ue000"
    if kind is UUID:
        return UUID(int=_FIRST_UUID + first)
    return value.likeness(tuple([_FIRST_ID - first - place for place in range(len(value.numbers()))]))


class Fixed:
    """A question made by `@fixed`: called with its values it answers with the list of rows."""

    def __init__(self, build: Callable[..., QuerySet[Any]]) -> None:
        self.build = build
        self._ready: dict[tuple[Hashable, ...], _Ready | None] = {}
        update_wrapper(self, build)

    def __call__(self, *values: Answerable) -> list[Any]:
        """
        The rows for `values`, in the order of the function's parameters.

        Raises TypeError for values of other kinds: None would change the words of the SQL.
        """
        values = tuple([_filled(value) if type(value) is tuple else value for value in values])
        kinds = tuple([_kind(value) for value in values])
        try:
            ready = self._ready[kinds]
        except KeyError:
            if len(self._ready) >= _READY_AT_MOST:
                self._ready.clear()
            ready = self._ready[kinds] = self._prepare(values)
        if ready is None:
            return []
        rows = ready.ask([plain for value in values for plain in _plain(value)])
        if rows and ready.prefetched:
            prefetch_related_objects(rows, *ready.prefetched)
        return rows

    def _prepare(self, values: tuple[Any, ...]) -> _Ready | None:
        """The question for values of these kinds; None when nothing can ever answer it."""
        likes = list(_likes(values))
        queryset = self.build(*likes)
        compiler = queryset.query.get_compiler(queryset.db)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            self._check_empty(values)
            return None
        marks = [plain for like in likes for plain in _plain(like)]
        told = [_as_param(compiler.connection, mark) for mark in marks]
        places = tuple((place, told.index(param)) for place, param in enumerate(params) if param in told)
        self._check(likes, {marks[number] for _, number in places})
        columns = [column for column, *_ in compiler.select[: compiler.col_count]]
        if compiler.has_composite_fields(columns) or queryset._known_related_objects:  # type: ignore[attr-defined]
            raise TypeError(f"{self.build.__qualname__}: neither composite keys nor questions that begin at an object")
        return _Ready(
            queryset.db,
            sql,
            tuple(params),
            places,
            compiler.col_count if compiler.has_extra_select else None,
            tuple(compiler.get_converters(columns).items()),
            _maker(queryset, compiler),
            queryset._prefetch_related_lookups,  # type: ignore[attr-defined]
        )

    def _check_empty(self, values: tuple[Any, ...]) -> None:
        """A column of small numbers has no row for a stand-in out of its range: that must not pass for an answer."""
        queryset = self.build(*values)
        try:
            queryset.query.get_compiler(queryset.db).as_sql()
        except EmptyResultSet:
            return
        raise TypeError(f"{self.build.__qualname__}: a value does not fit where its stand-in is to stand")

    def _check(self, likes: list[Any], arrived: set[Any]) -> None:
        """Of who asks only some numbers matter; every other value must be found in the SQL."""
        wanted = {plain for like in likes if not hasattr(like, "shape") for plain in _plain(like)}
        if not wanted <= arrived:
            raise TypeError(f"{self.build.__qualname__}: a value does not reach the SQL unchanged")


def _likes(values: tuple[Any, ...]) -> Iterator[Any]:
    first = 0
    for value in values:
        yield _stand_in(value, first)
        first += len(_plain(value))


def fixed(build: Callable[..., QuerySet[Any]]) -> Fixed:
    """Decorator for a function that makes a queryset from its values; it then answers with the list of its rows."""
    return Fixed(build)


def unsearched(path: str, number: int) -> "Lookup[Any]":
    """The condition `path` = `number`, put so that the database does not search by it: another condition finds less."""
    return Exact(ExpressionWrapper(F(f"{path}_id") + 0, BigIntegerField()), number)


class Narrowed:
    """A question made by `@narrowed`: about a whole school or class, or only about some of its children."""

    def __init__(self, place: str, build: Callable[..., QuerySet[Any]]) -> None:
        def of_all(number: int, *values: Answerable) -> QuerySet[Any]:
            return build(*values).filter(**{place: number})

        def of_some(children: tuple[int, ...], number: int, *values: Answerable) -> QuerySet[Any]:
            return build(*values).filter(unsearched(place, number), child__in=children)

        self._of_all = Fixed(update_wrapper(of_all, build))
        self._of_some = Fixed(update_wrapper(of_some, build))
        update_wrapper(self, build)

    def __call__(self, number: int, *values: Answerable, of: tuple[int, ...] | None = None) -> list[Any]:
        """The rows of the school or class with this number; with `of` only those whose child is one of these."""
        return self._of_all(number, *values) if of is None else self._of_some(of, number, *values)


def narrowed(place: str) -> Callable[[Callable[..., QuerySet[Any]]], Narrowed]:
    """
    As `fixed`, for rows with a field `child` and, by the path `place`, a school or class: its number is the first value
    of the question, which may be asked of some children only.
    """
    return partial(Narrowed, place)


def tally(rows: QuerySet[Any], **figures: Any) -> QuerySet[Any]:
    """Figures over all `rows` as a question for `@fixed`: its list has one tuple, where `aggregate` gives a dict."""
    return rows.order_by().values(_all=Value(1)).annotate(**figures).values_list(*figures)


def hang(owners: Iterable[Any], name: str, rows: Iterable[Any]) -> None:
    """Give each of `owners` its part of `rows` as `owner.<name>.all()`, as prefetching does but by a fixed question."""
    parts: dict[int, list[Any]] = defaultdict(list)
    listed = list(owners)
    if not listed:
        return
    link: Any = type(listed[0])._meta.get_field(name).remote_field
    for row in rows:
        parts[getattr(row, link.attname)].append(row)
    for owner in listed:
        held = link.model._default_manager.all()
        held._result_cache = parts[owner.pk]
        for row in held:
            setattr(row, link.name, owner)
        owner.__dict__.setdefault("_prefetched_objects_cache", {})[name] = held
