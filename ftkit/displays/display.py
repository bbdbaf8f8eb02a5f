"""The display: a title and blocks of data, shown in whatever form a page, a terminal or a file wants."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ftkit.displays.blocks import Block, Chart, Table
from ftkit.displays.markup import markup, stylesheet
from ftkit.displays.plain import plain
from ftkit.displays.spec import from_spec, to_spec
from ftkit.errors import DataError

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

MIME = "application/vnd.ftkit.display.v1+json"


@dataclass(frozen=True)
class Display:
    """A static, self-contained view of something: data first, then any of its forms.

    Parameters
    ----------
    title : str
        Its heading; may be empty.
    blocks : list of blocks
        Tiles, Paragraph, Note, Table, LineChart, BarChart, Histogram, Heatmap, Scatter, Gallery.

    Examples
    --------
    >>> from ftkit.displays import BarChart, Display
    >>> shown = Display("Classes", [BarChart(["rust", "healthy"], [24, 12])])
    >>> print(shown.text())
    Classes
    ═══════
    <BLANKLINE>
    rust     ████████████████████████  24
    healthy  ████████████              12
    >>> Display.from_spec(shown.spec()) == shown
    True
    """

    title: str
    blocks: list[Block] = field(default_factory=list)

    def spec(self) -> dict[str, Any]:
        """The display as what JSON can hold.

        Returns
        -------
        dict
            ``{"version", "title", "blocks"}``.
        """
        return to_spec(self.title, self.blocks)

    @classmethod
    def from_spec(cls, spec: dict[str, Any]) -> Display:
        """The display a specification describes.

        Parameters
        ----------
        spec : dict
            What :meth:`spec` gave, perhaps through a file.

        Returns
        -------
        Display

        Raises
        ------
        DataError
            The specification is damaged or of another version.
        """
        return cls(*from_spec(spec))

    def html(self) -> str:
        """The display as HTML that needs no script and fetches nothing.

        Returns
        -------
        str
            A stylesheet scoped to the class ``ftkit`` and one section.
        """
        return f'<div class="ftkit-output"><style>{stylesheet()}</style>{markup(self.title, self.blocks)}</div>'

    def text(self) -> str:
        """The display as plain text.

        Returns
        -------
        str
        """
        return plain(self.title, self.blocks)

    def png(self, width: int = 840, zoom: float = 1.5) -> bytes:
        """The display as a picture.

        Parameters
        ----------
        width : int, default 840
            In CSS pixels.
        zoom : float, default 1.5
            Picture pixels a CSS pixel.

        Returns
        -------
        bytes
            PNG.
        """
        from ftkit.displays.png import picture

        return picture(self.title, self.blocks, width, zoom)

    def frame(self) -> pl.DataFrame:
        """The data of the first table, or else of the first chart.

        Returns
        -------
        polars.DataFrame

        Raises
        ------
        DataError
            The display holds neither.
        """
        from ftkit.data import frame
        from ftkit.displays.interactive import columns_of

        first = next((b for b in self.blocks if isinstance(b, Table)), None) or self._chart("frame")
        return frame(columns_of(first))

    def figure(self) -> go.Figure:
        """The first chart as a plotly figure.

        Returns
        -------
        plotly.graph_objects.Figure

        Raises
        ------
        DataError
            The display holds no chart.
        """
        from plotly.graph_objects import Figure

        from ftkit.displays.interactive import figure_of
        from ftkit.displays.svg import resolve_all

        return Figure(resolve_all(figure_of(self._chart("figure"))))

    def _chart(self, asked: str) -> Chart:
        chart = next((b for b in self.blocks if isinstance(b, Chart)), None)
        if chart is None:
            raise DataError(
                f"display '{self.title}' holds no chart, so it has no {asked}(); html() and text() show it."
            )
        return chart

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {
            MIME: self.spec(),
            "text/html": self.html(),
            "image/png": base64.b64encode(self.png()).decode("ascii"),
            "text/plain": self.text(),
        }

    def __str__(self) -> str:
        return self.text()
