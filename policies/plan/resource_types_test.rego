package resource_types_test

import data.fixture
import data.rules.resource_types

test_users_are_denied if count(resource_types.deny) == 1 with input as fixture.created("aws_iam_user", {})

test_a_pattern_covers_its_family if {
	count(resource_types.deny) == 1 with input as fixture.created("aws_organizations_account", {})
}

test_other_types_are_allowed if count(resource_types.deny) == 0 with input as fixture.created("aws_instance", {})

test_what_is_left_over_may_be_destroyed if {
	count(resource_types.deny) == 0 with input as fixture.destroyed("aws_iam_user")
}
