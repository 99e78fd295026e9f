"""How telegut starts another process of itself."""

from __future__ import annotations

import sys
from typing import Final

COMMAND: Final = (sys.executable, "-P", "-m", "telegut")
"""The same interpreter and installation; ``-P`` keeps whatever lies in the working directory from being imported."""
