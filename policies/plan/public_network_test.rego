package public_network_test

import data.fixture
import data.rules.public_network

judged(type, after) := {"deny": deny, "warn": warn} if {
	plan := fixture.created(type, after)
	deny := fixture.messages(public_network.deny) with input as plan
	warn := fixture.messages(public_network.warn) with input as plan
}

ingress(cidr, from, to) := {"cidr_ipv4": cidr, "ip_protocol": "tcp", "from_port": from, "to_port": to}

test_ssh_open_to_the_world_is_denied if {
	found := judged("aws_vpc_security_group_ingress_rule", ingress("0.0.0.0/0", 22, 22))
	found == {"deny": {"it lets 0.0.0.0/0 reach port 22 over tcp"}, "warn": set()}
}

test_an_allowed_port_needs_a_stricter_gate if {
	found := judged("aws_vpc_security_group_ingress_rule", ingress("0.0.0.0/0", 443, 443))
	found == {"deny": set(), "warn": {"it lets 0.0.0.0/0 reach port 443 over tcp"}}
}

test_half_of_the_world_is_the_world_too if {
	count(judged("aws_vpc_security_group_ingress_rule", ingress("128.0.0.0/1", 22, 22)).deny) == 1
}

test_a_range_that_holds_an_allowed_port_is_denied if {
	count(judged("aws_vpc_security_group_ingress_rule", ingress("0.0.0.0/0", 80, 443)).deny) == 1
}

test_everything_over_ipv6_is_denied if {
	rule := {"cidr_ipv6": "::/0", "ip_protocol": "-1", "from_port": null, "to_port": null}
	judged("aws_vpc_security_group_ingress_rule", rule).deny == {"it lets ::/0 reach every port and protocol"}
}

test_a_private_network_is_let_in if {
	judged("aws_vpc_security_group_ingress_rule", ingress("10.0.0.0/8", 22, 22)) == {"deny": set(), "warn": set()}
}

test_another_group_is_let_in if {
	rule := {"referenced_security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22}
	judged("aws_vpc_security_group_ingress_rule", rule) == {"deny": set(), "warn": set()}
}

test_a_rule_inside_a_group_is_found if {
	rule := {"cidr_blocks": [], "ipv6_cidr_blocks": ["::/0"], "protocol": "tcp", "from_port": 3389, "to_port": 3389}
	count(judged("aws_security_group", {"ingress": [rule]}).deny) == 1
}

test_a_rule_beside_a_group_is_found if {
	rule := {"type": "ingress", "cidr_blocks": ["0.0.0.0/0"], "protocol": "tcp", "from_port": 22, "to_port": 22}
	count(judged("aws_security_group_rule", rule).deny) == 1
	count(judged("aws_security_group_rule", object.union(rule, {"type": "egress"})).deny) == 0
}

test_a_network_that_is_not_known_yet_needs_a_stricter_gate if {
	plan := json.patch(fixture.created("aws_security_group_rule", {"type": "ingress"}), [
		{"op": "add", "path": "/resource_changes/0/change/after_unknown/cidr_blocks", "value": true},
		{
			"op": "add",
			"path": "/configuration/root_module/resources",
			"value": [{"type": "aws_security_group_rule", "name": "this", "expressions": {"cidr_blocks": {}}}],
		},
	])
	count(public_network.warn) == 1 with input as plan
}

test_a_public_database_is_denied if count(judged("aws_db_instance", {"publicly_accessible": true}).deny) == 1

test_public_addresses_need_a_stricter_gate if {
	every type, after in {
		"aws_instance": {"associate_public_ip_address": true},
		"aws_subnet": {"map_public_ip_on_launch": true},
		"aws_eip": {},
		"aws_lb": {"internal": false},
	} {
		judged(type, after).warn == {"it gets a public address"}
	}
}

test_private_ones_do_not if {
	every type, after in {
		"aws_instance": {"associate_public_ip_address": false},
		"aws_subnet": {"map_public_ip_on_launch": false},
		"aws_lb": {"internal": true},
	} {
		judged(type, after).warn == set()
	}
}
