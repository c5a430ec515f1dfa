"""The service models of IAM and STS, AWS's own from botocore's data directory."""

from __future__ import annotations

from functools import cache

from botocore.model import ServiceModel

from hansa.wire.model import load_description

_VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}
# Unicode's classes of characters as Python's expressions can say them: letters and digits, spaces.
_CLASSES = {r"\p{L}": r"\w", r"\p{N}": r"\d", r"\p{Z}": " "}


@cache
def load_query_model(service: str) -> ServiceModel:
    """The model of ``iam`` or ``sts``."""
    description = load_description(service, _VERSIONS[service])
    for shape in description["shapes"].values():
        for words, expression in _CLASSES.items():
            if words in shape.get("pattern", ""):
                shape["pattern"] = shape["pattern"].replace(words, expression)
    return ServiceModel(description, service)
