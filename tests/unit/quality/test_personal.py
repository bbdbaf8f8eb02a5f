from __future__ import annotations

import pytest

import ftkit as ft
from ftkit.quality.evidence import Evidence
from ftkit.quality.passages import replaced
from ftkit.quality.personal import CHECKS, is_bank_card, is_iban, is_id_card

PERSONAL = {
    "Write to zoe.b+1@mail.example.org today": "e-mail",
    "请打13812345678联系我": "telephone",
    "call +49 30 1234 5678 now": "telephone",
    "call (415) 555-0123 now": "telephone",
    "身份证11010519491231002X号": "identity",
    "卡号6222021234567890128。": "card",
    "paid with 4111 1111 1111 1111": "card",
    "to DE89 3704 0044 0532 0130 00 please": "IBAN",
}
NOT = [
    "order 1234567890123456 was sent",
    "ISBN 9780743273565",
    "on 2024-01-02 10:20:30 at 3.14159265358979",
    "version 10.0.19045.3803",
    "身份证110105194912310021号",
    "the price is 1,234,567,890 yuan",
    "pi is 3.1415926535897932384626",
    "see figure 12-34 and page 415",
    "git@github.com:owner/name.git",
]
KEYS = {
    "key AKIAIOSFODNN7EXAMPLE is": "AWS",
    "token hf_" + "abCD1234" * 4: "Hugging Face",
    "Bearer sk-proj-a1B2c3D4e5F6g7H8i9J0": "sk-",
    "ghp_" + "a1B2c3" * 6: "GitHub",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----": "private",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefgh1234": "web token",
}


def run(text: str):
    view = ft.read({"text": [text, "A clean sentence.", None], "n": [1, 2, 3]}, text="text", id="n")
    return [finding for check in CHECKS for finding in check.run(view, check, Evidence(view))]


@pytest.mark.parametrize("text", [*PERSONAL, *KEYS])
def test_it_is_found_hidden_and_taken_out(text):
    found = run(text)
    assert len(found) == 1
    assert (PERSONAL | KEYS)[text] in found[0].message
    assert found[0].severity == ("error" if text in KEYS else "warning")
    new = replaced(text, found[0].suggest["values"][0])
    assert "[" in new
    assert run(new) == []
    secret = text[found[0].suggest["values"][0][0][0] :][:8]
    assert secret not in found[0].message


@pytest.mark.parametrize("text", NOT)
def test_other_numbers_are_left_alone(text):
    assert run(text) == []


def test_one_edit_takes_all_kinds_out():
    text = "13812345678 or a@b.example, key AKIAIOSFODNN7EXAMPLE"
    found = [f for f in run(text) if f.code == "TXT208"]
    assert len(found) == 2
    assert {replaced(text, f.suggest["values"][0]) for f in found} == {"[PHONE] or [EMAIL], key AKIAIOSFODNN7EXAMPLE"}


def test_chats_name_the_turn():
    chat = [{"role": "user", "content": "Mail?"}, {"role": "assistant", "content": "a@b.example"}]
    view = ft.read([{"messages": chat}])
    found = CHECKS[0].run(view, CHECKS[0], Evidence(view))[0]
    assert (found.places, found.suggest["values"][0][1]["content"]) == (["turn 2"], "[EMAIL]")


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (is_id_card, "11010519491231002X", "110105194912310029"),
        (is_bank_card, "378282246310005", "378282246310006"),
        (is_iban, "GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 33"),
    ],
)
def test_check_digits(check, good, bad):
    assert check(good)
    assert not check(bad)
