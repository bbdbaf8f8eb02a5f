"""The Jupyter server's part: a run's events and requests, for a page whose kernel is busy or gone."""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "ftkit.server"}]


def _load_jupyter_server_extension(server: Any) -> None:
    from ftkit.server.handlers import add_handlers

    add_handlers(server.web_app, server.root_dir, server.runtime_dir)
