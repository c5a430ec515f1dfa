"""``python -m hansa_contract``, and the program ``hansa-contract``."""

from __future__ import annotations

import os
import sys

# gRPC's core would write lines of its own form into the log; it reads this when it is imported.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

from hansa_contract.cli import main

if __name__ == "__main__":
    sys.exit(main())
