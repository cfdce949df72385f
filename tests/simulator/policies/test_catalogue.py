"""The page of policies is the code's own."""

from gatewatch.simulator.policies.catalogue import README, catalogue


def test_the_readme_is_what_the_code_says():
    """`python -m gatewatch.simulator.policies.catalogue --write` makes it so."""
    assert README.read_text(encoding="utf-8") == catalogue()
