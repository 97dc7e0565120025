# METADATA
# description: Machines, databases and disks are of an allowed size.
package rules.sizes

import data.lib

classes := {
	"instance_type": data.settings.instance_types,
	"instance_class": data.settings.database_classes,
}

deny contains {"address": resource.address, "msg": msg} if {
	some resource in lib.written
	some attribute, allowed in classes
	size := resource.change.after[attribute]
	is_string(size)
	not lib.matches_any(allowed, size)
	msg := sprintf("the size %s is not allowed; allowed are %s", [size, concat(", ", allowed)])
}

warn contains {"address": resource.address, "msg": "its size is only known after the apply"} if {
	some resource in lib.written
	some attribute in object.keys(classes)
	lib.is_unknown(resource, attribute)
	resource.type in {"aws_instance", "aws_launch_template", "aws_db_instance", "aws_rds_cluster_instance"}
}

deny contains {"address": resource.address, "msg": msg} if {
	some resource in lib.written
	some size in volumes(resource)
	size > data.settings.volume_gib
	msg := sprintf("a volume of %v GiB is larger than the allowed %v GiB", [size, data.settings.volume_gib])
}

volumes(resource) := [size |
	some size in array.concat(
		[resource.change.after.size | resource.type == "aws_ebs_volume"],
		array.concat(
			[resource.change.after.allocated_storage | true],
			[device.volume_size |
				some kind in ["root_block_device", "ebs_block_device"]
				some device in resource.change.after[kind]
			],
		),
	)
	is_number(size)
]
