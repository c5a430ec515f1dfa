"""The base of contracts, and the decorators for them and their transactions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, overload

from hansa_contract.context import BaseContext, Context
from hansa_contract.errors import ChaincodeError

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound="type[Contract]")
Intent = Literal["submit", "evaluate"]
MARK = "__hansa_transaction__"


@dataclass(frozen=True)
class Info:
    """What people are told of a contract in its metadata (``info`` of OpenAPI)."""

    title: str = ""
    version: str = ""
    description: str = ""
    terms_of_service: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)
    license: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """``title`` and ``version`` always, the others where they say something."""
        more: dict[str, object] = {
            "description": self.description,
            "termsOfService": self.terms_of_service,
            "contact": dict(self.contact),
            "license": dict(self.license),
        }
        told = {name: value for name, value in more.items() if value}
        return {"title": self.title, "version": self.version, **told}


@dataclass(frozen=True)
class Mark:
    """What ``@transaction`` leaves on a method."""

    intent: Intent
    name: str


class Contract:
    """Transactions that belong together.

    Its transactions are the methods with ``@transaction``; where no method has it, all public
    methods that the class defines. Each takes a context first. Clients call them as ``function``
    or ``Contract:function``. All methods may be plain or ``async``.
    """

    name = ""
    """The part before the colon; empty means the class's name."""
    info = Info()
    is_default = False

    def __init__(self, name: str = "") -> None:
        if name:
            self.name = name

    def get_name(self) -> str:
        return self.name or type(self).__name__

    def create_context(self) -> BaseContext[Any]:
        """A fresh context for one transaction; return your own subclass here.

        It has no stub yet: that comes when this has returned.
        """
        return Context()

    def before_transaction(self, ctx: Any) -> Any:
        """Runs before each transaction function; an exception refuses the transaction."""

    def after_transaction(self, ctx: Any, result: Any) -> Any:
        """Runs after it, with what it has returned; an exception refuses the transaction."""

    def unknown_transaction(self, ctx: Any) -> Any:
        """Runs where no function has the name that was asked for; its result is the answer.

        Raises :class:`ChaincodeError` unless a subclass knows better.
        """
        asked = ctx.stub.get_args()[0].decode(errors="replace")
        raise ChaincodeError(
            f"the contract {self.get_name()} has no function {asked!r}; "
            "org.hyperledger.fabric:GetMetadata tells which there are"
        )


@overload
def transaction(intent: F) -> F: ...
@overload
def transaction(intent: Intent = "submit", *, name: str = "") -> Callable[[F], F]: ...
def transaction(intent: Any = "submit", *, name: str = "") -> Any:
    """Makes a method a transaction: ``@transaction``, or ``@transaction("evaluate", name="…")``.

    The intent goes into the metadata, for clients: submit what writes, evaluate what only reads.
    ``name`` is what clients call, where that is not the method's name.
    """
    if callable(intent):
        return _mark(intent, Mark("submit", ""))
    if intent not in ("submit", "evaluate"):
        raise ValueError(f'the intent of a transaction is "submit" or "evaluate", not {intent!r}')
    return lambda method: _mark(method, Mark(intent, name))


@overload
def submit(method: F) -> F: ...
@overload
def submit(method: None = None, *, name: str = "") -> Callable[[F], F]: ...
def submit(method: Any = None, *, name: str = "") -> Any:
    """``@transaction("submit")``."""
    marked = transaction("submit", name=name)
    return marked(method) if method else marked


@overload
def evaluate(method: F) -> F: ...
@overload
def evaluate(method: None = None, *, name: str = "") -> Callable[[F], F]: ...
def evaluate(method: Any = None, *, name: str = "") -> Any:
    """``@transaction("evaluate")``."""
    marked = transaction("evaluate", name=name)
    return marked(method) if method else marked


def info(
    *,
    title: str = "",
    version: str = "",
    description: str = "",
    terms_of_service: str = "",
    contact: Mapping[str, str] | None = None,
    license: Mapping[str, str] | None = None,  # noqa: A002  the word of the metadata
) -> Callable[[C], C]:
    """What the metadata tells of a contract; goes before the class."""

    def describe(cls: C) -> C:
        cls.info = Info(title, version, description, terms_of_service, contact or {}, license or {})
        return cls

    return describe


def default(cls: C) -> C:
    """The contract that is meant where a client names none; without it, the first."""
    cls.is_default = True
    return cls


def _mark(method: F, mark: Mark) -> F:
    setattr(method, MARK, mark)
    return method
