package public_storage_test

import data.fixture
import data.rules.public_storage

denied(type, after) := count(violations) if violations := public_storage.deny with input as fixture.created(type, after)

policy(statement) := {"policy": json.marshal({"Version": "2012-10-17", "Statement": [statement]})}

all_blocked := {
	"block_public_acls": true,
	"block_public_policy": true,
	"ignore_public_acls": true,
	"restrict_public_buckets": true,
}

test_a_public_acl_is_denied if denied("aws_s3_bucket_acl", {"acl": "public-read"}) == 1

test_a_private_acl_is_allowed if denied("aws_s3_bucket_acl", {"acl": "private"}) == 0

test_a_whole_block_is_allowed if denied("aws_s3_bucket_public_access_block", all_blocked) == 0

test_a_block_with_a_hole_is_denied if {
	denied("aws_s3_bucket_public_access_block", object.union(all_blocked, {"block_public_acls": false})) == 1
}

test_a_policy_for_anybody_is_denied if {
	every principal in ["*", {"AWS": "*"}, {"AWS": ["arn:aws:iam::1:root", "*"]}] {
		statement := {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*"}
		denied("aws_s3_bucket_policy", policy(statement)) == 1
	}
}

test_a_policy_that_only_forbids_is_allowed if {
	statement := {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
	denied("aws_s3_bucket_policy", policy(statement)) == 0
}

test_a_policy_for_one_account_is_allowed if {
	statement := {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:root"}, "Action": "s3:*", "Resource": "*"}
	denied("aws_s3_bucket_policy", policy(statement)) == 0
}

test_taking_the_block_away_needs_a_stricter_gate if {
	count(public_storage.warn) == 1 with input as fixture.destroyed("aws_s3_bucket_public_access_block")
}
