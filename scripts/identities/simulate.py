"""Asks MiniStack's evaluator of IAM policies (MIT) what roles may do.

Reads `{"roles": [...], "trusts": {...}, "questions": [...]}` on standard input, as `simulator.ts` writes it, and
answers with one decision per question: `Allow`, `Deny` (explicit) or `ImplicitDeny`. It decides nothing itself.
"""

import json
import sys

from ministack.core.iam_evaluator import (
    EvalContext,
    combine_resource_policy,
    evaluate,
    evaluate_trust_policy,
    parse_policy_document,
)

asked = json.load(sys.stdin)
account, region = asked["account"], asked["region"]


def parsed(layers):
    return [[parse_policy_document(document) for document in layer] for layer in layers]


roles = [
    {
        "arn": role["arn"],
        "policies": parsed([role["policies"]])[0],
        "limits": parsed(role["limits"]),
        "keys": {f"aws:principaltag/{name}".lower(): value for name, value in role["sessionTags"].items()},
    }
    for role in asked["roles"]
]


def answer(question):
    role = roles[question["role"]]
    context = EvalContext(
        principal_arn=role["arn"],
        principal_type="AssumedRole",
        principal_account=account,
        action=question["action"],
        resource_arn=question["resource"],
        region=question.get("region", region),
        secure_transport=True,
        service_context={name.lower(): value for name, value in question["context"].items()},
        principal_keys=role["keys"],
    )
    limits = role["limits"] if question["limited"] else []
    identity = evaluate(context, role["policies"], *limits)
    if identity.decision == "Deny":
        return "Deny"
    policy = asked["resourcePolicies"].get(question["resource"])
    if question["action"] == "sts:AssumeRole":
        # The role's own trust names who may; nobody else comes in by policies of their own.
        trusted = policy and evaluate_trust_policy(policy, role["arn"], context)
        # In another account, both sides must agree.
        own = question["resource"].split(":")[4] == account
        return "Allow" if trusted and (own or identity.decision == "Allow") else "ImplicitDeny"
    if policy:
        needed = question["action"].startswith("kms:")
        identity = combine_resource_policy(identity, context, policy, account, needed, limits)
    return identity.decision


json.dump([answer(question) for question in asked["questions"]], sys.stdout)
