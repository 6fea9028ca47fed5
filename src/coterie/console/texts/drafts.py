"""Drafts of the programme."""

from __future__ import annotations

WORDS = {
    "draft.lead": (
        "草稿不影响会员；发布之后才生效。",
        "A draft touches no member: only what is published does.",
    ),
    "draft.none": ("还没有草稿", "No drafts yet"),
    "draft.none_why": (
        "以生效中的版本、模板或文件新建一份。",
        "Begin one from the version in force, a template or a file.",
    ),
    "draft.first_name": ("新方案", "New programme"),
    "draft.new_lead": ("选择从哪里开始。", "Choose what to begin from."),
    "draft.origin": ("起点", "Begin from"),
    "draft.from_version": ("已发布的版本", "A published version"),
    "draft.from_template": ("现成模板", "A ready template"),
    "draft.from_file": ("上传文件", "A file"),
    "draft.template": ("模板", "Template"),
    "draft.template_hint": (
        "各行业的等级和规则，可在此基础上修改。",
        "Ladders and rules of a trade, to be changed as you like.",
    ),
    "draft.file": ("方案文件（YAML）", "The programme's file (YAML)"),
    "draft.no_text": ("这不是 UTF-8 文本文件。", "This is no file of UTF-8 text."),
    "draft.begin": ("新建草稿", "Begin the draft"),
    "draft.base": ("起自版本", "Began from"),
    "draft.owner": ("创建人", "Owner"),
    "draft.changed": ("最近修改", "Last changed"),
    "draft.by": ("{name} 创建", "By {name}"),
    "draft.write": ("编写", "Write"),
    "draft.compare": ("对比", "Compare"),
    "draft.save": ("保存草稿", "Save the draft"),
    "draft.saved": ("草稿已保存。", "The draft is saved."),
    "draft.theirs": (
        "{name} 已保存过。您与对方的差异如下（“-”为对方，“+”为您的）；再次保存将覆盖对方的内容。",
        "{name} saved meanwhile. “-” is theirs, “+” is yours; saving again replaces theirs.",
    ),
    "draft.wrong": ("{n} 处需要修改", "{n} thing to put right|{n} things to put right"),
    "draft.odd": ("{n} 处提醒", "{n} warning|{n} warnings"),
    "draft.line": ("第{line}行", "Line {line}"),
    "draft.good": ("检查通过，可以发布。", "Checked: it could be published."),
    "draft.breaks": (
        "可以使用，但不能接续最新版本：",
        "It can be used, but not follow the newest version:",
    ),
    "draft.unusable": (
        "这份草稿还有需要修改之处，先在“编写”中改正。",
        "The draft cannot be used yet: put right under “Write” what was found.",
    ),
    "draft.compare_lead": ("草稿与生效版本的差异", "How the draft differs from what is in force"),
    "draft.against": ("与第{version}版相比", "Against version {version}"),
    "draft.delete": ("删除草稿", "Delete the draft"),
    "draft.delete_sure": ("删除“{name}”？", "Delete “{name}”?"),
    "draft.delete_what": (
        "{name} 创建的草稿，共{n}个字符，将无法恢复。已发布的版本不受影响。",
        "{n} characters by {name} are gone for good. What was published stays.",
    ),
    "draft.deleted": ("已删除草稿“{name}”。", "The draft “{name}” is deleted."),
}
