"""
Between opening a hand-over file and taking it in: what is in it, and holding it without storing it.

The opened package goes to the browser sealed with the key of this installation, bound to the person and an hour, and
comes back with the confirm: nothing of a child that is not taken in stays here.
"""

import json
import time
import zlib
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from caretrack.access.crypto import Unreadable, decrypt_bytes, encrypt_bytes
from caretrack.masking import mask_id_number
from caretrack.schools.models import Staff
from children.duplicates import Suspects, suspects
from children.models import AidGrant, Award, CareArrangement, Child, FamilyMember, HealthCheck, Result
from children.transfer_file import LARGEST, BadFile, Package, as_child, fitting_terms

CONTEXT = "children.transfer_look"
HELD_SECONDS = 3600
GONE = "核对页面已经过期，请重新选择文件、输入口令。"


def hold(package: Package, staff: Staff) -> str:
    """The package as text that only this person can bring back, within the hour."""
    plain = json.dumps({"staff": staff.pk, "at": time.time(), "package": asdict(package)}, ensure_ascii=False)
    return b64encode(encrypt_bytes(zlib.compress(plain.encode()), context=CONTEXT)).decode()


def held(text: str, staff: Staff) -> Package:
    """The package that was held. Raises BadFile when it is somebody else's, too old, or was tampered with."""
    try:
        plain = zlib.decompressobj().decompress(decrypt_bytes(b64decode(text), context=CONTEXT), 2 * LARGEST)
        data = json.loads(plain)
    except (Unreadable, ValueError, zlib.error) as error:
        raise BadFile(GONE) from error
    if data["staff"] != staff.pk or time.time() - data["at"] > HELD_SECONDS:
        raise BadFile(GONE)
    return Package(**data["package"])


@dataclass(frozen=True)
class Contents:
    """What a file says, for the page that asks before it is taken in."""

    name: str
    facts: tuple[tuple[str, str], ...]
    family: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]
    without_term: int
    alike: Suspects


def contents(package: Package, *, staff: Staff, school: int | None) -> Contents:
    """
    The child, the family and how many rows of each kind; `school` is where the child would go (for its terms).

    Raises BadFile for contents that cannot be.
    """
    child = as_child(package)
    members = [_member(row) for row in package.family]
    kinds = (
        (CareArrangement, package.care), (HealthCheck, package.checks), (Result, package.results),
        (AidGrant, package.aid), (Award, package.awards),
    )  # fmt: skip
    terms = fitting_terms(package, school)
    return Contents(
        name=child.name,
        facts=_facts(child, package),
        family=tuple(members),
        counts=tuple((str(model._meta.verbose_name), len(rows)) for model, rows in kinds),
        without_term=sum(_term_of(row) not in terms for row in package.results),
        alike=suspects(
            name=child.name,
            birth_date=child.birth_date if isinstance(child.birth_date, date) else None,
            id_no=child.id_no or "",
            student_no=child.student_no or "",
            staff=staff,
        ),
    )


def _facts(child: Child, package: Package) -> tuple[tuple[str, str], ...]:
    return (
        ("姓名", child.name),
        ("性别", child.get_sex_display()),
        ("出生日期", str(child.birth_date or "")),
        ("身份证号", mask_id_number(child.id_no or "")),
        ("学籍号", mask_id_number(child.student_no or "")),
        ("原学校", package.from_school),
        ("移交函", package.letter_no),
        ("移交日期", package.sent_on),
    )


def _member(row: Any) -> str:
    if not isinstance(row, dict):
        raise BadFile("文件里“家庭成员”的内容不对，请对方重新导出。")
    member = FamilyMember(relation=str(row.get("relation", "")), name=str(row.get("name", "")))
    member.status = str(row.get("status", ""))
    phones = row.get("phones")
    number = len(phones) if isinstance(phones, list) else 0
    return f"{member.get_relation_display()} {member.name}，{member.get_status_display()}，电话 {number} 个"


def _term_of(row: Any) -> tuple[int, int] | None:
    term = row.get("term") if isinstance(row, dict) else None
    return (term[0], term[1]) if isinstance(term, list) and len(term) == 2 else None
