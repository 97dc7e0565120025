# METADATA
# description: What keeps data is not destroyed or replaced on one ordinary approval.
package rules.stateful_loss

import data.lib

warn contains {"address": resource.address, "msg": msg} if {
	some resource in lib.lost
	keeps_data(resource)
	msg := sprintf("it keeps data, and this %s it", [verb(resource.change.actions)])
}

# By type, or by type and name.
keeps_data(resource) if resource.type in data.settings.stateful

keeps_data(resource) if sprintf("%s.%s", [resource.type, resource.name]) in data.settings.stateful

verb(actions) := "replaces" if {
	"create" in actions
} else := "forgets" if {
	"forget" in actions
} else := "destroys"
