package sizes_test

import data.fixture
import data.rules.sizes

denied(type, after) := count(violations) if violations := sizes.deny with input as fixture.created(type, after)

test_an_allowed_machine if denied("aws_instance", {"instance_type": "t3.large"}) == 0

test_a_huge_machine if denied("aws_instance", {"instance_type": "p5.48xlarge"}) == 1

test_a_huge_database if denied("aws_db_instance", {"instance_class": "db.r7g.16xlarge"}) == 1

test_a_huge_root_disk if {
	denied("aws_instance", {"instance_type": "t3.small", "root_block_device": [{"volume_size": 5000}]}) == 1
}

test_a_huge_volume if denied("aws_ebs_volume", {"size": 501}) == 1

test_a_huge_database_disk if denied("aws_db_instance", {"allocated_storage": 501}) == 1

test_a_disk_at_the_limit if denied("aws_ebs_volume", {"size": 500}) == 0

test_another_resource_may_have_a_size_of_its_own if denied("aws_autoscaling_group", {"size": 9999}) == 0

test_a_size_that_is_not_known_yet_needs_a_stricter_gate if {
	plan := json.patch(fixture.created("aws_instance", {}), [{
		"op": "add",
		"path": "/resource_changes/0/change/after_unknown/instance_type",
		"value": true,
	}])
	count(sizes.warn) == 1 with input as plan
}
