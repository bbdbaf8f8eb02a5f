"""Steps for chats: what is exact stays, roles stay."""

import pytest

from ftkit.augment import Paraphrase, TurnNoise, change_chats
from ftkit.augment.chat import EXACT, NOISE
from ftkit.errors import RecipeError

CODE = "```python\nfor i in range(10):\n    print(i)\n```"
PIECES = (CODE, "`xs`", "https://example.org/a?b=1", "12.50", '{"a": [1, {"b": 2}]}', "me@example.org", "$x^2$", "<b>")
SAID = f"please look at {CODE} and tell what {' and then what '.join(PIECES[1:])} means to somebody"
CHAT = [
    {"role": "system", "content": "you are helpful"},
    {"role": "user", "content": SAID},
    {"role": "assistant", "content": "", "tool_calls": [{"name": "look", "arguments": '{"at": 1}'}]},
    {"role": "tool", "content": "some words of a tool"},
    {"role": "assistant", "content": "here are some words as an answer"},
]


@pytest.mark.parametrize("kind", NOISE)
def test_exact_pieces_and_other_roles_stay(kind):
    for i in range(5):
        [after] = change_chats([CHAT], [TurnNoise(0.5, kind)], [f"{i}"])
        assert all(piece in after[1]["content"] for piece in PIECES), after[1]["content"]
        assert [t["role"] for t in after] == [t["role"] for t in CHAT]
        assert [after[j] for j in (0, 2, 3, 4)] == [CHAT[j] for j in (0, 2, 3, 4)]


def test_words_around_are_changed_and_the_given_chat_is_not():
    before = str(CHAT)
    [after] = change_chats([CHAT], [TurnNoise(0.5)], ["a"])
    assert after[1]["content"] != SAID
    assert str(CHAT) == before


def test_roles_can_be_chosen():
    [after] = change_chats([CHAT], [TurnNoise(0.5, roles="assistant")], ["a"])
    assert after[1] == CHAT[1]
    assert after[4] != CHAT[4]


def test_exact_pieces_are_touched_when_told():
    changed = [change_chats([CHAT], [TurnNoise(0.5, exact=False)], [f"{i}"])[0][1]["content"] for i in range(5)]
    assert any(CODE not in text for text in changed)


def test_a_chat_is_the_same_whatever_is_beside_it():
    chats = [CHAT, [{"role": "user", "content": "今天天气很好，我们去公园玩"}], []]
    step = TurnNoise(0.5, "homophones", "both")
    assert change_chats(chats, [step], "abc") == [
        change_chats([c], [step], [i])[0] for c, i in zip(chats, "abc", strict=True)
    ]


def test_a_paraphrase_that_loses_what_is_exact_is_thrown_away():
    chat = [{"role": "user", "content": "Add 2 to 3"}]
    kept = Paraphrase(lambda texts: ["Sum 3 and 2"], rate=1)
    lost = Paraphrase(lambda texts: ["Sum two and 3"], rate=1)
    assert change_chats([chat], [kept], ["a"])[0][0]["content"] == "Sum 3 and 2"
    assert change_chats([chat], [lost], ["a"])[0] == chat
    with pytest.raises(RecipeError, match="no function"):
        Paraphrase("shuffle")


def test_plain_words_are_not_taken_for_exact():
    assert not EXACT.search("Just plain words, with a comma; and (a bracket). 今天天气很好")
