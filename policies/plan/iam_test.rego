package iam_test

import data.fixture
import data.rules.iam

judged(plan) := {"deny": deny, "warn": warn} if {
	deny := fixture.messages(iam.deny) with input as plan
	warn := fixture.messages(iam.warn) with input as plan
}

document(statement) := json.marshal({"Statement": statement})

test_every_change_needs_a_stricter_gate if {
	every actions in [["create"], ["update"], ["delete"], ["delete", "create"]] {
		judged(fixture.change("aws_iam_role", actions, {})).warn == {"it changes who may do what"}
	}
}

test_what_does_not_change_does_not if count(judged(fixture.change("aws_iam_role", ["no-op"], {})).warn) == 0

test_everything_for_everybody_is_denied if {
	policy := document({"Effect": "Allow", "Action": "*", "Resource": ["*"]})
	judged(fixture.created("aws_iam_role_policy", {"policy": policy})).deny == {"it allows every action on every resource"}
}

test_one_action_is_not if {
	policy := document([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}])
	judged(fixture.created("aws_iam_policy", {"policy": policy})).deny == set()
}

test_a_role_for_anybody_is_denied if {
	trust := document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}})
	judged(fixture.created("aws_iam_role", {"assume_role_policy": trust})).deny == {"it may be assumed by anybody"}
}

test_a_role_for_a_service_is_not if {
	trust := document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}})
	judged(fixture.created("aws_iam_role", {"assume_role_policy": trust})).deny == set()
}

test_administrator_access_is_denied if {
	after := {"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}
	judged(fixture.created("aws_iam_role_policy_attachment", after)).deny == {"it attaches AdministratorAccess"}
}
