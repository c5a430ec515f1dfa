"""IAM and STS of an installation put together: who may call, and what they may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hansa.domain.names import Choice
from hansa.iam.authorizer import PolicyAuthorizer
from hansa.iam.keys import KeyUses, StoredCredentials
from hansa.iam.stored_policies import StoredPolicies
from hansa.operations.iam_context import IamContext
from hansa.operations.iam_resources import IamResources
from hansa.operations.iam_service import Iam, Sts
from hansa.store.database import Store


@dataclass(frozen=True)
class Identity:
    """The parts; ``uses`` has to be closed before the store is."""

    credentials: StoredCredentials
    policies: StoredPolicies
    authorizer: PolicyAuthorizer
    uses: KeyUses
    iam: Iam
    sts: Sts
    iam_resources: IamResources


def open_identity(store: Store, now: Callable[[], datetime], choice: Choice) -> Identity:
    """IAM and STS over ``store``, whose keys and policies they keep in memory."""
    credentials, policies = StoredCredentials(store), StoredPolicies(store)
    uses = KeyUses(store, now)

    def forget() -> None:
        credentials.forget()
        policies.forget()

    context = IamContext(store, now, choice, forget, uses.last)
    return Identity(
        credentials=credentials,
        policies=policies,
        authorizer=PolicyAuthorizer(
            policies,
            now,
            principal_context=policies.principal_context,
            resource_tags=policies.resource_tags,
        ),
        uses=uses,
        iam=Iam(context),
        sts=Sts(context, policies.policies_of),
        iam_resources=IamResources(store),
    )
