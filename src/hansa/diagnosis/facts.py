"""What the rules decide by. Nothing here can hold a secret: only what is said *about* one.

Where an access key id or a secret was put into the wrong place, it is not in these facts either:
:attr:`KeyShape.access_key_id` is empty unless it has the form of one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

ENVIRONMENT = "env"
"""botocore's name for credentials of environment variables."""

PLACES = {
    ENVIRONMENT: "environment variables",
    "shared-credentials-file": "the credentials file",
    "config-file": "the configuration file",
    "assume-role": "a role that the profile assumes",
    "assume-role-with-web-identity": "a role assumed with a web identity",
    "custom-process": "the profile's credential_process",
    "sso": "single sign-on",
    "login": "aws login",
    "container-role": "the container's role",
    "iam-role": "the machine's instance role",
}


@dataclass(frozen=True)
class Source:
    """Where credentials come from: botocore's ``method``, and the profile that is in force.

    ``shadowed``: the profile that has an access key too, which is not used because the environment
    has one; with ``shadowed_id``. ``named``: AWS_PROFILE says the profile.
    """

    method: str = ""
    profile: str = "default"
    named: bool = False
    shadowed: str = ""
    shadowed_id: str = ""

    @property
    def place(self) -> str:
        """Where they come from, for a person."""
        name = PLACES.get(self.method, self.method or "nowhere")
        return name if self.method == ENVIRONMENT else f"{name}, profile {self.profile}"


@dataclass(frozen=True)
class KeyShape:
    """How the parts of an access key look; lengths in characters."""

    access_key_id: str
    id_length: int
    secret_length: int
    token_length: int = 0
    spaced: tuple[str, ...] = ()
    """The parts with white space or quotes around them: AWS_ACCESS_KEY_ID and so on."""
    swapped: bool = False

    @property
    def is_temporary(self) -> bool:
        return self.access_key_id.startswith("ASIA")


@dataclass(frozen=True)
class Answer:
    """What the service said to a signed call: the caller's ARN, or the refusal."""

    arn: str = ""
    account_id: str = ""
    code: str = ""
    message: str = ""
    request_id: str = ""

    @property
    def is_accepted(self) -> bool:
        return not self.code

    @property
    def told(self) -> str:
        """What the service said, as evidence."""
        said = f"the service says {self.code}: {self.message}"
        return f"{said} (request {self.request_id})" if self.request_id else said


@dataclass(frozen=True)
class KeyRecord:
    """What the installation's own store has of an access key.

    ``secret_of`` is another key of the same user that the given secret belongs to.
    """

    id: str
    account_id: str
    principal_arn: str
    kind: str
    name: str
    active: bool
    secret_matches: bool
    token_matches: bool
    secret_of: str = ""
    expires_at: datetime | None = None
    active_keys: tuple[str, ...] = ()
    """The user's active keys; empty for a session."""
    is_last: bool = False
    """Whether the user has as many keys as a user can have."""


@dataclass(frozen=True)
class RoleStep:
    """A role that a profile assumes, and why that failed where it did.

    ``known`` and the decisions are of the installation's own store, ``None`` where it was not read.
    """

    role_arn: str
    caller_arn: str = ""
    profile: str = ""
    code: str = ""
    message: str = ""
    known: bool | None = None
    closest: str = ""
    trusted: bool | None = None
    trust_reason: str = ""
    trust_document: str = ""
    allowed: bool | None = None
    allow_reason: str = ""
    may_pass: bool = False
    assumable: bool | None = None


@dataclass(frozen=True)
class Local:
    """What the installation on this machine tells of the key in use; it is the one that is called.

    ``record`` is ``None`` where no key has that id. ``env`` is the command that makes a shell the
    administrator's of ``account_id``; ``administrator_key`` the key in ``administrator_file``,
    which the store may not have any more.
    """

    env: str
    account_id: str
    administrator_key: str
    administrator_file: str
    administrator_works: bool = True
    record: KeyRecord | None = None

    def env_of(self, account_id: str) -> str:
        """The command that makes a shell the administrator's of an account."""
        own = account_id in ("", self.account_id)
        return self.env if own else f"{self.env} --account {account_id}"


@dataclass(frozen=True)
class Resolution:
    """How botocore's chain ended: ``fault`` is empty, or the kind of what was wrong.

    Kinds: ``missing``, ``incomplete``, ``profile``, ``unreadable``, ``chain``, ``role``,
    ``process``. ``detail`` is for a person; ``choices`` are the profiles that there are, ``wanted``
    the one that the profile in force takes its credentials from.
    """

    source: Source
    shape: KeyShape | None = None
    fault: str = ""
    detail: str = ""
    choices: tuple[str, ...] = ()
    wanted: str = ""
    role: RoleStep | None = None


@dataclass(frozen=True)
class CredentialFacts:
    """All that is known of the credentials; ``answer`` is ``None`` where no call could be made."""

    variables: frozenset[str]
    resolution: Resolution
    answer: Answer | None = None
    local: Local | None = None
    shadowed_works: bool | None = None


@dataclass(frozen=True)
class Region:
    """``used`` is what botocore signs for, ``variable`` AWS_REGION, ``expected`` the service's."""

    used: str = ""
    variable: str = ""
    expected: str = ""


@dataclass(frozen=True)
class Hop:
    """A step on the way to an endpoint, and what was seen at it; ``fault`` is empty or its kind."""

    name: str
    seen: str
    fault: str = ""


@dataclass(frozen=True)
class Endpoint:
    """Where calls go: the URL, which setting says so, and how far one gets.

    ``proxy`` is the proxy's URL without its password, empty where none is used, ``proxy_variable``
    the variable that names it. ``sts_url`` is where calls to STS go. ``local_url`` is the service
    of this machine's installation, ``local_runs`` whether it runs.
    """

    url: str
    setting: str = ""
    is_aws: bool = False
    hops: tuple[Hop, ...] = ()
    proxy: str = ""
    proxy_variable: str = ""
    ca_bundle: str = ""
    ca_bundle_variable: str = ""
    sts_url: str = ""
    sts_is_aws: bool = False
    local_url: str = ""
    local_runs: bool = False
    env: str = "hansa env"


@dataclass(frozen=True)
class FabricEndpoint:
    """An endpoint of one of the caller's networks: ``owner`` is its resource's id."""

    owner: str
    role: str
    address: str
    fault: str = ""
    seen: str = ""


@dataclass(frozen=True)
class PolicyPlace:
    """Where a policy is: inline in a principal, or managed. ``rest`` is it without the statement.

    ``rest`` is JSON, empty where no statement would be left.
    """

    arn: str = ""
    holder_kind: str = ""
    holder_name: str = ""
    name: str = ""
    rest: str = ""


@dataclass(frozen=True)
class Permission:
    """The decision on one action and resource.

    ``kind`` says what decided: ``identity``, ``boundary``, ``session`` or ``trust``.
    """

    principal_arn: str
    holder_kind: str
    holder_name: str
    action: str
    resource: str
    allowed: bool
    reason: str
    kind: str = "identity"
    explicit_deny: bool = False
    policy: str = ""
    statement: str = ""
    place: PolicyPlace | None = None
    request_id: str = ""
    boundary_arn: str = ""
    boundary_with: str = ""
    """The boundary's document with a statement that allows it, where it can be changed."""


@dataclass(frozen=True)
class BroadStatement:
    """A statement of an identity policy that allows everything, or everything of a service."""

    policy: str
    statement: str
    actions: tuple[str, ...]
    holder_kind: str = ""
    holder_name: str = ""
    is_managed: bool = True


@dataclass(frozen=True)
class PolicyFacts:
    """What is known of the caller's permissions."""

    asked: tuple[Permission, ...] = ()
    role: RoleStep | None = None
    broad: tuple[BroadStatement, ...] = ()
    env: str = ""
    """The command that makes a shell an administrator's, empty where that is not known."""
    unknown: tuple[str, ...] = field(default=())
    """What could not be decided from here, with the reason."""
