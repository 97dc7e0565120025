# METADATA
# description: What several rules ask of a plan.
package lib

# Resources that the plan creates, changes, replaces, destroys or forgets. Data sources are only read.
changed := [resource |
	some resource in input.resource_changes
	resource.mode == "managed"
	not resource.change.actions[0] in {"no-op", "read"}
]

# Those that will be there afterwards.
written := [resource |
	some resource in changed
	is_object(resource.change.after)
]

# Those whose present object goes, for good or for another.
lost := [resource |
	some resource in changed
	some action in resource.change.actions
	action in {"delete", "forget"}
]

written_of(types) := [resource |
	some resource in written
	resource.type in types
]

# The resources of the configuration, those of called modules too.
configured contains resource if {
	some [path, resources] in all_resources
	some resource in resources
}

all_resources contains [path, resources] if {
	walk(input.configuration.root_module, [path, resources])
	path[count(path) - 1] == "resources"
}

# Whether the configuration says anything about an attribute or block of this resource.
is_configured(resource, name) if {
	some found in configured
	found.type == resource.type
	found.name == resource.name
	found.expressions[name]
}

# Whether an attribute is only known after the apply. Such a value cannot be judged now.
is_unknown(resource, attribute) if resource.change.after_unknown[attribute] == true

matches_any(patterns, text) if {
	some pattern in patterns
	glob.match(pattern, null, text)
}

# A network so large that it stands for the whole internet, also when it is cut into a few pieces.
is_world(cidr) if {
	not contains(cidr, ":")
	to_number(split(cidr, "/")[1]) < 8
}

is_world(cidr) if {
	contains(cidr, ":")
	to_number(split(cidr, "/")[1]) < 16
}

# The statements of an AWS policy document in JSON that allow something.
statements(document) := parsed if {
	is_string(document)
	statement := json.unmarshal(document).Statement
	parsed := [found |
		some found in as_list(statement)
		found.Effect == "Allow"
	]
}

as_list(value) := value if is_array(value)

as_list(value) := [value] if not is_array(value)

# A principal that is anybody.
is_anybody(principal) if principal == "*"

is_anybody(principal) if {
	some value in as_list(principal.AWS)
	value == "*"
}
