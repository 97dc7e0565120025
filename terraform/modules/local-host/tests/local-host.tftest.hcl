variables {
  name               = "web-1"
  owner              = "platform@example.com"
  tags               = { environment = "test" }
  time_to_live_hours = 24
}

run "creates_a_host_with_a_free_address" {
  assert {
    condition     = length(output.inventory) == 1
    error_message = "There must be exactly one host."
  }
  assert {
    condition     = output.inventory[0].name == "web-1" && output.inventory[0].size == "small" && output.inventory[0].owner == "platform@example.com"
    error_message = "Name, size and owner must be those given."
  }
  assert {
    condition     = output.inventory[0].address == null
    error_message = "Without an address one is assigned later."
  }
  assert {
    condition     = output.inventory[0].expires_at == timeadd(terraform_data.created.output, "24h")
    error_message = "Expiry must be 24 hours after the first apply."
  }
}

run "keeps_expiry_on_the_next_apply" {
  assert {
    condition     = output.inventory[0].expires_at == timeadd(terraform_data.created.output, "24h")
    error_message = "Expiry must not move on a second apply."
  }
}

run "shows_changed_size_tags_and_owner" {
  variables {
    size  = "large"
    tags  = { environment = "test", tier = "web" }
    owner = "other@example.com"
  }
  assert {
    condition     = output.inventory[0].size == "large" && output.inventory[0].tags.tier == "web"
    error_message = "The inventory must show the change."
  }
  assert {
    condition     = output.inventory[0].expires_at == timeadd(terraform_data.created.output, "24h")
    error_message = "Expiry must not move with a change."
  }
}

run "moves_expiry_only_with_the_time_to_live" {
  variables {
    time_to_live_hours = 48
  }
  assert {
    condition     = output.inventory[0].expires_at == timeadd(terraform_data.created.output, "48h")
    error_message = "Expiry must count from the first apply."
  }
}

run "does_not_expire_without_a_time_to_live" {
  variables {
    time_to_live_hours = null
  }
  assert {
    condition     = output.inventory[0].expires_at == null
    error_message = "Without a time to live there is no expiry."
  }
}

run "takes_a_fixed_address" {
  variables {
    address = "127.20.0.10"
  }
  assert {
    condition     = output.inventory[0].address == "127.20.0.10"
    error_message = "A given address must be kept."
  }
}

run "refuses_a_bad_name" {
  command = plan
  variables {
    name = "-oProxyCommand=x"
  }
  expect_failures = [var.name]
}

run "refuses_an_unknown_size" {
  command = plan
  variables {
    size = "huge"
  }
  expect_failures = [var.size]
}

run "refuses_an_address_that_is_not_loopback" {
  command = plan
  variables {
    address = "10.0.0.4"
  }
  expect_failures = [var.address]
}

run "refuses_an_address_of_the_machine_itself" {
  command = plan
  variables {
    address = "127.0.0.1"
  }
  expect_failures = [var.address]
}

run "refuses_an_address_out_of_range" {
  command = plan
  variables {
    address = "127.1.2.256"
  }
  expect_failures = [var.address]
}

run "refuses_a_tag_with_a_line_break" {
  command = plan
  variables {
    tags = { note = "one\ntwo" }
  }
  expect_failures = [var.tags]
}

run "refuses_an_empty_owner" {
  command = plan
  variables {
    owner = ""
  }
  expect_failures = [var.owner]
}

run "refuses_half_an_hour_to_live" {
  command = plan
  variables {
    time_to_live_hours = 0.5
  }
  expect_failures = [var.time_to_live_hours]
}
