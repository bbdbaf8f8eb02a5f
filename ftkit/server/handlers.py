"""The requests the server answers: all authenticated, a user's fault answered as 4xx with its sentence."""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_escape, url_path_join
from tornado.web import HTTPError, authenticated

from ftkit.displays.small import small
from ftkit.displays.training import show_trainings
from ftkit.door import NAME, Visitor, pack
from ftkit.errors import FtkitError
from ftkit.language import speaking
from ftkit.runs import Feed, Run
from ftkit.runs.summary import summaries
from ftkit.server.roots import Roots

LONGEST = 10.0  # seconds a request waits for news
LOOK = 0.02  # seconds between two looks at the file's size
KEPT = 64  # runs whose events stay read
MOST = 20  # runs in one twin
QUESTIONS = 8  # that wait for kernels at once; the server's other work is not kept by them


class Feeds:
    """The feeds of the runs that were asked for last, shared by everybody who asks."""

    def __init__(self) -> None:
        self._feeds: OrderedDict[Path, Feed] = OrderedDict()

    def of(self, folder: Path) -> Feed:
        """The feed of a run folder."""
        feed = self._feeds.setdefault(folder, Feed(folder))
        self._feeds.move_to_end(folder)
        while len(self._feeds) > KEPT:
            self._feeds.popitem(last=False)
        return feed


class Handler(APIHandler):
    """What all of them share."""

    auth_resource = "ftkit"

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """The sentence of an error, as JSON."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        said = error.log_message if isinstance(error, HTTPError) and error.log_message else self._reason
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"message": said if status_code < 500 else "the server failed; its log says why."}))


class RunHandler(Handler):
    """What those about runs share."""

    def initialize(self, roots: Roots, feeds: Feeds) -> None:
        """Take where runs are, and their feeds."""
        self.roots, self.feeds = roots, feeds

    def feed(self) -> Feed:
        """The feed of the run that is asked for; 404 where there is none."""
        try:
            return self.feeds.of(self.roots.run(self.get_query_argument("run")))
        except FtkitError as error:
            raise HTTPError(404, str(error)) from None

    def number(self, name: str, default: float) -> float:
        """A number of the query; 400 where it is none."""
        text = self.get_query_argument(name, None)
        try:
            value = default if text is None else float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value < 2**53:
            raise HTTPError(400, f"{name}: '{text}' is not a number from 0.")
        return value


class EventsHandler(RunHandler):
    """What a reader of a run does not have yet; waits for it where it is asked to."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with a header and float32 columns, see ``ftkit.runs.Feed.since``."""
        feed = self.feed()
        names = ("generation", "steps", "others", "log")
        cursor = {name: int(self.number(name, 0)) for name in names if self.get_query_argument(name, None)}
        until = time.monotonic() + min(self.number("wait", 0), LONGEST)
        loop = asyncio.get_running_loop()
        while not await loop.run_in_executor(None, feed.has_news, cursor) and time.monotonic() < until:
            await asyncio.sleep(LOOK)
            if self.request.connection.stream.closed():
                return
        self.set_header("Content-Type", "application/octet-stream")
        with speaking(self.get_query_argument("language", None)):
            self.finish(pack(*feed.since(cursor)))


class ControlHandler(RunHandler):
    """A request for a run."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Append a line to the run's ``control.jsonl``."""
        feed, body = self.feed(), self.get_json_body()
        if not isinstance(body, dict) or set(body) - {"request", "value"} or not isinstance(body.get("request"), str):
            raise HTTPError(400, 'asked is an object such as {"request": "pause"}.')
        try:
            feed.ask(body["request"], body.get("value"))
        except FtkitError as error:
            raise HTTPError(409 if feed.status.over else 400, str(error)) from None
        self.finish(json.dumps({"message": "written"}))


class TwinHandler(RunHandler):
    """What a notebook keeps of some runs."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with the static twin of their panel, by MIME type; see ``ftkit.displays.small``."""
        try:
            runs = [Run(self.roots.run(name)) for name in self.get_query_arguments("run")[:MOST]]
        except FtkitError as error:
            raise HTTPError(404, str(error)) from None
        if not runs:
            raise HTTPError(400, "asked is at least one run, such as ?run=runs/leaves-1.")
        loop = asyncio.get_running_loop()
        self.finish(json.dumps(await loop.run_in_executor(None, lambda: small(show_trainings(runs)))))


class AskHandler(Handler):
    """A question for a panel whose kernel may be busy."""

    def initialize(self, visitor: Visitor, pool: ThreadPoolExecutor) -> None:
        """Take who asks at the kernels' doors, and where it waits."""
        self.visitor, self.pool = visitor, pool

    @authenticated
    @authorized
    async def post(self) -> None:
        """Pass the question on as it is, and the answer back; 404 where there is no such door or panel."""
        door, panel = (self.get_query_argument(name, strip=False) for name in ("door", "panel"))
        question = panel.encode() + b"\n" + self.request.body
        answer = None
        if NAME.fullmatch(panel):
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self.pool, self.visitor.ask, door, question)
        if not answer:
            raise HTTPError(404, "no such panel is open.")
        self.set_header("Content-Type", "application/octet-stream")
        self.finish(answer)


class RunsHandler(RunHandler):
    """The runs of a folder."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with one summary a run, the newest first."""
        try:
            folder = self.roots.folder(self.get_query_argument("folder"))
        except FtkitError as error:
            raise HTTPError(404, str(error)) from None
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(None, summaries, folder, self.feeds.of)
        for run in found:
            place = Path(run["folder"])
            if run["report"] and place.is_relative_to(self.roots.root):
                path = (place / "report.html").relative_to(self.roots.root).as_posix()
                run["address"] = url_path_join(self.base_url, "files", url_escape(path))
        self.finish(json.dumps({"runs": found}))


def add_handlers(app: Any, root: str, runtime: str) -> None:
    """Add the requests below ``/ftkit/`` to a Jupyter server.

    Parameters
    ----------
    app : tornado.web.Application
    root : str
        The folder the server shows.
    runtime : str
        Jupyter's runtime folder, where kernels lay the cards of their doors.
    """
    runs = {"roots": Roots(root), "feeds": Feeds()}
    pool = ThreadPoolExecutor(QUESTIONS, thread_name_prefix="ftkit-ask")
    doors = {"visitor": Visitor(Path(runtime)), "pool": pool}
    routes = [("events", EventsHandler, runs), ("control", ControlHandler, runs), ("runs", RunsHandler, runs),
              ("twin", TwinHandler, runs), ("ask", AskHandler, doors)]  # fmt: skip
    base = app.settings["base_url"]
    app.add_handlers(".*$", [(url_path_join(base, "ftkit", name), kind, given) for name, kind, given in routes])
