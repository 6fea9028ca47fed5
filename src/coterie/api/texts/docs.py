"""The pages about the API."""

from __future__ import annotations

WORDS = {
    "docs.operations": ("接口", "Operations"),
    "docs.codes": ("错误码", "Codes"),
    "docs.openapi": ("OpenAPI 文档", "OpenAPI document"),
    "docs.title": ("Coterie 接口 {version}", "Coterie API {version}"),
    "docs.lead": (
        "把会员身上发生的事发进来，读取会员拥有的一切。",
        "Send what happens to members, read what they have.",
    ),
    "docs.key": (
        "除“服务”外，每个请求都要带上密钥：",
        "Every call but those of the service carries a key:",
    ),
    "docs.refusals": (
        "每次拒绝都是一份 problem+json，其中的 code 稳定不变，供程序判断。",
        "Every refusal is a problem+json document whose code is stable and meant for programs.",
    ),
    "docs.once": (
        "每次写入都带调用方自拟的键：用同一个键重发，直到收到答复；事情只会发生一次。",
        "Every write carries a key of yours: send it again with that key; it happens once.",
    ),
    "docs.units": (
        "金额为最小货币单位的整数，时刻为 RFC 3339，数量为千分之一的整数。",
        "Amounts are integers in minor units, quantities in thousandths, instants RFC 3339.",
    ),
    "docs.contents": ("目录", "On this page"),
    "docs.scope": ("权限", "Scope"),
    "docs.parameters": ("参数", "Parameters"),
    "docs.name": ("名称", "Name"),
    "docs.place": ("位置", "In"),
    "docs.type": ("类型", "Type"),
    "docs.meaning": ("说明", "Meaning"),
    "docs.needed": ("必填", "required"),
    "docs.characters": ("字符", "characters"),
    "docs.body": ("请求体", "Body"),
    "docs.answers": ("答复", "Answers"),
    "docs.status": ("状态", "Status"),
    "docs.examples": ("示例：curl 与 Python", "Examples: curl and Python"),
    "docs.example": ("示例", "Example"),
    "docs.shapes": ("数据结构", "Shapes"),
    "docs.field": ("字段", "Field"),
    "docs.codes_lead": (
        "拒绝是答复，不是故障：code 供程序判断，句子供人阅读，种类说明下一步该怎么做。",
        "An answer, not a breakdown: the code is for programs, the kind says what to do about it.",
    ),
    "docs.code": ("错误码", "Code"),
    "docs.sentence": ("含义", "Sentence"),
    "docs.kind": ("种类", "Kind"),
}
