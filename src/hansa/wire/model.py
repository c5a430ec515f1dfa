"""The service models: AWS's own ``managedblockchain`` with this service's additions, and ours.

AWS's model comes from botocore's data directory alone, so that a model in the user's
``~/.aws/models`` or ``AWS_DATA_PATH``, which is meant for clients, never changes the service.
"""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import botocore
from botocore.loaders import Loader
from botocore.model import ServiceModel

from hansa import models
from hansa.awsapi import additions

API_VERSION = "2018-09-24"

# AWS prints "^arn:.+:.+:.+:.+:.+", which its own network ARNs (no account) do not match, and which
# takes minutes to refuse a thousand colons.
ARN_PATTERN = r"^arn:[^:\n]+:[^:\n]+:[^:\n]+:[^:\n]*:.+$"


def load_description(service: str, version: str) -> dict[str, Any]:
    """AWS's description of ``service`` as botocore ships it."""
    data = Path(botocore.__file__).parent / "data"
    loader = Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    return copy.deepcopy(dict(loader.load_service_model(service, "service-2", version)))


def sensitive_members(model: ServiceModel) -> frozenset[str]:
    """The members, of any structure of the model, whose values it marks as sensitive."""
    shapes = (model.shape_for(name) for name in model.shape_names)
    return frozenset(
        name
        for shape in shapes
        if shape.type_name == "structure"
        for name, member in shape.members.items()
        if member.metadata.get("sensitive")
    )


@cache
def load_managedblockchain() -> ServiceModel:
    """AWS's model of ``managedblockchain``, with this service's additions."""
    description = load_description("managedblockchain", API_VERSION)
    description["operations"].update(copy.deepcopy(additions.OPERATIONS))
    for name, shape in additions.SHAPES.items():
        present = description["shapes"].setdefault(name, copy.deepcopy(shape))
        present["members"].update(copy.deepcopy(shape["members"]))
    description["shapes"]["ArnString"]["pattern"] = ARN_PATTERN
    return ServiceModel(description, "managedblockchain")


@cache
def load_hansafabric() -> ServiceModel:
    """Hansa's own model, of channels and chaincode."""
    return ServiceModel(models.service_description(), models.SERVICE)
