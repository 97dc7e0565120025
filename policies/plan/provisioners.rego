# METADATA
# description: Provisioners run programs on the worker or on hosts, past every other check.
package rules.provisioners

import data.lib

deny contains {"address": resource.address, "msg": msg} if {
	some resource in lib.configured
	some provisioner in resource.provisioners
	not provisioner.type in data.settings.provisioners
	msg := sprintf("it has a provisioner %q", [provisioner.type])
}
