# METADATA
# description: >
#   Gathers what every rule says. A rule is a package below `rules` with the sets `deny` (the plan fails, nobody is
#   asked) and `warn` (a stricter gate must decide). conftest reads the same two names.
package main

deny contains reason(rule, violation) if {
	some rule
	some violation in data.rules[rule].deny
}

# A rule that says neither was misspelled: it must not pass for a rule that found nothing.
deny contains reason(rule, "it defines neither a set deny nor a set warn, so it judges nothing") if {
	some rule, content in data.rules
	sets := [name | some name in ["deny", "warn"]; is_set(content[name])]
	count(sets) == 0
}

deny contains reason(rule, sprintf("%s must be a set: write %s contains …", [name, name])) if {
	some rule, content in data.rules
	some name in ["deny", "warn"]
	not is_set(object.get(content, name, set()))
}

warn contains reason(rule, violation) if {
	some rule
	some violation in data.rules[rule].warn
}

reason(rule, violation) := {
	"rule": rule,
	"address": object.get(violation, "address", ""),
	"msg": object.get(violation, "msg", "the rule gives no reason"),
} if {
	is_object(violation)
} else := {"rule": rule, "address": "", "msg": sprintf("%v", [violation])}

# What the orchestrator asks for.
result := {
	"verdict": verdict,
	"reasons": array.concat(
		[object.union(found, {"verdict": "deny"}) | some found in deny],
		[object.union(found, {"verdict": "stricter-gate"}) | some found in warn],
	),
}

default verdict := "allow"

verdict := "deny" if {
	count(deny) > 0
} else := "stricter-gate" if {
	count(warn) > 0
}
