"""The policy tables and the privacy inventory as Markdown: docs/access.md is what this prints."""

from typing import Any

from django.core.management.base import BaseCommand

from caretrack.access.catalogue import entries
from caretrack.access.policy import ACTS, SIGHT, Act, DataClass, Role


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """A Markdown table as lines."""
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def document() -> str:
    """The whole document."""
    sight = [[role.label, *(SIGHT[role][data].label for data in DataClass)] for role in Role]
    acts = [[str(act), "、".join(role.label for role in Role if role in ACTS[act])] for act in Act]
    inventory = [
        [e.model, e.field, e.label, str(e.need), str(e.data), str(e.sensitivity), e.purpose, str(e.basis)]
        for e in sorted(entries(), key=lambda e: (e.model, e.field))
    ]
    lines = [
        "# 谁能看什么，保存什么，为什么",
        "",
        "由 `manage.py print_policy` 从代码打印（caretrack/access/policy.py、各应用的 catalogue.py），不要手改。",
        "",
        "## 各岗位能看到的资料",
        "",
        *table(["岗位", *(str(data) for data in DataClass)], sight),
        "",
        "## 各岗位能做的事",
        "",
        *table(["事项", "岗位"], acts),
        "",
        "## 个人信息清单",
        "",
        *table(["表", "字段", "名称", "要求", "类别", "敏感级", "用途", "依据"], inventory),
        "",
    ]
    return "\n".join(lines)


class Command(BaseCommand):
    help = "Print the policy tables and the privacy inventory as Markdown."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(document(), ending="")
