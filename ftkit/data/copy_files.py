"""The copy of a folder in which every row is a file: images or texts in class folders."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from ftkit.data.cells import strings
from ftkit.data.folder import walk
from ftkit.data.image import UnreadableImageError, png_of
from ftkit.data.scan import edited_image
from ftkit.errors import DataError

if TYPE_CHECKING:
    from ftkit.data.edited import Edited
    from ftkit.data.view import DatasetView

QUALITY = 95  # of JPEG and WebP files that are written again
Content = Callable[[Path], bytes | None]


def copy_folder(view: DatasetView, root: Path, out: Path) -> int:
    """Copy the files of the rows that stay, under their new class and with their new content, and all other files.

    Parameters
    ----------
    view : DatasetView
        All rows of the folder, with edits.
    root, out : Path
        The folder, and where its copy goes.

    Returns
    -------
    int
        How many files are links: what lies outside the source is never copied, only linked to.

    Raises
    ------
    DataError
        A row has a new label, and its file is in no folder of its old one.
    """
    names = view.unedited.ids.tolist()
    dropped = set(names) - set(view.ids.tolist())
    moved, content = _moved(view, names), contents(view, names)
    links = 0
    for name in walk(root):
        if name in dropped:
            continue
        target = out / name
        if name in moved:
            target = _free(out / moved[name], root / moved[name])
        data = content[name](root / name) if name in content else None
        if data is None:
            links += copy_file(root / name, root, target)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    return links


def copy_file(path: Path, root: Path, target: Path) -> bool:
    """Copy a file; where it lies outside ``root``, by a link, link to it instead. Whether that was so."""
    real, inside = os.path.realpath(path), os.path.realpath(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    if os.path.commonpath([inside, real]) == inside:
        shutil.copy2(real, target)
        return False
    target.symlink_to(real)
    return True


def _moved(view: DatasetView, names: list[str]) -> dict[str, str]:
    """The new names of files whose label is another."""
    source: Any = view._reading.source
    changed = getattr(source, "changed", {}).get(view.target)
    if changed is None:
        return {}
    old = strings(source.inner.cells(view.target, changed.rows)).to_pylist()
    new = strings(source.cells(view.target, np.searchsorted(source.kept, changed.rows))).to_pylist()
    images = view._reading.image_column is not None
    return {names[row]: _renamed(names[row], a, b, images) for row, a, b in zip(changed.rows, old, new, strict=True)}


def _renamed(name: str, old: str | None, new: str | None, first: bool) -> str:
    """A path with the folder of its class exchanged: the first of that name, or the last."""
    *folders, file = name.split("/")
    places = [i for i, folder in enumerate(folders) if folder == old]
    if not places or not new or new != Path(new).name or new.startswith("."):
        where = f"its file is in no folder '{old}'" if not places else f"'{new}' is no name of a folder"
        raise DataError(f"row '{name}' cannot be moved to class '{new}': {where}. Give it a class that can be one.")
    folders[places[0] if first else places[-1]] = new
    return "/".join([*folders, file])


def _free(target: Path, taken: Path) -> Path:
    """The path, or one beside it where a file of that name is there or will be."""
    number = 2
    stem, suffix = target.stem, target.suffix
    while target.exists() or taken.exists():
        target = target.with_name(f"{stem}-{number}{suffix}")
        taken = taken.with_name(target.name)
        number += 1
    return target


def contents(view: DatasetView, names: list[str]) -> dict[str, Content]:
    """For each file whose content is another, the function that makes it; None from it leaves the file as it is."""
    source: Any = view._reading.source
    if not hasattr(source, "kept"):
        return {}
    made: dict[str, Content] = {names[row]: _image(source, steps) for row, steps in source.steps.items()}
    text = source.changed.get("text")
    if text is not None:
        for row in text.rows.tolist():
            cell = source.cells("text", np.searchsorted(source.kept, [row]))[0].as_py()
            made[names[row]] = lambda path, cell=cell: (cell or "").encode("utf-8")
    return made


def _image(source: Edited, steps: list[tuple[str, Any]]) -> Content:
    def make(path: Path) -> bytes | None:
        try:
            picture = edited_image(str(path), source.form, steps).picture
        except UnreadableImageError:
            return None
        return encode(picture, path.suffix)

    return make


def encode(picture: Image.Image, suffix: str) -> bytes:
    """A picture as a file of the form its suffix names; a form that cannot be written becomes PNG."""
    form = Image.registered_extensions().get(suffix.lower(), "PNG")
    extra = {"JPEG": {"quality": QUALITY, "subsampling": 0}, "WEBP": {"quality": QUALITY}}.get(form, {})
    buffer = io.BytesIO()
    try:
        picture.save(buffer, form, **extra)
    except (KeyError, OSError, ValueError):
        return png_of(picture)
    return buffer.getvalue()
