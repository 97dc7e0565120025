# Plans of one resource, for the tests of rules.
package fixture

change(type, actions, after) := {
	"resource_changes": [{
		"address": sprintf("%s.this", [type]),
		"mode": "managed",
		"type": type,
		"name": "this",
		"provider_name": "registry.opentofu.org/hashicorp/aws",
		"change": {"actions": actions, "after": after, "after_unknown": {}},
	}],
	"configuration": {"root_module": {}},
}

created(type, after) := change(type, ["create"], after)

destroyed(type) := change(type, ["delete"], null)

configured(resource) := {"configuration": {"root_module": {"resources": [resource]}}}

# What a rule says, without where.
messages(violations) := {violation.msg | some violation in violations}
