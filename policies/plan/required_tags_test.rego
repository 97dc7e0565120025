package required_tags_test

import data.fixture
import data.rules.required_tags

denied(type, tags) := messages if {
	messages := fixture.messages(required_tags.deny) with input as fixture.created(type, {"tags_all": tags})
}

test_all_tags_are_there if denied("aws_instance", {"orchestrator:workspace": "demo/a", "Owner": "jo"}) == set()

test_a_missing_workspace if denied("aws_subnet", {}) == {"the tag orchestrator:workspace is missing or empty"}

test_an_empty_owner if {
	denied("aws_instance", {"orchestrator:workspace": "demo/a", "Owner": ""}) == {"the tag Owner is missing or empty"}
}

test_what_cannot_be_tagged_need_not_be if {
	count(required_tags.deny) == 0 with input as fixture.created("terraform_data", {"input": "x"})
}

test_tags_that_are_not_known_yet_need_a_stricter_gate if {
	plan := json.patch(fixture.created("aws_instance", {}), [{
		"op": "add",
		"path": "/resource_changes/0/change/after_unknown/tags_all",
		"value": true,
	}])
	count(required_tags.warn) == 1 with input as plan
}
