"""``hansa doctor``."""

from __future__ import annotations

from dataclasses import asdict

import click

from hansa.cli.checks import all_findings
from hansa.cli.commandline import Group
from hansa.cli.exits import Exit
from hansa.cli.session import current
from hansa.diagnosis.findings import Grade

_MARKS = {Grade.OK: "✓", Grade.NOTE: "·", Grade.BAD: "✗"}
_LATE = {"auth": "hansa.cli.commands.doctor_auth:auth"}


@click.group(cls=Group, late=_LATE, invoke_without_command=True)
@click.pass_context
def doctor(context: click.Context) -> int:
    """Look for what keeps the service from working, and say what to do.

    Ends with 6 where something has to be done. Changes nothing. For calls that are refused:
    hansa doctor auth.
    """
    if context.invoked_subcommand is not None:
        return Exit.OK
    session = current()
    findings = all_findings(session.installation())
    lines = []
    for finding in findings:
        lines.append(f"{_MARKS[finding.grade]} {finding.subject:<15} {finding.seen}")
        if finding.remedy:
            lines.append(f"{'':<18}→ {finding.remedy}")
    session.screen.result([asdict(finding) for finding in findings], *lines)
    return Exit.FINDINGS if any(f.grade is Grade.BAD for f in findings) else Exit.OK
