"""A list of mentors that lands in the roster's wizard leads on to the import of pairings."""

from django.test import Client
from django.urls import reverse

from caretrack.access.policy import Role
from children.models import ImportBatch
from tests.children.tables.conftest import workbook
from tests.support.factories import appoint

ROWS = (["结对教师", "联系电话", "留守儿童姓名", "班级", "性别", "家庭住址"], ["杨老师", 13800000007, "李小兰", "四（1）班", "女", "栗坪村"])  # fmt: skip


def preview(client: Client, school) -> str:
    file = workbook(*ROWS, title="留守儿童与结对教师名册")
    client.post(reverse("children:roster_import"), {"school": school.pk, "file": file})
    return client.get(reverse("children:import_preview", args=[ImportBatch.objects.latest("pk").pk])).content.decode()


def test_whoever_may_pair_is_led_there_and_the_registrar_is_told_whom_to_ask(school, registrar, pupils) -> None:
    client, address = Client(), reverse("children:table_import", args=["pairings"])
    client.force_login(registrar)
    page = preview(client, school)
    assert "请德育主任或校长用同一份文件" in page
    assert address not in page
    appoint(registrar, Role.CARE_LEAD, school)
    assert address in preview(client, school)
