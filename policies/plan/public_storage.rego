# METADATA
# description: Nobody on the internet reads or writes a bucket, and what prevents it is not taken away unseen.
package rules.public_storage

import data.lib

deny contains {"address": resource.address, "msg": msg} if {
	some resource in lib.written_of({"aws_s3_bucket", "aws_s3_bucket_acl", "aws_s3_object"})
	acl := resource.change.after.acl
	acl in {"public-read", "public-read-write", "authenticated-read"}
	msg := sprintf("the ACL %s opens it to everybody", [acl])
}

blocks := ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"]

deny contains {"address": resource.address, "msg": msg} if {
	some resource in lib.written_of({"aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"})
	some name in blocks
	not resource.change.after[name] == true
	msg := sprintf("%s is not set", [name])
}

deny contains {"address": resource.address, "msg": "its policy lets anybody in"} if {
	some resource in lib.written_of({"aws_s3_bucket_policy", "aws_sqs_queue_policy", "aws_sns_topic_policy", "aws_kms_key"})
	some statement in lib.statements(resource.change.after.policy)
	lib.is_anybody(statement.Principal)
	not statement.Condition
}

warn contains {"address": resource.address, "msg": "the protection against public access is taken away"} if {
	some resource in lib.lost
	resource.type in {"aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"}
}
