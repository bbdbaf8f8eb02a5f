"""Texts that data, file names and labels may hold, and that a page must show without doing anything."""

HOSTILE = [
    "<script>window.hurt=1</script>", "<img src=x onerror=window.hurt=1>", "a\u202eb", "\x1b]0;x\x07\x1b[31m", "javascript:window.hurt=1",
    "{{7*7}}", "${window.hurt=1}", "</title></div><svg onload=window.hurt=1>", "' onmouseover='window.hurt=1", "铁锈病害叶片", "x" * 3000,
    "\u200bnone", "العربية", "👩‍👩‍👧", "$\\alpha$ **bold**", "<style>*{display:none}</style>", "\u2028line", "__proto__",
]  # fmt: skip
