"""Contracts and contexts with the spelling of Go's contract API."""

from __future__ import annotations

import base64
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from hansa_contract import contract, identity
from hansa_contract.context import AsyncContext, BaseContext
from hansa_contract.stub import AsyncChaincodeStub


@dataclass
class ContactMetadata:
    name: str = ""
    url: str = ""
    email: str = ""


@dataclass
class LicenseMetadata:
    name: str = ""
    url: str = ""


@dataclass
class InfoMetadata:
    """``info`` of the metadata."""

    description: str = ""
    title: str = ""
    contact: ContactMetadata | None = None
    license: LicenseMetadata | None = None
    version: str = ""
    terms_of_service: str = ""

    def to_json(self) -> dict[str, object]:
        contact, licence = (vars(part) if part else {} for part in (self.contact, self.license))
        return contract.Info(
            self.title,
            self.version,
            self.description,
            self.terms_of_service,
            {name: value for name, value in contact.items() if value},
            {name: value for name, value in licence.items() if value},
        ).to_json()


class ClientIdentity(identity.ClientIdentity):
    """Its ``get_id`` is the whole certificate, so it changes with a renewal."""

    def get_id(self) -> str:
        return base64.b64encode(self.cert.public_bytes(Encoding.DER)).decode()

    def get_attribute(self, name: str) -> str | None:
        return self.get_attribute_value(name)

    def assert_attribute(self, name: str) -> bool:
        return name in self.attributes

    def get_x509(self) -> bytes:
        return self.id_bytes


class TransactionContext(AsyncContext):
    """Its stub is awaited, in plain functions too."""

    @property
    def stub(self) -> AsyncChaincodeStub:
        return self.async_stub

    @cached_property
    def client_identity(self) -> ClientIdentity:
        return ClientIdentity(self.async_stub.get_creator())

    def get_client_identity(self) -> ClientIdentity:
        return self.client_identity


class Contract(contract.Contract):
    """All public methods are transactions, unless ``get_ignored_functions`` lists them."""

    Name = ""
    Info: InfoMetadata | None = None
    UnknownTransaction: Callable[..., Any] | None = None
    BeforeTransaction: Callable[..., Any] | None = None
    AfterTransaction: Callable[..., Any] | None = None
    TransactionContextHandler: Any = None

    @property
    def info(self) -> Any:  # type: ignore[override]
        """Title and version always say something, as in the official API."""
        told = self.get_info()
        return InfoMetadata(
            told.description,
            told.title or self.get_name(),
            told.contact,
            told.license,
            told.version or "latest",
            told.terms_of_service,
        )

    def get_name(self) -> str:
        return self.Name or super().get_name()

    def get_info(self) -> InfoMetadata:
        return self.Info or InfoMetadata()

    def get_before_transaction(self) -> Callable[..., Any] | None:
        return self.BeforeTransaction

    def get_after_transaction(self) -> Callable[..., Any] | None:
        """Takes the result too, or the context only."""
        hook = self.AfterTransaction
        if hook is None or len(inspect.signature(hook).parameters) != 1:
            return hook
        return functools.wraps(hook)(lambda ctx, _result: hook(ctx))

    def get_unknown_transaction(self) -> Callable[..., Any] | None:
        return self.UnknownTransaction

    def get_transaction_context_handler(self) -> Any:
        return self.TransactionContextHandler or TransactionContext

    def create_context(self) -> BaseContext[Any]:
        handler = self.get_transaction_context_handler()
        made: BaseContext[Any] = handler() if isinstance(handler, type) else type(handler)()
        return made
