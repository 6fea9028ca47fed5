"""What a page refuses before anybody is asked.

Refusal
 ├─ PageUnknown                                not found
 ├─ PageMethodNotAllowed, FormUnreadable       malformed
 ├─ SignInFirst                                unauthenticated
 ├─ NotAllowedHere, ForeignForm, UnknownHost   forbidden
 └─ FormTooLarge                               too large
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Malformed, Refusal


class PageUnknown(Refusal):
    """There is no such page."""

    code = "page_unknown"
    zh = "没有这个页面。"
    kind = Kind.NOT_FOUND


class PageMethodNotAllowed(Malformed):
    """This page cannot be called in that way."""

    code = "page_method_not_allowed"
    zh = "此页面不支持这种访问方式。"


class SignInFirst(Refusal):
    """Sign in to see this page."""

    code = "sign_in_first"
    zh = "请先登录再查看此页面。"
    kind = Kind.UNAUTHENTICATED


class NotAllowedHere(Refusal):
    """Your role does not allow that."""

    code = "not_allowed_here"
    zh = "您的角色没有此权限。"
    kind = Kind.FORBIDDEN


class ForeignForm(Refusal):
    """This form did not come from a page of ours, or the page is too old; open it again."""

    code = "foreign_form"
    zh = "此表单不是从本站页面提交的，或页面已过期，请重新打开后再试。"
    kind = Kind.FORBIDDEN


class UnknownHost(Refusal):
    """This server does not answer under that name."""

    code = "unknown_host"
    zh = "本服务不接受以此域名访问。"
    kind = Kind.FORBIDDEN


class FormUnreadable(Malformed):
    """The form cannot be read."""

    code = "form_unreadable"
    zh = "无法读取此表单。"


class FormTooLarge(Refusal):
    """The form or its file is larger than allowed."""

    code = "form_too_large"
    zh = "表单或文件超过大小上限。"
    kind = Kind.TOO_LARGE
