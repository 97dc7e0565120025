"""Asks MiniStack's evaluator of IAM policies (MIT) what roles may do.

Reads `{"roles": [...], "trusts": {...}, "questions": [...]}` on standard input, as `simulator.ts` writes it, and
answers with one decision per question: `Allow`, `Deny` (explicit) or `ImplicitDeny`. It decides nothing itself.
"""

import json
import re
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


def names_accounts_only(trust):
    """Whoever is trusted by their account alone needs a grant of their own, too."""
    principals = [s.get("Principal", {}).get("AWS", []) for s in trust["Statement"]]
    names = [n for p in principals for n in ([p] if isinstance(p, str) else p)]
    return bool(names) and all(re.fullmatch(r"\d{12}|arn:aws:iam::\d{12}:root", n) for n in names)


roles = [
    {
        "arn": role["arn"],
        "account": role["arn"].split(":")[4],
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
        principal_account=role["account"],
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
        # In another account, and where the trust leaves it to an account, both sides must agree.
        own = question["resource"].split(":")[4] == role["account"] and not names_accounts_only(policy or {"Statement": []})
        return "Allow" if trusted and (own or identity.decision == "Allow") else "ImplicitDeny"
    if policy or role["account"] != account:
        needed = question["action"].startswith("kms:")
        identity = combine_resource_policy(identity, context, policy, account, needed, limits)
    return identity.decision


json.dump([answer(question) for question in asked["questions"]], sys.stdout)
