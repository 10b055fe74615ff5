"""The rules, by subject."""

from mutants.operators import choice, cleanup, keys, limits, rare, rights, secrets, sharing, sql

#: All rules.
OPERATORS = (
    *keys.OPERATORS,
    *sharing.OPERATORS,
    *sql.OPERATORS,
    *cleanup.OPERATORS,
    *limits.OPERATORS,
    *choice.OPERATORS,
    *rare.OPERATORS,
    *rights.OPERATORS,
    *secrets.OPERATORS,
)
