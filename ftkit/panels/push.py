"""What is new, sent to a page that cannot ask: a kernel that runs a cell hears no question on most versions."""

from __future__ import annotations

import threading
import time
import weakref
from typing import Any

from ftkit.runs import Feed

EVERY = 0.5  # seconds between two messages of a run
WHOLE = 5.0  # seconds between two messages that hold everything, until the page has answered
DEAF = 2.0  # seconds without a question after which the page is taken for one that cannot ask


def start_pushing(panel: Any, feeds: list[Feed]) -> threading.Thread:
    """Send what is new in some runs, until they are over or the panel is closed or gone.

    Parameters
    ----------
    panel : Panel
        Is not kept alive by this. Its ``heard`` is set by every question.
    feeds : list of Feed

    Returns
    -------
    threading.Thread
    """
    reader = [Feed(feed.folder) for feed in feeds]  # read here alone: feeds are not shared between threads
    thread = threading.Thread(target=_push, args=(weakref.ref(panel), reader), daemon=True)
    thread.start()
    return thread


def _push(panel_of: weakref.ref[Any], feeds: list[Feed]) -> None:
    cursors: dict[Feed, dict[str, Any]] = {feed: {} for feed in feeds}
    heard, spoke, whole = None, 0.0, time.monotonic()
    while feeds:
        time.sleep(EVERY)
        panel, now = panel_of(), time.monotonic()
        if panel is None or panel.comm is None:
            return
        if panel.heard is not heard:
            heard, spoke = panel.heard, now
        if now - spoke < DEAF:
            continue
        if heard is None and now - whole > WHOLE:
            cursors, whole = {feed: {} for feed in feeds}, now
        for feed in feeds:
            cursors[feed] = _send(panel, feed, cursors[feed])
        feeds = [feed for feed in feeds if not feed.status.over]


def _send(panel: Any, feed: Feed, cursor: dict[str, Any]) -> dict[str, Any]:
    header, body = feed.since(cursor)
    panel.send({"push": "events", "run": str(feed.folder), "value": header}, [body])
    return {name: header[name] for name in ("generation", "steps", "others", "log")}
