"""``hansa doctor``."""

from __future__ import annotations

from dataclasses import asdict

import click

from hansa.cli.checks import Grade, all_findings
from hansa.cli.commandline import Command
from hansa.cli.exits import Exit
from hansa.cli.session import current

_MARKS = {Grade.OK: "✓", Grade.NOTE: "·", Grade.BAD: "✗"}


@click.command(cls=Command)
def doctor() -> int:
    """Look for what keeps the service from working, and say what to do.

    Ends with 6 where something has to be done. Changes nothing.
    """
    session = current()
    findings = all_findings(session.installation())
    lines = []
    for finding in findings:
        lines.append(f"{_MARKS[finding.grade]} {finding.subject:<15} {finding.seen}")
        if finding.remedy:
            lines.append(f"{'':<18}→ {finding.remedy}")
    session.screen.result([asdict(finding) for finding in findings], *lines)
    return Exit.FINDINGS if any(f.grade is Grade.BAD for f in findings) else Exit.OK
