"""What the service itself says, asked with the caller's credentials."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import botocore.exceptions as faults
from botocore import xform_name
from botocore.config import Config
from botocore.parsers import ResponseParserError
from botocore.session import Session

from hansa.diagnosis.facts import Answer, Permission
from hansa.diagnosis.principals import holder_of, kind_of, policy_source
from hansa.diagnosis.probe_network import SECONDS_MAX, Detour
from hansa.diagnosis.secrets_of import Keys

_DENIAL = re.compile(
    r"User: (?P<arn>\S+) is not authorized to perform: (?P<action>\S+) on resource: "
    r"(?P<resource>\S+)\s*(?P<reason>.*)",
    re.DOTALL,
)


class Api:
    """The service at ``url``; one try for each call, and no other credentials than ``keys``."""

    def __init__(self, url: str, region: str, keys: Keys, detour: Detour) -> None:
        self._session = Session()
        self._options: dict[str, Any] = {
            "region_name": region or "us-east-1",
            "endpoint_url": url,
            "aws_access_key_id": keys.access_key_id,
            "aws_secret_access_key": keys.secret_access_key,
            "aws_session_token": keys.session_token or None,
            "verify": detour.ca_bundle or None,
            "config": Config(
                retries={"total_max_attempts": 1},
                connect_timeout=SECONDS_MAX,
                read_timeout=2 * SECONDS_MAX,
                proxies=detour.proxies,
            ),
        }

    def client(self, service: str) -> Any:
        return self._session.create_client(service, **self._options)

    def identify(self) -> Answer:
        """Who the service says that the caller is."""
        output, refusal = answered(lambda: self.client("sts").get_caller_identity())
        if output is None:
            return refusal
        return Answer(arn=output["Arn"], account_id=output["Account"])

    def account_of(self, access_key_id: str) -> str:
        """The account that an access key belongs to; empty where that is not told."""
        output, _ = answered(
            lambda: self.client("sts").get_access_key_info(AccessKeyId=access_key_id)
        )
        return "" if output is None else str(output["Account"])

    def try_read(self, action: str) -> Answer | None:
        """The answer to an operation of managedblockchain that only reads and needs no parameter.

        ``None`` where ``action`` is none of these.
        """
        name = action.partition(":")[2]
        client = self.client("managedblockchain")
        operations = client.meta.service_model.operation_names
        if not action.startswith("managedblockchain:List") or name not in operations:
            return None
        shape = client.meta.service_model.operation_model(name).input_shape
        if shape is not None and shape.required_members:
            return None
        return answered(getattr(client, xform_name(name)))[1]

    def simulate(self, principal_arn: str, action: str, resource: str) -> Permission | Answer:
        """What IAM says that the policies of a principal decide; the refusal to say so."""
        source = policy_source(principal_arn)
        output, refusal = answered(
            lambda: self.client("iam").simulate_principal_policy(
                PolicySourceArn=source, ActionNames=[action], ResourceArns=[resource]
            )
        )
        if output is None:
            return refusal
        result = output["EvaluationResults"][0]
        denied = result["EvalDecision"] == "explicitDeny"
        matched = [str(each["SourcePolicyId"]) for each in result.get("MatchedStatements", [])]
        reason = f"because no identity-based policy allows the {action} action"
        if denied:
            reason = "with an explicit deny in an identity-based policy"
        return Permission(
            principal_arn,
            *holder_of(principal_arn),
            action,
            resource,
            result["EvalDecision"] == "allowed",
            reason,
            explicit_deny=denied,
            policy=matched[0] if matched else "",
        )

    def assume(self, role_arn: str) -> Answer:
        """The answer to taking a role for the shortest time there is."""
        return answered(
            lambda: self.client("sts").assume_role(
                RoleArn=role_arn, RoleSessionName="hansa-doctor", DurationSeconds=900
            )
        )[1]


def answered(call: Callable[[], Any]) -> tuple[Any, Answer]:
    """The output of a call, and the answer as the rules need it; the output is ``None`` if refused.

    What kept a request from being sent is not repeated: botocore tells it with the header in it.
    """
    try:
        return call(), Answer()
    except faults.ClientError as fault:
        error = fault.response.get("Error", {})
        request_id = fault.response.get("ResponseMetadata", {}).get("RequestId", "")
        code, message = str(error.get("Code", "")), str(error.get("Message", ""))
        return None, Answer(code=code or "Unknown", message=message, request_id=str(request_id))
    except (faults.BotoCoreError, ResponseParserError, ValueError) as fault:
        seen = "the request could not be sent: the key holds what no header can"
        if isinstance(fault, ResponseParserError):
            seen = "the answer is not one of AWS's"
        if isinstance(fault, faults.HTTPClientError | faults.ConnectionError):
            seen = f"no answer ({type(fault).__name__})"
        return None, Answer(code=type(fault).__name__, message=seen)


def permission_from(answer: Answer, principal_arn: str, action: str) -> Permission | None:
    """The decision that a call's answer tells; ``None`` where it was refused for another reason."""
    if answer.is_accepted:
        return Permission(
            principal_arn, *holder_of(principal_arn), action, "*", True, "the call was answered"
        )
    match = _DENIAL.match(answer.message)
    if match is None:
        return None
    reason = match["reason"]
    return Permission(
        match["arn"],
        *holder_of(match["arn"]),
        match["action"],
        match["resource"],
        False,
        reason,
        kind_of(reason),
        explicit_deny="explicit deny" in reason,
        request_id=answer.request_id,
    )
