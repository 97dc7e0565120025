package main_test

import data.main

test_a_plan_without_changes_is_allowed if {
	main.result == {"verdict": "allow", "reasons": []} with input as {}
}

test_what_a_rule_denies_is_denied_and_named if {
	main.result == {
		"verdict": "deny",
		"reasons": [
			{"rule": "a", "address": "x.y", "msg": "no", "verdict": "deny"},
			{"rule": "b", "address": "", "msg": "perhaps", "verdict": "stricter-gate"},
		],
	} with data.rules as {
		"a": {"deny": {{"address": "x.y", "msg": "no"}}},
		"b": {"warn": {"perhaps"}},
	}
}

test_what_a_rule_warns_of_needs_a_stricter_gate if {
	main.verdict == "stricter-gate" with data.rules as {"a": {"warn": {"perhaps"}}}
}

test_a_rule_that_says_nothing_at_all_denies if {
	main.verdict == "deny" with data.rules as {"a": {"denny": {"no"}}}
}

test_a_rule_whose_deny_is_no_set_denies if {
	main.verdict == "deny" with data.rules as {"a": {"deny": true, "warn": set()}}
}

test_a_reason_in_another_form_still_counts if {
	main.verdict == "deny" with data.rules as {"a": {"deny": {{"message": "no"}}}}
}
