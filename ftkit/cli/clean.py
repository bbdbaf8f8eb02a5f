"""``ftkit clean PATH``: a cleaned copy; the source is never written."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from ftkit.cli.screen import print_json, say
from ftkit.data import read
from ftkit.errors import DataError

if TYPE_CHECKING:
    from ftkit.cleaning import Policy
    from ftkit.data import DatasetView, Edits


def clean(arguments: Namespace) -> int:
    """Copy the rows with edits from a file or a policy."""
    from ftkit.cleaning import clean as copy
    from ftkit.data.copying import refuse

    if not arguments.edits and not arguments.policy:
        raise DataError("clean needs to know what to do: --edits edits.jsonl, --policy auto, or both.")
    refuse(Path(arguments.out).expanduser().absolute(), [Path(arguments.path).expanduser()])
    given = {name: getattr(arguments, name) for name in ("task", "target", "text", "group", "time")}
    view = read(arguments.path, **given, header=False if arguments.no_header else None)
    done = copy(view, _edits(arguments, view), arguments.out)
    if arguments.json:
        print_json(done.to_dict())
        return 0
    for note in done.notes:
        say(note, "yellow")
    listed = ", ".join(f"{count:,} {op}" for op, count in done.edits.items()) or "no edits"
    say(f"{view.name}: {done.after:,} of {done.before:,} rows kept ({listed}).")
    if done.links:
        say(f"{done.links:,} files lie outside {arguments.path}; they were linked to, not copied.", "yellow")
    say(f"Written to {done.folder}; what was done is in {done.folder / 'edits.jsonl'}")
    return 0


def _edits(arguments: Namespace, view: DatasetView) -> Edits:
    """The edits of the file, or those the policy makes of an inspection."""
    from ftkit.cleaning import apply_policy
    from ftkit.data import Edits, read_edits
    from ftkit.quality import inspect

    edits = read_edits(arguments.edits) if arguments.edits else Edits()
    if arguments.policy:
        edits += apply_policy(inspect(view.apply(edits)), _policy(arguments.policy))
    return edits


def _policy(name: str) -> Policy:
    """``auto``, or a policy in a YAML file."""
    from ftkit.cleaning import Policy
    from ftkit.recipe.strict_yaml import load_yaml_file

    if name == "auto":
        return Policy()
    if not Path(name).expanduser().is_file():
        raise DataError(f"policy '{name}' is neither 'auto' nor a file. Keys of such a file: missing: median, …")
    return Policy.from_dict(load_yaml_file(name) or {}, Path(name).stem)
