from __future__ import annotations

import pytest

from ftkit.reports.streams import HEAD, TAIL, settle, shorten


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("a\r\nb", "a\nb"),
        ("0%\r50%\r100%\n", "100%\n"),
        ("100%\r", "100%"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        ("\x1b]52;c;aGk=\x1b\\x", "x"),
        ("\x1b(Bx", "x"),
    ],
)
def test_what_a_terminal_would_show_in_the_end(written, seen):
    assert settle(written) == seen


def test_three_thousand_updates_of_a_bar_leave_one_line():
    assert settle("".join(f"\r{i}/3000" for i in range(3001))) == "3000/3000"


def test_long_output_loses_its_middle_and_says_so():
    lines = shorten("\n".join(map(str, range(200_000)))).split("\n")
    assert len(lines) == HEAD + TAIL + 1
    assert lines[HEAD] == "… 199,700 lines left out …"
    assert lines[-1] == "199999"
