"""Checks of chats, all of them."""

from __future__ import annotations

from ftkit.quality import chat_answers, chat_length, chat_marks, chat_order, chat_sets

FILES = (chat_order, chat_answers, chat_marks, chat_length, chat_sets)
CHECKS = tuple(sorted((check for file in FILES for check in file.CHECKS), key=lambda check: check.code))
