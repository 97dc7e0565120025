# METADATA
# description: >
#   Whatever can carry tags says which workspace it belongs to, and the main things who owns them. `tags_all` holds the
#   provider's own tags too; resources without that attribute cannot be tagged.
package rules.required_tags

import data.lib

deny contains {"address": resource.address, "msg": msg} if {
	some resource in lib.written
	is_object(resource.change.after.tags_all)
	some pattern, tags in data.settings.required_tags
	glob.match(pattern, null, resource.type)
	some tag in tags
	object.get(resource.change.after.tags_all, tag, "") == ""
	not is_unknown_tag(resource, tag)
	msg := sprintf("the tag %s is missing or empty", [tag])
}

is_unknown_tag(resource, tag) if resource.change.after_unknown.tags_all[tag] == true

warn contains {"address": resource.address, "msg": "its tags are only known after the apply"} if {
	some resource in lib.written
	lib.is_unknown(resource, "tags_all")
}
