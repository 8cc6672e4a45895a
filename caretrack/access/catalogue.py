"""
The field catalogue: for every field about a person what it is for, on what basis, how sensitive, who sees it.

Completeness, masking, exports and the privacy inventory read it; a test fails for a personal field that is missing
(domain §12 P-01, P-02, P-08; PIPL art. 6, 13, 28).
"""

from dataclasses import dataclass
from enum import StrEnum

from django.apps import apps

from caretrack.access.policy import DataClass


class Need(StrEnum):
    """R: without it the dossier does not count as 已建档; C: when it applies; O: optional."""

    REQUIRED = "必填"
    CONDITIONAL = "有则必填"
    OPTIONAL = "选填"


class Basis(StrEnum):
    """Legal basis of keeping the field."""

    DUTY = "履行法定职责（未成年人保护法第二十九条）"
    CONSENT = "监护人同意（个人信息保护法第三十一条）"
    SAFETY = "紧急情况下保护生命健康（个人信息保护法第十三条）"
    STAFF = "人员管理所必需（个人信息保护法第十三条）"


@dataclass(frozen=True)
class Entry:
    """One personal field. `sensitivity` 2 personal, 3 family and economy, 4 health and mind, 5 incident (domain §3.3)."""

    model: str
    field: str
    need: Need
    data: DataClass
    sensitivity: int
    purpose: str
    basis: Basis

    @property
    def label(self) -> str:
        """The Chinese name, the same as in forms."""
        return str(apps.get_model(self.model)._meta.get_field(self.field).verbose_name)  # type: ignore[union-attr]


_entries: dict[tuple[str, str], Entry] = {}
# Keys, history and housekeeping: about the row, not about the person.
HOUSEKEEPING = frozenset({"id", "version", "change", "created_at", "client_key"})


def personal(
    model: str,
    *,
    purpose: str,
    data: DataClass,
    sensitivity: int = 2,
    basis: Basis = Basis.DUTY,
    required: str = "",
    conditional: str = "",
    optional: str = "",
) -> None:
    """Enter fields of `model` ("app.Model"), given as space-separated names by how much they are needed."""
    for need, names in (
        (Need.REQUIRED, required),
        (Need.CONDITIONAL, conditional),
        (Need.OPTIONAL, optional),
    ):
        for name in names.split():
            _entries[model.lower(), name] = Entry(model, name, need, data, sensitivity, purpose, basis)


def entries(model: str | None = None) -> list[Entry]:
    """All entries, or those of one model."""
    return [e for (m, _), e in _entries.items() if model is None or m == model.lower()]


def entry(model: str, field: str) -> Entry:
    """The entry of one field. Raises KeyError if it is not in the catalogue."""
    return _entries[model.lower(), field]
