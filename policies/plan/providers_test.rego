package providers_test

import data.fixture
import data.rules.providers

test_the_aws_provider_is_allowed if {
	count(providers.deny) == 0 with input as fixture.created("aws_instance", {})
}

test_a_provider_that_is_not_listed_is_denied if {
	some violation in providers.deny with input as {"configuration": {"provider_config": {"http": {"full_name": "registry.opentofu.org/hashicorp/http"}}}}
	violation.address == "registry.opentofu.org/hashicorp/http"
}

test_a_resource_of_such_a_provider_is_denied if {
	count(providers.deny) == 1 with input as {"resource_changes": [{"address": "a.b", "provider_name": "evil"}]}
}
