"""Codes go out by mail or by a signed post; what cannot be sent says so and hides the address."""

from __future__ import annotations

import base64
import logging

import pytest
from standardwebhooks import Webhook

from coterie.portal.errors import MessengerRefused, NotSent
from coterie.portal.messengers import WeChat, messengers_of
from coterie.portal.senders import CodeMessage, HookSender, MailSender, Nobody, sender_of
from tests.portal.fakes import FakeWeChat, Gateway, MailServer, running

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
TO_PHONE = CodeMessage("phone", "+8613800138000", "123456", "zh", "验证码", "您的验证码是 123456")
TO_MAIL = CodeMessage("email", "li@shop.test", "123456", "en", "Your code", "Your code is 123456")


def test_the_hook_gets_the_code_and_can_check_who_sent_it():
    with running(Gateway()) as gateway:
        sender = sender_of(
            {"COTERIE_CODE_HOOK_URL": gateway.url, "COTERIE_CODE_HOOK_SECRET": SECRET}
        )
        assert sender.reaches("phone")
        sender.send(TO_PHONE)
        [(headers, body)] = gateway.posts
        told = Webhook(SECRET).verify(body, headers)
    assert told["type"] == "code.requested"
    assert told["data"] == {
        "kind": "phone",
        "to": "+8613800138000",
        "code": "123456",
        "language": "zh",
        "text": "您的验证码是 123456",
    }


def test_a_gateway_that_refuses_or_is_gone_is_said_without_the_number(
    caplog: pytest.LogCaptureFixture,
):
    with running(Gateway()) as gateway:
        gateway.status = 500
        sender = HookSender(gateway.url, SECRET)
        with caplog.at_level(logging.DEBUG), pytest.raises(NotSent):
            sender.send(TO_PHONE)
    with caplog.at_level(logging.DEBUG), pytest.raises(NotSent):
        sender.send(TO_PHONE)
    assert "13800138000" not in caplog.text
    assert "123456" not in caplog.text


def test_a_mail_has_the_words_of_the_readers_language():
    with running(MailServer()) as server:
        sender = MailSender(f"smtp://127.0.0.1:{server.server_address[1]}?from=club@shop.test")
        sender.send(TO_MAIL)
        [mail] = server.mails
    assert "To: li@shop.test" in mail
    assert "Your code is 123456" in mail


def test_a_mail_nobody_takes_is_refused():
    with running(MailServer()) as server:
        server.refuses = True
        sender = MailSender(f"smtp://127.0.0.1:{server.server_address[1]}?from=club@shop.test")
        with pytest.raises(NotSent):
            sender.send(TO_MAIL)


def test_mail_takes_what_it_reaches_and_the_hook_the_rest():
    with running(MailServer()) as server, running(Gateway()) as gateway:
        sender = sender_of(
            {
                "COTERIE_MAIL_URL": f"smtp://127.0.0.1:{server.server_address[1]}?from=a@shop.test",
                "COTERIE_CODE_HOOK_URL": gateway.url,
                "COTERIE_CODE_HOOK_SECRET": SECRET,
            }
        )
        sender.send(TO_MAIL)
        sender.send(TO_PHONE)
        assert len(server.mails) == 1
        assert [each["kind"] for each in gateway.codes()] == ["phone"]


def test_nothing_set_up_reaches_nobody():
    sender = sender_of({})
    assert isinstance(sender, Nobody)
    assert not sender.reaches("email")
    with pytest.raises(NotSent):
        sender.send(TO_MAIL)


@pytest.mark.parametrize(
    "environment",
    [
        {"COTERIE_MAIL_URL": "smtp://host"},
        {"COTERIE_MAIL_URL": "http://host?from=a@b.test"},
        {"COTERIE_CODE_HOOK_URL": "https://x.test", "COTERIE_CODE_HOOK_SECRET": "secret"},
    ],
)
def test_a_misspelled_setting_is_said_at_the_start(environment: dict[str, str]):
    with pytest.raises(ValueError, match="COTERIE_"):
        sender_of(environment)


def test_wechat_says_who_it_is_once():
    with running(FakeWeChat()) as wechat:
        wechat.accounts["c1"] = "oABC"
        messenger = WeChat("wx-app", "wx-secret", open_url=wechat.url, api_url=wechat.url)
        url = messenger.authorise_url("https://club.test/me/back", "s1")
        assert url.startswith(f"{wechat.url}/connect/oauth2/authorize?appid=wx-app&redirect_uri=")
        assert url.endswith("&scope=snsapi_base&state=s1#wechat_redirect")
        assert messenger.identify("c1") == "oABC"
        with pytest.raises(MessengerRefused):
            messenger.identify("c1")
    with pytest.raises(MessengerRefused):
        messenger.identify("c2")


def test_the_environment_names_the_messengers():
    assert messengers_of({}) == {}
    found = messengers_of({"COTERIE_WECHAT_APP_ID": "wx", "COTERIE_WECHAT_APP_SECRET": "s"})
    assert list(found) == ["wechat"]
