"""Hansa's own service model: what Amazon Managed Blockchain never had, in AWS's format.

It is written in YAML, a file for each noun, with the keys of botocore's ``service-2.json``; the
AWS clients get it as JSON.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

SERVICE = "hansafabric"
API_VERSION = "2026-11-21"


@cache
def _parts() -> dict[str, Any]:
    merged: dict[str, Any] = {"version": "2.0", "metadata": {}, "operations": {}, "shapes": {}}
    waiters: dict[str, Any] = {}
    for file in sorted(resources.files(__name__).joinpath(SERVICE).iterdir(), key=lambda f: f.name):
        part = yaml.safe_load(file.read_text())
        for key in ("metadata", "operations", "shapes"):
            merged[key] |= part.get(key, {})
        waiters |= part.get("waiters", {})
    for name, operation in merged["operations"].items():
        operation["name"] = name
    return {"service-2": merged, "waiters-2": {"version": 2, "waiters": waiters}}


def service_description() -> dict[str, Any]:
    """The document of ``service-2.json``. Not to be changed."""
    description: dict[str, Any] = _parts()["service-2"]
    return description


def waiters_description() -> dict[str, Any]:
    """The document of ``waiters-2.json``. Not to be changed."""
    description: dict[str, Any] = _parts()["waiters-2"]
    return description


def paginators_description() -> dict[str, Any]:
    """The document of ``paginators-1.json``: every list has its pages in the same way."""
    pagination = {}
    for name, operation in service_description()["operations"].items():
        members = service_description()["shapes"][operation["output"]["shape"]]["members"]
        lists = [member for member in members if member != "NextToken"]
        if "NextToken" in members:
            pagination[name] = {
                "input_token": "NextToken",
                "output_token": "NextToken",
                "limit_key": "MaxResults",
                "result_key": lists[0],
            }
    return {"pagination": pagination}
