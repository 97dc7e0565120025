package stateful_loss_test

import data.fixture
import data.rules.stateful_loss

said(plan) := messages if messages := fixture.messages(stateful_loss.warn) with input as plan

test_destroying_a_database if said(fixture.destroyed("aws_db_instance")) == {"it keeps data, and this destroys it"}

test_replacing_a_table if {
	said(fixture.change("aws_dynamodb_table", ["delete", "create"], {})) == {"it keeps data, and this replaces it"}
}

test_replacing_in_the_other_order if {
	said(fixture.change("aws_dynamodb_table", ["create", "delete"], {})) == {"it keeps data, and this replaces it"}
}

test_forgetting_a_bucket if {
	said(fixture.change("aws_s3_bucket", ["forget"], null)) == {"it keeps data, and this forgets it"}
}

test_a_type_and_name if {
	said(fixture.destroyed("terraform_data")) == {"it keeps data, and this destroys it"} with data.settings.stateful as ["terraform_data.this"]
}

test_creating_or_changing_loses_nothing if {
	every actions in [["create"], ["update"], ["no-op"]] {
		said(fixture.change("aws_db_instance", actions, {})) == set()
	}
}

test_what_keeps_no_data_may_go if said(fixture.destroyed("aws_security_group")) == set()
