"""Policies: what a planner can decide, as functions from border to border."""

from gatewatch.simulator.policies.applying import apply_policies
from gatewatch.simulator.policies.demand_response import respond
from gatewatch.simulator.policies.kinds import Kind, list_kinds
from gatewatch.simulator.policies.ready import Policy, find_policy, list_policies

__all__ = ["Kind", "Policy", "apply_policies", "find_policy", "list_kinds", "list_policies", "respond"]
