"""
What a new questionnaire begins with; schools change it as they like.

The items are those that rural schools ask (domain §7.15): with whom a pupil lives, how long parents are away, how often
they return and call, whom one tells, bullying, feelings.
"""

TITLE = "留守儿童生活情况问卷"
PURPOSE = "这份问卷想了解你平时的学习和生活，答案没有对错，只用来更好地帮助同学们。不想回答的题可以空着。"
QUESTIONS = """\
1. 你现在和谁住在一起？（单选）
A. 爸爸和妈妈
B. 爸爸或妈妈一个人
C. 爷爷奶奶或外公外婆
D. 亲戚、邻居
E. 自己或和兄弟姐妹

2. 爸爸妈妈外出多长时间了？（单选）
A. 都没有外出
B. 不到半年
C. 半年到一年
D. 一年以上

3. 外出的爸爸妈妈多久回来一次？（单选）
A. 每月
B. 几个月
C. 过年才回来
D. 一年以上没有回来
E. 没有外出

4. 外出的爸爸妈妈多久和你联系一次？（单选）
A. 每天
B. 每周
C. 每月
D. 很少或没有
E. 没有外出

5. 遇到烦恼，你会告诉谁？（多选）
A. 爸爸妈妈
B. 爷爷奶奶等家里老人
C. 老师
D. 同学、朋友
E. 谁也不说

6. 家庭作业有人辅导吗？（单选）
A. 经常有
B. 有时有
C. 没有

7. 放学和周末，你常常一个人在家吗？（单选）
A. 从不
B. 有时
C. 经常

8. 这学期有同学欺负过你吗？（单选）
A. 没有
B. 有过一两次
C. 经常有★

9. 有人碰过你身上不该碰的地方，或让你做不舒服的事吗？（单选）
A. 没有
B. 有★
C. 不想说★

10. 你最近开心吗？1分最不开心，5分最开心。（打分）

11. 你最希望学校帮你做什么？（填写）
"""
