"""The table and the list of changes of a round about poverty: kinds of hardship, aid, income (domain §3.3 G)."""

from children.census import poverty
from children.census.subject import Difference, Facts, Subject
from children.left_behind import Definition
from children.models import CensusRow, codes

COLUMNS = (
    "班级", "调查学生", "已核对", "困难学生", "其中留守", *codes.Hardship.labels,
    "享受救助", "享受一补", "未登记", "联系不上",
)  # fmt: skip


def _counted(row: CensusRow, facts: Facts) -> list[str]:
    economy = facts.get("economy", {})
    found = ["调查学生"]
    if row.answer != CensusRow.Answer.OPEN:
        found.append("已核对")
    if row.answer == CensusRow.Answer.UNKNOWN:
        found.append("联系不上")
    if poverty.is_poor(economy):
        found.append("困难学生")
        found += ["其中留守"] if facts["counts"].get(Definition.SEED) else []
        found += [codes.Hardship(kind).label for kind in economy["hardship"]]
    if economy.get("aid_received"):
        found.append("享受救助")
    if economy.get("boarding_subsidy"):
        found.append("享受一补")
    if poverty.is_unknown(economy) and row.answer in (CensusRow.Answer.OPEN, CensusRow.Answer.UNKNOWN):
        found.append("未登记")
    return found


def _situation(facts: Facts) -> str:
    """困难类别：低保；救助情况：临时救助."""
    return "；".join(poverty.in_words(facts.get("economy", {}), ("hardship", "aid_received"))) or "没有困难"


def _differences(was: Facts, now: Facts) -> list[Difference]:
    old, new = was.get("economy", {}), now.get("economy", {})
    differing = poverty.changed(old, new)
    poor = poverty.is_poor(old), poverty.is_poor(new)
    kinds = {(False, True): "新增困难", (True, False): "不再困难"}
    found = []
    for name, (label, before, after) in zip(differing, poverty.told_changes(old, differing), strict=True):
        if name == "hardship":
            found.append((kinds.get(poor, "困难类别变化"), before, after))
        else:
            found.append((f"{label}变化", before, after))
    return found


POVERTY = Subject(
    columns=COLUMNS,
    counted=_counted,
    situation=_situation,
    differences=_differences,
    matters=lambda facts: poverty.is_poor(facts.get("economy", {})),
    came="新列入",
    went="不再列入",
    note="名单是已知家庭困难和家庭经济还没有登记的学生；同一学生可有几种困难，各类之和可大于困难学生数。",
)
