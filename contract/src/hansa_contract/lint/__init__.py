"""Finds what makes a contract give different results on different peers."""

from __future__ import annotations

from hansa_contract.lint.checker import Finding
from hansa_contract.lint.files import lint, lint_paths
from hansa_contract.lint.rules import RULES, Rule

__all__ = ["RULES", "Finding", "Rule", "lint", "lint_paths"]
