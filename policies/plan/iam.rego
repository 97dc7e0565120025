# METADATA
# description: Who may do what changes only past a stricter gate; everything for everybody is refused.
package rules.iam

import data.lib

warn contains {"address": resource.address, "msg": "it changes who may do what"} if {
	some resource in lib.changed
	startswith(resource.type, "aws_iam_")
}

documents := ["policy", "assume_role_policy", "inline_policy"]

deny contains {"address": resource.address, "msg": "it allows every action on every resource"} if {
	some resource in lib.written
	startswith(resource.type, "aws_iam_")
	some name in documents
	some statement in lib.statements(resource.change.after[name])
	"*" in lib.as_list(statement.Action)
	"*" in lib.as_list(statement.Resource)
}

deny contains {"address": resource.address, "msg": "it may be assumed by anybody"} if {
	some resource in lib.written_of({"aws_iam_role"})
	some statement in lib.statements(resource.change.after.assume_role_policy)
	lib.is_anybody(statement.Principal)
	not statement.Condition
}

deny contains {"address": resource.address, "msg": "it attaches AdministratorAccess"} if {
	some resource in lib.written
	endswith(resource.change.after.policy_arn, ":policy/AdministratorAccess")
}
