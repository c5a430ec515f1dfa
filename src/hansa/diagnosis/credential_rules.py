"""From facts about credentials to findings. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from hansa.diagnosis import key_rules, remedies
from hansa.diagnosis.facts import ENVIRONMENT, CredentialFacts, Region, Resolution
from hansa.diagnosis.findings import Cause, Family, Finding, Grade
from hansa.diagnosis.variables import Misspelling, closest, misspellings

_BAD, _NOTE, _OK = Grade.BAD, Grade.NOTE, Grade.OK
SKEW_SECONDS_MAX = 300
SKEW_SECONDS_LOW = 60


def credential_findings(facts: CredentialFacts) -> list[Finding]:
    """What is wrong with the credentials, or where those come from that work."""
    accepted = facts.answer is not None and facts.answer.is_accepted
    spelt = [_misspelt(each, accepted=accepted) for each in misspellings(facts.variables)]
    found = list(_resolution(facts.resolution))
    if not found:
        found += key_rules.key_findings(facts)
    found += _shadowed(facts, accepted=accepted)
    # What a misspelt variable leads to is told by the misspelling.
    if any(finding.grade is _BAD for finding in spelt):
        consequences = (
            Cause.CREDENTIALS_MISSING,
            Cause.CREDENTIALS_INCOMPLETE,
            Cause.TOKEN_MISSING,
        )
        found = [finding for finding in found if finding.cause not in consequences]
    return [*spelt, *found]


def _misspelt(each: Misspelling, *, accepted: bool) -> Finding:
    is_key = each.meant in remedies.KEY_VARIABLES
    harmless = each.meant_is_set or (is_key and accepted)
    command = f"unset {each.given}"
    if not each.meant_is_set:
        command = f'export {each.meant}="${each.given}"; {command}'
    return Finding(
        Family.CREDENTIALS,
        Cause.VARIABLE_MISSPELT,
        _NOTE if harmless else _BAD,
        f"the environment variable {each.given} is read by nothing; {each.meant} was meant",
        f"{each.given} is set, {each.meant} is {'set too' if each.meant_is_set else 'not'}",
        command,
    )


def _resolution(found: Resolution) -> Iterator[Finding]:
    """What kept botocore from finding credentials at all."""
    rule = _RESOLUTION_RULES.get(found.fault)
    if rule is not None:
        yield rule(found)


def _finding(cause: Cause, what: str, evidence: str, command: str, advice: str = "") -> Finding:
    return Finding(Family.CREDENTIALS, cause, _BAD, what, evidence, command, advice)


def _missing(found: Resolution) -> Finding:
    return _finding(
        Cause.CREDENTIALS_MISSING,
        "there are no credentials",
        "botocore's chain ended without any: no AWS_ACCESS_KEY_ID, no access key in the profile "
        f"{found.source.profile}, and no other source",
        'eval "$(hansa env)"',
        "On another machine than the service's: aws configure",
    )


def _incomplete(found: Resolution) -> Finding:
    in_environment = found.source.method == ENVIRONMENT
    names = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    return _finding(
        Cause.CREDENTIALS_INCOMPLETE,
        "half of an access key is missing",
        f"{found.detail}; from {found.source.place}",
        'eval "$(hansa env)"'
        if in_environment
        else f"aws configure --profile {quote(found.source.profile)}",
        f"Both {names} have to be set, and exported." if in_environment else "",
    )


def _profile(found: Resolution) -> Finding:
    name = found.source.profile
    near = closest(name, found.choices)
    if near is not None:
        command, advice = f"export AWS_PROFILE={quote(near)}; unset AWS_DEFAULT_PROFILE", ""
    else:
        command = "unset AWS_PROFILE AWS_DEFAULT_PROFILE"
        advice = f"Or make the profile: hansa configure --profile {quote(name)}"
    there = ", ".join(found.choices) or "none"
    return _finding(
        Cause.PROFILE_MISSING,
        f"there is no profile {name!r}, which AWS_PROFILE names",
        f"profiles that there are: {there}",
        command,
        advice,
    )


def _unreadable(found: Resolution) -> Finding:
    return _finding(
        Cause.CONFIGURATION_UNREADABLE,
        "AWS's configuration files cannot be read",
        found.detail,
        'eval "$(hansa env)"; unset AWS_SHARED_CREDENTIALS_FILE',
        "That goes past the broken file; mend it where it says.",
    )


def _chain(found: Resolution) -> Finding:
    near = closest(found.wanted, found.choices) if found.wanted else None
    source = near or "SOURCE"
    profile = quote(found.source.profile)
    return _finding(
        Cause.ROLE_CHAIN_BROKEN,
        f"the profile {found.source.profile} cannot assume its role: its source is broken",
        found.detail,
        f"aws configure set source_profile {quote(source)} --profile {profile}",
        f"Profiles that there are: {', '.join(found.choices)}.",
    )


def _process(found: Resolution) -> Finding:
    return _finding(
        Cause.PROCESS_FAILED,
        f"the credential_process of the profile {found.source.profile} failed",
        found.detail,
        f"aws configure --profile {quote(found.source.profile)}",
        "Or mend the program that credential_process names; its output is described by "
        "`aws help config-vars`.",
    )


_RESOLUTION_RULES = {
    "missing": _missing,
    "incomplete": _incomplete,
    "profile": _profile,
    "unreadable": _unreadable,
    "chain": _chain,
    "process": _process,
}


def _shadowed(facts: CredentialFacts, *, accepted: bool) -> Iterator[Finding]:
    source = facts.resolution.source
    if not source.shadowed or (accepted and not source.named):
        return
    works = {True: ", which works", False: ", which is refused too", None: ""}
    told = works[facts.shadowed_works]
    yield Finding(
        Family.CREDENTIALS,
        Cause.PROFILE_SHADOWED,
        _NOTE if accepted or facts.shadowed_works is False else _BAD,
        f"the environment's access key is used, not that of the profile {source.shadowed}",
        f"the profile has access key {source.shadowed_id or '(of another form)'}{told}; "
        "AWS_ACCESS_KEY_ID goes before AWS_PROFILE",
        remedies.UNSET_KEY,
        "Unless the environment's key is the one you mean.",
    )


def region_findings(region: Region, known: tuple[str, ...]) -> list[Finding]:
    """What is wrong with the region; ``known`` are the names of regions that there are."""
    wanted = region.expected or "us-east-1"
    if not region.used:
        seen = f"AWS_REGION is {region.variable}, but boto3 reads AWS_DEFAULT_REGION"
        command = f"export AWS_REGION={quote(wanted)} AWS_DEFAULT_REGION={quote(wanted)}"
        evidence = seen if region.variable else "neither AWS_DEFAULT_REGION nor the profile says it"
        return [_finding(Cause.REGION_MISSING, "no region is set", evidence, command)]
    told: list[Finding] = []
    for name, where in ((region.used, "AWS_DEFAULT_REGION or the profile"),
                        (region.variable, "AWS_REGION")):  # fmt: skip
        if not name or name == wanted or (not region.expected and name in known):
            continue
        if any(name in finding.what for finding in told):
            continue
        near = closest(name, known)
        meant = f"; {near} was meant" if near and name not in known else ""
        command = f"export AWS_REGION={quote(wanted)} AWS_DEFAULT_REGION={quote(wanted)}"
        told.append(
            _finding(
                Cause.REGION_OTHER,
                f"the region {name} is not the service's{meant}",
                f"{where} says {name}; the service is in {wanted}"
                if region.expected
                else f"{where} says {name}, and AWS has no such region",
                command,
                "What was made in one region is not seen from another.",
            )
        )
    return told or [Finding(Family.CREDENTIALS, Cause.NONE, _OK, f"the region is {region.used}")]


def clock_findings(skew_seconds: float | None) -> list[Finding]:
    """``skew_seconds``: how far this machine's clock is ahead of the service's."""
    if skew_seconds is None:
        return []
    off = abs(skew_seconds)
    way = "ahead of" if skew_seconds > 0 else "behind"
    if off <= SKEW_SECONDS_LOW:
        return [Finding(Family.CREDENTIALS, Cause.NONE, _OK, "the clocks agree")]
    return [
        Finding(
            Family.CREDENTIALS,
            Cause.CLOCK_SKEWED,
            _BAD if off >= SKEW_SECONDS_MAX - SKEW_SECONDS_LOW else _NOTE,
            f"this machine's clock is {off:.0f} s {way} the service's",
            f"compared with the Date header of its answer; signatures may differ by at most "
            f"{SKEW_SECONDS_MAX} s",
            "sudo timedatectl set-ntp true",
            "Or set the clock by hand (date -s); in a container, that of the machine below it.",
        )
    ]
