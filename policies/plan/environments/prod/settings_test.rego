package prod_test

import data.fixture
import data.rules.public_network
import data.rules.regions
import data.rules.required_tags

placed(region) := fixture.created("aws_s3_bucket", {"region": region})

open(port) := fixture.created(
	"aws_vpc_security_group_ingress_rule",
	{"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": port, "to_port": port},
)

test_regions_of_europe_alone if {
	count(regions.deny) == 0 with input as placed("eu-north-1")
	count(regions.deny) == 1 with input as placed("us-east-1")
}

test_plain_http_is_never_open if {
	count(public_network.deny) == 0 with input as open(443)
	count(public_network.deny) == 1 with input as open(80)
}

test_a_table_has_an_owner if {
	table := fixture.created("aws_dynamodb_table", {"tags_all": {"orchestrator:workspace": "demo/a"}})
	fixture.messages(required_tags.deny) == {"the tag Owner is missing or empty"} with input as table
}
