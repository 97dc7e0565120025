package regions_test

import data.fixture
import data.rules.regions

provider(region) := {"configuration": {"provider_config": {"aws": {"expressions": {"region": {"constant_value": region}}}}}}

test_a_provider_in_an_allowed_region if count(regions.deny) == 0 with input as provider("eu-central-1")

test_a_provider_elsewhere if count(regions.deny) == 1 with input as provider("ap-south-1")

test_a_resource_elsewhere if {
	count(regions.deny) == 1 with input as fixture.created("aws_s3_bucket", {"region": "me-south-1"})
}

test_a_resource_that_says_no_region if {
	count(regions.deny) == 0 with input as fixture.created("aws_s3_bucket", {"region": null})
}
