"""``python -m ftkit`` is ``ftkit``; so is ``torchrun -m ftkit``."""

import sys

from ftkit.cli import main

sys.exit(main())
