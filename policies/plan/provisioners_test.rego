package provisioners_test

import data.fixture
import data.rules.provisioners

resource := {"address": "a.b", "mode": "managed", "type": "a", "provisioners": [{"type": "local-exec"}]}

test_a_provisioner_is_denied if {
	provisioners.deny == {{"address": "a.b", "msg": "it has a provisioner \"local-exec\""}} with input as fixture.configured(resource)
}

test_one_that_is_listed_is_allowed if {
	count(provisioners.deny) == 0 with input as fixture.configured(resource)
		with data.settings.provisioners as ["local-exec"]
}
