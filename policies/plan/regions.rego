# METADATA
# description: Resources are placed in the allowed regions alone, by their provider or by an attribute of their own.
package rules.regions

import data.lib

deny contains {"address": name, "msg": msg} if {
	some name, config in input.configuration.provider_config
	region := config.expressions.region.constant_value
	not lib.matches_any(data.settings.regions, region)
	msg := sprintf("the provider works in %s, which is not allowed", [region])
}

deny contains {"address": resource.address, "msg": msg} if {
	some resource in lib.written
	region := resource.change.after.region
	is_string(region)
	not lib.matches_any(data.settings.regions, region)
	msg := sprintf("it is placed in %s, which is not allowed", [region])
}
