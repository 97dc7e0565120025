# METADATA
# description: Data sources and ephemeral resources run while a plan is made; only those that read through a provider may.
package rules.data_sources

import data.lib

deny contains {"address": resource.address, "msg": "it reads through a data source that is not allowed"} if {
	some resource in lib.configured
	resource.mode != "managed"
	not resource.type in data.settings.data_sources
}
