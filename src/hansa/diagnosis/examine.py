"""The examination: probes in the order of a call's way, and the rules on what they saw."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from botocore.session import Session

from hansa.client.installation import ClientError, Installation
from hansa.diagnosis.credential_rules import (
    clock_findings,
    credential_findings,
    region_findings,
)
from hansa.diagnosis.explain import recent_findings
from hansa.diagnosis.facts import (
    Answer,
    CredentialFacts,
    Endpoint,
    Permission,
    PolicyFacts,
    Region,
    Resolution,
    RoleStep,
)
from hansa.diagnosis.findings import Finding
from hansa.diagnosis.network_rules import fabric_findings, network_findings
from hansa.diagnosis.policy_rules import policy_findings
from hansa.diagnosis.probe_api import Api, permission_from
from hansa.diagnosis.probe_audit import open_record
from hansa.diagnosis.probe_credentials import probe_credentials, profile_keys, source_key_id
from hansa.diagnosis.probe_fabric import probe_fabric
from hansa.diagnosis.probe_network import (
    Addressed,
    Detour,
    Way,
    addressed,
    detour_of,
    probe_way,
    region_of,
)
from hansa.diagnosis.probe_store import LocalStore, open_local
from hansa.diagnosis.secrets_of import Keys, plain_url, without_secrets
from hansa.domain.caller import Caller

USUAL_ACTION = "managedblockchain:ListNetworks"
ASSUME_ROLE = "sts:AssumeRole"


@dataclass(frozen=True)
class Question:
    """What is asked: may ``principal``, or the caller where it is empty, do ``action``?"""

    action: str = ""
    resource: str = "*"
    principal: str = ""


@dataclass
class Examination:
    """One run; :meth:`findings` probes and tells. ``env`` makes a shell the administrator's."""

    installation: Installation
    env: str
    question: Question
    now: Callable[[], datetime]
    _secrets: tuple[str, ...] = field(default=(), repr=False)

    def findings(self) -> list[Finding]:
        """Everything that was found, none of it with a secret."""
        with ExitStack() as stack:
            at, sts = addressed(), addressed("sts")
            detour = detour_of(at.url)
            way = self._way(at, detour)
            endpoint = self._endpoint(at, sts, way, detour)
            local = None
            if self._is_local(at.url):
                local = stack.enter_context(open_local(self.installation, self.env, self.now))
            found = [*self._of_credentials(at, sts, way, detour, local, endpoint)]
        return [without_secrets(each, self._secrets) for each in found]

    def _way(self, at: Addressed, detour: Detour) -> Way:
        if at.is_aws:
            return Way(())
        return probe_way(at.url, detour, self.now())

    def _of_credentials(
        self,
        at: Addressed,
        sts: Addressed,
        way: Way,
        detour: Detour,
        local: LocalStore | None,
        endpoint: Endpoint,
    ) -> list[Finding]:
        resolution, keys = probe_credentials(may_call=way.is_open and not sts.is_aws)
        self._secrets = (*_environment_secrets(), *(keys.secrets if keys is not None else ()))
        region = Region(region_of(Session()), os.environ.get("AWS_REGION", ""), way.region)
        signing = region.used or way.region
        api = None
        answer, works = None, None
        if keys is not None and way.is_open:
            api = Api(at.url, signing, keys, detour)
            answer = api.identify()
            works = self._shadowed_works(resolution, answer, at, signing, detour)
        facts = CredentialFacts(
            frozenset(name for name, value in os.environ.items() if value),
            resolution,
            answer,
            local.local(keys) if local is not None else None,
            works,
        )
        found = credential_findings(facts)
        found += region_findings(region, _regions(region))
        found += clock_findings(way.skew_seconds)
        found += network_findings(endpoint)
        if api is not None and answer is not None and answer.is_accepted:
            found += fabric_findings(probe_fabric(api.client("managedblockchain"), at.url, detour))
            found += self._recent(at.url, keys)
        known = answer if answer is not None and answer.is_accepted else None
        return [
            *found,
            *policy_findings(self._policies(resolution, keys, known, api, local, signing)),
        ]

    def _recent(self, url: str, keys: Keys | None) -> list[Finding]:
        """The refusals of the last hour that the record on this machine has of this key."""
        if keys is None or not self._is_local(url):
            return []
        with open_record(self.installation) as record:
            calls = record.refused(keys.access_key_id, self.now()) if record is not None else []
        return recent_findings(calls)

    def _shadowed_works(
        self, resolution: Resolution, answer: Answer, at: Addressed, region: str, detour: Detour
    ) -> bool | None:
        """Whether the profile's key works, where the environment's goes before it and does not."""
        if answer.is_accepted or not resolution.source.shadowed:
            return None
        other = profile_keys(resolution.source.shadowed)
        if other is None:
            return None
        self._secrets += other.secrets
        return Api(at.url, region, other, detour).identify().is_accepted

    def _endpoint(self, at: Addressed, sts: Addressed, way: Way, detour: Detour) -> Endpoint:
        url, runs = f"http://{self.installation.settings.listen}", False
        known = (self.installation.data_dir / "hansa.db").exists()
        with suppress(ClientError):
            url, runs = self.installation.service().url, True
        return Endpoint(
            at.url,
            at.setting,
            is_aws=at.is_aws,
            hops=way.hops,
            proxy=plain_url(detour.proxy),
            proxy_variable=detour.proxy_variable,
            ca_bundle=detour.ca_bundle,
            ca_bundle_variable=detour.ca_bundle_variable,
            sts_url=sts.url,
            sts_is_aws=sts.is_aws,
            local_url=url if known else "",
            local_runs=runs,
            env=self.env,
        )

    def _is_local(self, url: str) -> bool:
        """Whether ``url`` is that of the service of this machine's installation."""
        try:
            own = urlsplit(self.installation.service().url)
        except ClientError:
            return False
        given = urlsplit(url)
        return given.port == own.port and is_this_machine(given.hostname or "", own.hostname or "")

    def _policies(
        self,
        resolution: Resolution,
        keys: Keys | None,
        answer: Answer | None,
        api: Api | None,
        local: LocalStore | None,
        region: str,
    ) -> PolicyFacts:
        caller = None
        if local is not None and keys is not None and answer is not None:
            caller = local.caller_of(keys.access_key_id, region)
        if local is not None and self.question.principal:
            arn = self.question.principal
            caller = Caller(arn.split(":")[4] if arn.count(":") > 4 else "", arn, "", region)
        env = ""
        if local is not None:
            env = local.local(None).env_of(caller.account_id if caller is not None else "")
        facts = PolicyFacts(env=env, broad=local.broad(caller) if local and caller else ())
        if resolution.fault == "role" and resolution.role is not None:
            return replace(facts, role=_explained(resolution, local, region))
        if self.question.action == ASSUME_ROLE and self.question.resource != "*":
            return replace(facts, role=self._role(caller, answer, api, local))
        return self._asked(facts, caller, answer, api, local)

    def _role(
        self,
        caller: Caller | None,
        answer: Answer | None,
        api: Api | None,
        local: LocalStore | None,
    ) -> RoleStep | None:
        """Whether the role in question can be assumed."""
        step = RoleStep(self.question.resource, caller.principal_arn if caller else "")
        if local is not None and caller is not None:
            return local.role_step(step, caller)
        if api is None or answer is None:
            return None
        step = replace(step, caller_arn=answer.arn)
        said = api.assume(step.role_arn)
        if said.is_accepted:
            return replace(step, assumable=True, trust_reason="the service gave a session")
        return replace(step, code=said.code, message=said.message)

    def _asked(
        self,
        facts: PolicyFacts,
        caller: Caller | None,
        answer: Answer | None,
        api: Api | None,
        local: LocalStore | None,
    ) -> PolicyFacts:
        """The decision on what is asked, else on the commonest of calls."""
        action, resource = self.question.action or USUAL_ACTION, self.question.resource
        if local is not None and caller is not None:
            told = local.permission(caller, action, resource)
            if told is not None:
                return replace(facts, asked=(told,))
            if self.question.principal:
                return replace(facts, unknown=(f"there is no principal {caller.principal_arn}",))
        if api is None or answer is None:
            return facts
        found = self._remote(api, answer, action, resource)
        return replace(facts, asked=(found,)) if isinstance(found, Permission) else replace(
            facts, unknown=(found,)
        )  # fmt: skip

    def _remote(self, api: Api, answer: Answer, action: str, resource: str) -> Permission | str:
        principal = self.question.principal or answer.arn
        if resource == "*" and not self.question.principal:
            said = api.try_read(action)
            told = permission_from(said, answer.arn, action) if said is not None else None
            if told is not None:
                return told
        simulated = api.simulate(principal, action, resource)
        if isinstance(simulated, Permission):
            return simulated
        return (
            f"whether {principal} may do {action} cannot be asked: {simulated.message}. An "
            "administrator can: hansa doctor auth --action "
            f"{action} --resource '{resource}' --principal {principal}"
        )


def _regions(region: Region) -> tuple[str, ...]:
    """The names of AWS's regions, where one of them may be meant: reading them takes a while."""
    if {region.used, region.variable} <= {region.expected, ""}:
        return ()
    return tuple(Session().get_available_regions("ec2"))


def is_this_machine(host: str, own: str) -> bool:
    """Whether ``host`` is a name of this machine's, which the service listens on as ``own``."""
    if host == own:
        return True
    try:
        found = {str(each[4][0]) for each in socket.getaddrinfo(host, None)}
        mine = {str(each[4][0]) for each in socket.getaddrinfo(own, None)}
    except (OSError, UnicodeError):
        return False
    return bool(found & mine) or all(each.startswith(("127.", "::1")) for each in found)


def _explained(resolution: Resolution, local: LocalStore | None, region: str) -> RoleStep | None:
    """Why the profile's role could not be assumed, as far as the store tells."""
    step = resolution.role
    if local is None or step is None:
        return step
    caller = local.caller_of(source_key_id(resolution.source.profile), region)
    return local.role_step(step, caller)


def _environment_secrets() -> tuple[str, ...]:
    """The values of variables that hold, or were meant to hold, something secret."""
    marks = ("SECRET", "TOKEN", "PASSWORD", "ACCESS_KEY", "ACESS")
    return tuple(
        value
        for name, value in os.environ.items()
        if value
        and any(mark in name.upper() for mark in marks)
        and not value.startswith(("AKIA", "ASIA"))
    )
