"""What was ticked and chosen in a list whose act was refused: the way back to the list carries it, so nothing is lost."""

from django.http import HttpRequest, QueryDict

#: Before a name in the address, so that it is no filter of the list.
_MARK = "again-"


def with_ticks(url: str, request: HttpRequest, *names: str) -> str:
    """The address of the list `url` with what `request` posted under `names`, to be read there by `ticked`."""
    path, _, query = url.partition("?")
    asked = QueryDict(query, mutable=True)
    for name in names:
        if posted := request.POST.getlist(name):
            asked.setlist(_MARK + name, posted)
    return f"{path}?{asked.urlencode()}" if asked else path


def ticked(request: HttpRequest, name: str) -> set[str]:
    """What was posted under `name` before the list came back; empty when it did not."""
    return set(request.GET.getlist(_MARK + name))


def list_address(request: HttpRequest) -> str:
    """The address of the list as it was opened, without the ticks of a refused act."""
    asked = request.GET.copy()
    for name in [name for name in asked if name.startswith(_MARK)]:
        del asked[name]
    return f"{request.path}?{asked.urlencode()}" if asked else request.path
