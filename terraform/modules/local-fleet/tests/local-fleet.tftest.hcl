variables {
  names = ["web-2", "web-1"]
  owner = "platform@example.com"
}

run "creates_a_host_for_each_name" {
  assert {
    condition     = join(",", output.inventory[*].name) == "web-1,web-2"
    error_message = "There must be one host for each name, in their order."
  }
  assert {
    condition     = alltrue([for host in output.inventory : host.address == null && host.size == "small" && host.expires_at == null])
    error_message = "Addresses are assigned later, and without a time to live there is no expiry."
  }
}

run "adds_one_and_keeps_the_others" {
  variables {
    names              = ["web-1", "web-2", "web-3"]
    time_to_live_hours = 24
  }
  assert {
    condition     = length(output.inventory) == 3
    error_message = "The added host must be there too."
  }
  assert {
    condition     = output.inventory[2].expires_at == timeadd(terraform_data.created.output, "24h")
    error_message = "Expiry must be 24 hours after the first apply."
  }
}

run "refuses_a_bad_name" {
  command = plan
  variables {
    names = ["web-1", "Web 2"]
  }
  expect_failures = [var.names]
}

run "refuses_none" {
  command = plan
  variables {
    names = []
  }
  expect_failures = [var.names]
}
