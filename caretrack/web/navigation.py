"""The menu: each app registers its pages once, from its AppConfig.ready(); who may not open a page does not see it."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse

if TYPE_CHECKING:
    from caretrack.access.policy import Act


class Section(StrEnum):
    """The groups of the side menu, in the order in which they stand."""

    DAILY = "日常工作"
    CHILDREN = "学生与家庭"
    REPORTS = "报表与打印"
    SCHOOL = "学校管理"


class MayAsk(Protocol):
    """Whoever can be asked whether they may do something: a Staff."""

    def may(self, act: "Act") -> bool: ...


@dataclass(frozen=True)
class Leaf:
    """One of the pages that share an entry of the menu and stand as tabs on top of each other."""

    label: str
    url_name: str
    act: "Act | None"


@dataclass(frozen=True)
class Entry:
    """One page in the menu. ``act`` None stands for a page that everyone signed in may open."""

    label: str
    url_name: str
    icon: str
    act: "Act | None"
    order: int
    section: Section
    short: str
    covers: tuple[str, ...] = ()
    leaves: tuple[Leaf, ...] = ()

    def opened_by(self, staff: MayAsk) -> list[Leaf]:
        """The pages of this entry that `staff` may open, the one that the entry leads to first."""
        pages = self.leaves or (Leaf(self.label, self.url_name, self.act),)
        return [page for page in pages if page.act is None or staff.may(page.act)]


@dataclass(frozen=True)
class Item:
    """An entry as one person sees it on one page."""

    label: str
    url: str
    icon: str
    section: Section
    active: bool
    short: str


_ENTRIES: dict[str, Entry] = {}


def register(
    label: str,
    url_name: str,
    icon: str,
    act: "Act | None" = None,
    order: int = 100,
    *,
    section: Section = Section.DAILY,
    short: str = "",
    covers: tuple[str, ...] = (),
    leaves: tuple[Leaf, ...] = (),
) -> None:
    """Put a page into the menu.

    Takes the words shown, the URL name (without arguments), the name of a Bootstrap icon, the act that its view
    declares, and a place: the four lowest orders that a person may open stand in the bottom bar of a phone, under
    their ``short`` words (four characters fit). ``covers`` names pages that lie elsewhere and belong to this entry:
    on them, and below them, it is the active one. ``leaves`` are pages that share the entry: they are tabs of each
    other, and the entry leads to the first that the person may open.
    Raises ValueError when the URL name is already in the menu with other words.
    """
    covers += tuple(leaf.url_name for leaf in leaves if leaf.url_name not in covers)
    entry = Entry(label, url_name, icon, act, order, section, short or label, covers, leaves)
    if _ENTRIES.setdefault(url_name, entry) != entry:
        raise ValueError(f"{url_name} is already in the menu as {_ENTRIES[url_name].label}")


def entries() -> list[Entry]:
    """Every registered entry, by order."""
    return sorted(_ENTRIES.values(), key=lambda entry: (entry.order, entry.label))


def missing_urls() -> list[Entry]:
    """Entries of which a URL name does not exist; the system check reports them."""
    return [entry for entry in entries() if None in map(_url_of, (entry.url_name, *entry.covers))]


def menu_for(staff: MayAsk, path: str) -> list[Item]:
    """What this person sees in the menu on the page at ``path``; the longest matching address is the active one."""
    where = get_urlconf(), get_script_prefix()
    seen = [
        (entry, url)
        for entry in entries()
        if (pages := entry.opened_by(staff)) and (url := _url(pages[0].url_name, *where)) is not None
    ]
    reached = [
        (place, url) for entry, url in seen for place in (url, *(_url(name, *where) for name in entry.covers)) if place
    ]
    matching = [(place, url) for place, url in reached if path == place or (place != "/" and path.startswith(place))]
    _, active = max(matching, key=lambda found: len(found[0]), default=("", None))
    return [Item(entry.label, url, entry.icon, entry.section, url == active, entry.short) for entry, url in seen]


def tabs_for(staff: MayAsk, url_name: str) -> list[tuple[str, str, bool]]:
    """The tabs on the page called ``url_name``: words, address, whether it is this one. Empty without a second one."""
    for entry in _ENTRIES.values():
        if any(leaf.url_name == url_name for leaf in entry.leaves):
            found = [(leaf.label, _url_of(leaf.url_name), leaf.url_name == url_name) for leaf in entry.opened_by(staff)]
            tabs = [(label, url, here) for label, url, here in found if url is not None]
            return tabs if len(tabs) > 1 else []
    return []


def _url_of(url_name: str) -> str | None:
    return _url(url_name, get_urlconf(), get_script_prefix())


@lru_cache
def _url(name: str, urlconf: str | None, prefix: str) -> str | None:
    """Looked up once: every page draws the whole menu."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
