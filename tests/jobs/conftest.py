from datetime import date

import pytest

from caretrack.access.policy import Act, Role
from caretrack.jobs import registry
from caretrack.jobs.models import Job
from caretrack.jobs.registry import JobError, job
from caretrack.schools.models import Appointment, School, Staff

CANARY = "canary-李小兰"


def make_person(username: str, role: Role = Role.PRINCIPAL) -> Staff:
    school, _ = School.objects.get_or_create(code="S1", defaults={"name": "青石小学"})
    staff = Staff.objects.create(username=username, name=username, must_change_password=False)
    Appointment.objects.create(staff=staff, role=role, school=school, starts_on=date(2020, 9, 1))
    return staff


@pytest.fixture
def principal(db) -> Staff:
    return make_person("principal")


@pytest.fixture(autouse=True)
def _kinds(monkeypatch) -> None:
    """A few kinds of work for these tests alone."""
    monkeypatch.setattr(registry, "_kinds", {})

    @job("count", title="逐个数", repeatable=True)
    def count(work: Job, upto: int) -> dict[str, int]:
        for number in range(1, upto + 1):
            work.advance(number, upto, "正在数")
        return {"counted": upto}

    @job("paper", title="生成文件", act=Act.MONTH_APPROVE)
    def paper(work: Job) -> None:
        work.keep_file("四(1)班联系卡.pdf", b"%PDF-1.7 paper")

    @job("refuse", title="总被拒绝")
    def refuse(work: Job) -> None:
        raise JobError("第 3 行没有姓名，请改正后重新导入。")

    @job("crash", title="总是出错")
    def crash(work: Job) -> None:
        raise RuntimeError(CANARY)
