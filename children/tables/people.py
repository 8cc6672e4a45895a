"""Adults in a list: a name in its cell, and what else people write there."""

from children.importing.normalise.names import name_and_numbers, read_adult_name
from children.importing.normalise.phones import Phone, read_phones
from children.importing.normalise.reading import Reading, warning
from children.importing.sheets import CellValue
from children.tables.sheets import TableRow


def without_title(name: str) -> str:
    """A name without 老师 behind it, for looking a person up whose account has the bare name."""
    return name.removesuffix("老师")


def read_adult(row: TableRow, field: str, phone_field: str = "") -> tuple[str | None, str | None]:
    """
    An adult's name and phone. What stands beside the name is no part of it: words are told, a number is taken for the
    phone if the row has none.
    """
    name, numbers = name_and_numbers(row.values.get(field))
    reading = read_adult_name(name)
    row.take(field, lambda _: reading)
    if reading.detail:
        row.warn(field, f"姓名后面的“{reading.detail}”没有登记，请核对还是不是这个人。")
    stated = (row.take(phone_field, _read_first_phone) or ()) if phone_field else ()
    beside = [phone for number in numbers for phone in read_phones(number).value or ()]
    taken = stated or (beside if phone_field else ())
    if beside and taken == beside:
        row.warn(field, f"姓名旁边的号码 {beside[0].number} 已记作电话，请核对。")
    elif numbers and not {phone.number for phone in beside} & {phone.number for phone in taken}:
        row.warn(field, "姓名旁边的数字没有登记，请核对。")
    return reading.value, taken[0].number if taken else None


def _read_first_phone(value: CellValue) -> Reading[tuple[Phone, ...]]:
    """The phones of a cell of which a list keeps the first only, and says so."""
    reading = read_phones(value)
    if reading.value is None or len(reading.value) < 2:
        return reading
    told = warning("phone_two", f"写了 {len(reading.value)} 个号码，只登记第一个 {reading.value[0].number}。")
    return Reading(reading.value, remarks=(*(one for one in reading.remarks if one.what != told.what), told))
