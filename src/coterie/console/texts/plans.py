"""Plans of drafts, and publishing them."""

from __future__ import annotations

WORDS = {
    "plan.title": ("推演", "Plan"),
    "plan.lead": (
        "用真实历史重算：如果一直按这份草稿执行，会怎样。",
        "Real history decided again: what would have been under this draft.",
    ),
    "plan.start": ("开始推演", "Run the plan"),
    "plan.start_rival": ("作为竞争对手的方案推演", "Run it as a rival's programme"),
    "plan.cancel": ("取消推演", "Cancel the plan"),
    "plan.running": ("正在重算会员历史", "Deciding members' history again"),
    "plan.queued": ("排队等待", "Waiting for its turn"),
    "plan.ending": ("推演即将结束。", "The plan ends within moments."),
    "plan.cancelled": ("推演已取消。", "The plan was cancelled."),
    "plan.failed": ("推演失败", "The plan failed"),
    "plan.unusable": (
        "草稿还不能使用，先改正问题再推演。",
        "The draft cannot be used yet: put it right, then plan.",
    ),
    "plan.old": (
        "推演之后草稿又有修改；数字不含这些修改。",
        "The draft was written on since; the figures do not know of that.",
    ),
    "plan.of": (
        "{members} 位会员、{events} 个事件，与第{version}版相比。",
        "{members} members and {events} events, against version {version}.",
    ),
    "plan.winners": ("得益会员", "Better off"),
    "plan.losers": ("受损会员", "Worse off"),
    "plan.same": ("不变", "The same"),
    "plan.uncovered": ("余额不足的消耗", "Redemptions not covered"),
    "plan.uncovered_of": ("涉及 {n} 位会员", "of {n} members"),
    "plan.nothing": ("没有任何差别。", "Nothing differs."),
    "plan.spread": ("会员得失分布", "Who gains, who loses"),
    "plan.spread_lead": (
        "按成本计算，每位会员所得价值的差额。",
        "By how much the value given to each member differs, at cost.",
    ),
    "plan.value": ("价值差额", "Difference in value"),
    "plan.members": ("会员数", "Members"),
    "plan.examples": ("示例会员", "Members as examples"),
    "plan.no_examples": ("没有会员得益或受损。", "Nobody gains or loses."),
    "plan.member": ("会员", "Member"),
    "plan.live": ("现行", "Live"),
    "plan.draft": ("草稿", "Draft"),
    "plan.difference": ("差额", "Difference"),
    "plan.table": ("表", "Table"),
    "publish.title": ("发布", "Publish"),
    "publish.lead": ("发布前看清改变了什么。", "See what changes before it does."),
    "publish.changes": ("与最新的第{version}版相比", "Against version {version}, the newest"),
    "publish.older": (
        "草稿起自第{base}版，而最新是第{newest}版：发布会撤销其间的改动，除非已合并进来。",
        "Begun from version {base}; the newest is {newest}: what came between would go away.",
    ),
    "publish.plan": (
        "得益 {winners} 人，受损 {losers} 人，不变 {same} 人。",
        "{winners} members are better off, {losers} worse off, {same} the same.",
    ),
    "publish.no_plan": ("还没有推演过。", "Nobody has run a plan of it yet."),
    "publish.see_plan": ("查看推演", "See the plan"),
    "publish.will_wait": (
        "提交后等待第二人审批；批准后才会发布。",
        "It then waits for approval by a second person, and is published when approved.",
    ),
    "publish.send": ("提交审批", "Send for approval"),
    "publish.do": ("发布方案", "Publish the programme"),
    "publish.moved_on": (
        "草稿已被修改，请看过最新内容后再提交。",
        "The draft was changed meanwhile: look at it again, then send.",
    ),
}
