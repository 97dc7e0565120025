# METADATA
# description: >
#   The internet reaches nothing but the allowed ports, and those only past a stricter gate. Public addresses and load
#   balancers need the stricter gate too.
package rules.public_network

import data.lib

# Every way to open a security group, in one form.
openings contains {"address": resource.address, "cidr": cidr, "rule": rule} if {
	some resource in lib.written_of({"aws_security_group", "aws_default_security_group"})
	some rule in resource.change.after.ingress
	some cidr in array.concat(blocks(rule, "cidr_blocks"), blocks(rule, "ipv6_cidr_blocks"))
}

openings contains {"address": resource.address, "cidr": cidr, "rule": rule} if {
	some resource in lib.written_of({"aws_security_group_rule"})
	rule := resource.change.after
	rule.type == "ingress"
	some cidr in array.concat(blocks(rule, "cidr_blocks"), blocks(rule, "ipv6_cidr_blocks"))
}

openings contains {"address": resource.address, "cidr": cidr, "rule": object.union(rule, {"protocol": rule.ip_protocol})} if {
	some resource in lib.written_of({"aws_vpc_security_group_ingress_rule"})
	rule := resource.change.after
	some attribute in ["cidr_ipv4", "cidr_ipv6"]
	cidr := rule[attribute]
	is_string(cidr)
}

blocks(rule, attribute) := rule[attribute] if {
	is_array(rule[attribute])
} else := []

public contains opening if {
	some opening in openings
	lib.is_world(opening.cidr)
}

# One allowed port, over TCP or UDP. Anything wider reaches a port that is not.
allowed(rule) if {
	rule.protocol in {"tcp", "udp", "6", "17"}
	rule.from_port == rule.to_port
	rule.from_port in data.settings.public_ports
}

deny contains {"address": opening.address, "msg": msg} if {
	some opening in public
	not allowed(opening.rule)
	msg := sprintf("it lets %s reach %s", [opening.cidr, ports(opening.rule)])
}

warn contains {"address": opening.address, "msg": msg} if {
	some opening in public
	allowed(opening.rule)
	msg := sprintf("it lets %s reach %s", [opening.cidr, ports(opening.rule)])
}

ports(rule) := "every port and protocol" if {
	rule.protocol in {"-1", "all"}
} else := sprintf("port %v over %s", [rule.from_port, rule.protocol]) if {
	rule.from_port == rule.to_port
} else := sprintf("ports %v to %v over %s", [rule.from_port, rule.to_port, rule.protocol]) if {
	is_number(rule.from_port)
} else := sprintf("every port over %s", [rule.protocol])

warn contains {"address": resource.address, "msg": "who it lets in is only known after the apply"} if {
	some resource in lib.written_of({
		"aws_security_group",
		"aws_security_group_rule",
		"aws_vpc_security_group_ingress_rule",
	})
	some attribute in ["ingress", "cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"]
	lib.is_unknown(resource, attribute)
	lib.is_configured(resource, attribute)
}

deny contains {"address": resource.address, "msg": "the database can be reached from the internet"} if {
	some resource in lib.written
	resource.change.after.publicly_accessible == true
}

warn contains {"address": resource.address, "msg": "it gets a public address"} if {
	some resource in lib.written
	has_public_address(resource)
}

has_public_address(resource) if resource.change.after.associate_public_ip_address == true

has_public_address(resource) if resource.change.after.map_public_ip_on_launch == true

has_public_address(resource) if resource.type == "aws_eip"

has_public_address(resource) if {
	resource.type in {"aws_lb", "aws_alb", "aws_elb"}
	resource.change.after.internal == false
}
