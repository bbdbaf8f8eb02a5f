"""What makes the charts of a page interactive: plotly once, packed, a script, and the policy that allows just these."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from ftkit.displays.interactive import plotly_source

POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'"
)


@dataclass
class Live:
    """The charts of one page that can become interactive."""

    figures: list[dict[str, Any]] = field(default_factory=list)

    def add(self, figure: dict[str, Any]) -> str:
        """Keep a plotly figure; the id of its data on the page."""
        self.figures.append(figure)
        return f"live-{len(self.figures)}"

    def scripts(self) -> str:
        """The figures, plotly and the script as elements for the end of the page; empty where there is no chart."""
        if not self.figures:
            return ""
        data = "".join(
            f'<script type="application/json" id="live-{i}">{harmless(figure)}</script>\n'
            for i, figure in enumerate(self.figures, 1)
        )
        packed = f'<script type="application/octet-stream" id="plotly">{packed_plotly()}</script>\n'
        return f"{data}{packed}<script>{script()}</script>"

    def policy(self) -> str:
        """The content security policy: nothing is loaded, and no script runs but the page's own."""
        if not self.figures:
            return POLICY
        return f"{POLICY}; script-src '{fingerprint(script())}' '{fingerprint(plotly_source())}'"


def harmless(value: Any) -> str:
    """JSON for the inside of a script element, which no text in it can end."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def fingerprint(source: str) -> str:
    """The source's hash as a policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode("utf-8")).digest()).decode("ascii")


@cache
def script() -> str:
    """The page's own script."""
    return (files("ftkit.reports") / "assets" / "live.js").read_text(encoding="utf-8")


@cache
def packed_plotly() -> str:
    """The source packed: gzip in base64."""
    return base64.b64encode(gzip.compress(plotly_source().encode("utf-8"), 9, mtime=0)).decode("ascii")
