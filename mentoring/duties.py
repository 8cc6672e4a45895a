"""What is asked of a mentor: the 五好 (domain §8.6; §13, system 51)."""

#: Each with what it means; shown to mentors, on their pages and in their books.
FIVE_GOODS: tuple[tuple[str, str], ...] = (
    ("好教师", "关心学习，辅导作业，表扬每一点进步。"),
    ("好家长", "常谈心、常家访，记得生日，常和外出父母、监护人通气。"),
    ("好医生", "留意身体和情绪，生病及时送医并告诉家人，心里难过及时请心理教师。"),
    ("好保姆", "照看吃、穿、住和个人卫生，缺什么及时帮助解决。"),
    ("好保安", "讲安全、查隐患，上学放学、节假日去向清楚，发现伤害立即报告。"),
)
