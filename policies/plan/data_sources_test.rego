package data_sources_test

import data.fixture
import data.rules.data_sources

test_an_allowed_data_source_is_read if {
	count(data_sources.deny) == 0 with input as fixture.configured({"address": "data.aws_ami.x", "mode": "data", "type": "aws_ami"})
}

test_one_that_runs_programs_is_denied if {
	count(data_sources.deny) == 1 with input as fixture.configured({"address": "data.external.x", "mode": "data", "type": "external"})
}

test_an_ephemeral_resource_is_denied if {
	count(data_sources.deny) == 1 with input as fixture.configured({"address": "ephemeral.x.y", "mode": "ephemeral", "type": "x"})
}

test_one_in_a_called_module_is_found if {
	nested := {"module_calls": {"inner": {"module": {"resources": [{"address": "data.http.x", "mode": "data", "type": "http"}]}}}}
	count(data_sources.deny) == 1 with input as {"configuration": {"root_module": nested}}
}
