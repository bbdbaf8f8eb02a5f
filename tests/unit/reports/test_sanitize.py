from __future__ import annotations

import base64

import pytest

from ftkit.reports.sanitize import picture, sanitize


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<style>body{display:none}</style>",
        '<meta http-equiv="refresh" content="0;url=http://x">',
        '<iframe src="http://x"></iframe>',
        '<form action="http://x"><input name="a"></form>',
        '<img src="http://x/y.png">',
        '<img src="x" onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        '<div style="background:url(http://x/y)">x</div>',
        '<svg onload="alert(1)"><a href="http://x"></a></svg>',
        '<base href="http://x"><link rel="stylesheet" href="http://x">',
        '<p id="plotly" name="forms" class="ft-title state">x</p>',
        '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    ],
)
def test_what_acts_loads_or_leaves_is_taken_out(hostile):
    clean = sanitize(hostile)
    for word in (
        "script",
        "<style",
        "http",
        "onerror=alert(1)>",
        "<form",
        "<iframe",
        "url(",
        "<svg",
        "id=",
        "ft-title",
    ):
        assert word not in clean


def test_a_table_of_pandas_survives():
    table = (
        '<div><style scoped>.dataframe{}</style><table border="1" class="dataframe"><thead>'
        '<tr style="text-align: right;"><th></th><th>n</th></tr></thead><tbody>'
        "<tr><th>0</th><td>1.5</td></tr></tbody></table></div>"
    )
    clean = sanitize(table)
    assert 'class="dataframe"' in clean
    assert "text-align:right" in clean.replace(" ", "")
    assert "<td>1.5</td>" in clean
    assert "scoped" not in clean


def test_links_and_pictures_within_the_page_stay():
    assert 'href="https://a.example"' in sanitize('<a href="https://a.example">x</a>')
    assert "data:image/png;base64,aGk=" in sanitize('<img src="data:image/png;base64,aGk=">')


def test_bidi_overrides_are_seen():
    assert "\\u202e" in sanitize("a\u202eb")


def test_a_picture_is_an_address_of_itself():
    assert picture("image/png", "aGk=\n") == "data:image/png;base64,aGk="
    svg = '<svg xmlns="http://www.w3.org/2000/svg"/>'
    assert base64.b64decode(picture("image/svg+xml", svg).split(",")[1]).decode() == svg


def test_a_broken_picture_is_refused():
    with pytest.raises(ValueError, match="not base64"):
        picture("image/png", '"><script>')
