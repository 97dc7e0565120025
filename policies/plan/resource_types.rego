# METADATA
# description: Kinds of resources that no change may create or alter. Destroying one that is left over is allowed.
package rules.resource_types

import data.lib

deny contains {"address": resource.address, "msg": msg} if {
	some resource in lib.written
	lib.matches_any(data.settings.denied_resource_types, resource.type)
	msg := sprintf("resources of the type %s are not allowed", [resource.type])
}
