"""Words for reports that simulated units write; about 500 characters, nothing in them is real."""

from __future__ import annotations

_DONE = (
    "{place}成立工作专班，制定活动方案，围绕宣传主题组织集中宣传{n}场，走进社区、商超、企业和学校。"
    "发放资料三千余份，解答群众咨询四百余人次，邀请人大代表、政协委员和消费者代表现场体验。"
    "组织检验检测机构开放实验室，请市民看设备、学知识，开设质量小课堂。"
)
_EFFECT = (
    "通过系列宣传，群众对认证标志的知晓度明显提高，参与企业的质量意识进一步增强。"
    "现场问卷显示，九成以上受访群众能够辨认常见认证标志；{n}家企业提出了认证意向，已逐一对接帮扶。"
    "媒体刊播稿件二十余篇，网络阅读量超过十万次，营造了良好的社会氛围。"
)
_CASE = (
    "{place}某养老服务中心通过服务认证，梳理助餐、助洁流程，投诉量下降六成，入住老人满意度达到百分之九十八。"
    "认证人员三次上门指导，帮助企业建立服务规范二十一项，形成了可复制、可推广的做法，"
    "已在辖区{n}家同类机构推开。下一步将继续跟踪帮扶，扩大认证成果的应用。"
)


def summary(place: str) -> tuple[tuple[str, str], ...]:
    """Three sections under the headings the notice names."""
    n = 5 + len(place)
    return (
        ("开展情况", _DONE.format(place=place, n=n)),
        ("活动效果", _EFFECT.format(place=place, n=n + 7)),
        ("典型案例", _CASE.format(place=place, n=n)),
    )
