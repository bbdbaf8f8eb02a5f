"""Checks of texts, all of them."""

from __future__ import annotations

from ftkit.quality import boilerplate, language, mojibake, personal, text

FILES = (text, language, mojibake, boilerplate, personal)
CHECKS = tuple(sorted((check for file in FILES for check in file.CHECKS), key=lambda check: check.code))
