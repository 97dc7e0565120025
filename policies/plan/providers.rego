# METADATA
# description: Only providers that manage infrastructure; none that reads files, runs programs or fetches addresses.
package rules.providers

deny contains {"address": provider, "msg": "this provider is not allowed"} if {
	some name, config in input.configuration.provider_config
	provider := object.get(config, "full_name", name)
	not provider in data.settings.providers
}

deny contains {"address": resource.address, "msg": msg} if {
	some resource in input.resource_changes
	not resource.provider_name in data.settings.providers
	msg := sprintf("its provider %s is not allowed", [resource.provider_name])
}
