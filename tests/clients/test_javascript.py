"""The AWS SDKs for JavaScript, versions 2 and 3, with ``endpoint`` in the client's options."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.clients

EXERCISE = Path(__file__).parent / "js" / "exercise.js"
VERSIONS = pytest.mark.parametrize("version", ["v2", "v3"])


def _exercise(version: str, server: Any, secret: str, node_modules: Path) -> Any:
    script = node_modules.parent / EXERCISE.name
    script.write_bytes(EXERCISE.read_bytes())
    done = subprocess.run(
        ["node", str(script), version, server.url, secret],
        env={
            "PATH": os.environ["PATH"],
            "AWS_ACCESS_KEY_ID": server.access.access_key_id,
            "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@VERSIONS
def test_creates_lists_tags_and_reads_errors(version: str, server: Any, node_modules: Path) -> None:
    result = _exercise(version, server, server.access.secret_access_key, node_modules)
    assert "error" not in result, result
    assert result["created"]["Name"] == f"from-{version}"
    assert result["created"]["CreationDate"] == "2024-01-02T03:04:05.678Z"
    assert result["tags"] == {"a b/c": "ü+%"}
    assert result["missing"] == "ResourceNotFoundException"
    if version == "v3":
        assert result["resource"] == "n-ABSENT"


@VERSIONS
def test_a_wrong_secret_is_refused(version: str, server: Any, node_modules: Path) -> None:
    result = _exercise(version, server, "wrong", node_modules)
    assert result["error"] == "InvalidSignatureException"
