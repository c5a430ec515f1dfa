"""IAM and STS of an installation put together: who may call, and what they may do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hansa.domain.caller import Caller
from hansa.domain.errors import AccessDeniedError
from hansa.domain.names import Choice
from hansa.iam.authorization_message import encode_message
from hansa.iam.authorizer import PolicyAuthorizer, PolicyDeniedError
from hansa.iam.keys import KeyUses, StoredCredentials
from hansa.iam.stored_policies import StoredPolicies
from hansa.operations.iam_context import IamContext
from hansa.operations.iam_resources import IamResources
from hansa.operations.iam_service import Iam, Sts
from hansa.store.database import Store

# EC2's API reference, "Common client error codes", UnauthorizedOperation.
_ENCODING_SERVICES = frozenset({"ec2"})


@dataclass(frozen=True)
class Identity:
    """The parts; ``uses`` has to be closed before the store is."""

    store: Store

    credentials: StoredCredentials
    policies: StoredPolicies
    authorizer: PolicyAuthorizer
    uses: KeyUses
    iam: Iam
    sts: Sts
    iam_resources: IamResources

    def authorize_for(
        self,
        service: str,
        caller: Caller,
        action: str,
        resource_arns: Sequence[str],
        context: Mapping[str, str | Sequence[str]],
    ) -> None:
        """As the authorizer does; the refusal is in the form of ``service``.

        EC2 adds the reasons as an encoded message, for STS's DecodeAuthorizationMessage.
        """
        try:
            self.authorizer.authorize(caller, action, resource_arns, context)
        except PolicyDeniedError as denied:
            if service not in _ENCODING_SERVICES:
                raise
            owner = denied.asked.context.get("aws:userid", (caller.account_id,))[0]
            cipher, account_id = self.store.cipher, caller.account_id
            encoded = encode_message(cipher, account_id, owner, denied.asked, denied.decision)
            raise AccessDeniedError(
                f"You are not authorized to perform this operation. {denied.message}. "
                f"Encoded authorization failure message: {encoded}",
                denied.ruling,
            ) from denied


def open_identity(store: Store, now: Callable[[], datetime], choice: Choice) -> Identity:
    """IAM and STS over ``store``, whose keys and policies they keep in memory."""
    credentials, policies = StoredCredentials(store), StoredPolicies(store)
    uses = KeyUses(store, now)

    def forget() -> None:
        credentials.forget()
        policies.forget()

    context = IamContext(store, now, choice, forget, uses.last)
    return Identity(
        store=store,
        credentials=credentials,
        policies=policies,
        authorizer=PolicyAuthorizer(
            policies,
            now,
            principal_context=policies.principal_context,
            resource_tags=policies.resource_tags,
            resource_context=policies.resource_context,
        ),
        uses=uses,
        iam=Iam(context, policies),
        sts=Sts(context, policies),
        iam_resources=IamResources(store),
    )
