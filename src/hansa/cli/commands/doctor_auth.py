"""``hansa doctor auth``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from hansa.cli.commandline import Command
from hansa.cli.exits import Exit
from hansa.cli.session import Session, current
from hansa.settings import default_data_directory

if TYPE_CHECKING:
    from hansa.diagnosis.findings import Finding

MARKS = {"ok": "✓", "note": "·", "bad": "✗"}


@click.command(cls=Command)
@click.option(
    "--action", metavar="ACTION", help="May I do this? Such as managedblockchain:GetNode."
)
@click.option("--resource", metavar="ARN", default="*", help="What it is done to.  [default: *]")
@click.option(
    "--principal", metavar="ARN", default="", help="Ask for this user or role, not for the caller."
)
@click.option(
    "--explain",
    metavar="REQUEST_ID",
    help="Say why that call was refused; 'last' is the newest refusal.",
)
def auth(action: str | None, resource: str, principal: str, explain: str | None) -> int:
    """Say why calls are refused, with this shell's own environment, and what mends it.

    It looks at credentials, the way to the service, and roles and policies. Ends with 6 where
    something is wrong. Changes nothing, and shows no secret.
    """
    from hansa.diagnosis.examine import Examination, Question
    from hansa.diagnosis.probe_network import utc_now

    session = current()
    env = env_command(session)
    if explain is not None:
        from hansa.diagnosis.explanation import explanation

        return report(session, explanation(session.installation(), env, explain, utc_now))
    question = Question(action or "", resource, principal)
    examination = Examination(session.installation(), env, question, utc_now)
    return report(session, examination.findings())


def env_command(session: Session) -> str:
    """The command that prints the administrator's environment of this installation."""
    from shlex import quote

    if session.data_dir.absolute() == default_data_directory().absolute():
        return "hansa env"
    return f"hansa env --data-dir {quote(str(session.data_dir.absolute()))}"


def report(session: Session, findings: list[Finding]) -> int:
    """Print the findings; the exit code says whether anything is wrong."""
    session.screen.result([asdict(each) for each in findings], *_lines(findings))
    return Exit.FINDINGS if any(each.grade == "bad" for each in findings) else Exit.OK


def _lines(findings: list[Finding]) -> Iterator[str]:
    family = ""
    for each in findings:
        if each.family != family:
            family = each.family
            yield f"{family.capitalize()}:"
        yield f"  {MARKS[each.grade]} {each.what}"
        for mark, text in (("", each.evidence), ("$ ", each.command), ("", each.advice)):
            if text and not (mark == "" and each.grade == "ok"):
                yield f"      {mark}{text}"
