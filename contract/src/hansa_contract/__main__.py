"""``python -m hansa_contract``."""

from __future__ import annotations

import sys

from hansa_contract.cli import main

sys.exit(main())
