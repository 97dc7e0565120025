# Needs the AWS provider's binary for its schema, but no account: nothing is called.
mock_provider "aws" {
  mock_resource "aws_instance" {
    defaults = {
      id         = "i-0123456789abcdef0"
      private_ip = "10.0.1.20"
    }
  }
  mock_resource "aws_security_group" {
    defaults = {
      id = "sg-0aaaaaaaaaaaaaaaa"
    }
  }
}

variables {
  name                     = "web-1"
  owner                    = "platform@example.com"
  time_to_live_hours       = 24
  tags                     = { environment = "test", Owner = "somebody else" }
  vpc_id                   = "vpc-0123456789abcdef0"
  subnet_id                = "subnet-0123456789abcdef0"
  ami_id                   = "ami-0123456789abcdef0"
  instance_profile_name    = "orchestrator-host"
  worker_security_group_id = "sg-0123456789abcdef0"
}

run "creates_a_host_that_is_closed_and_encrypted" {
  assert {
    condition     = aws_instance.this.metadata_options[0].http_tokens == "required"
    error_message = "The instance must take IMDSv2 only."
  }
  assert {
    condition     = aws_instance.this.associate_public_ip_address == false
    error_message = "The instance must have no public address."
  }
  assert {
    condition     = aws_instance.this.root_block_device[0].encrypted
    error_message = "The root volume must be encrypted."
  }
  assert {
    condition = alltrue([
      for rule in aws_vpc_security_group_ingress_rule.worker :
      rule.referenced_security_group_id == "sg-0123456789abcdef0" && rule.cidr_ipv4 == null && rule.cidr_ipv6 == null
    ])
    error_message = "Only the workers' security group may reach the host."
  }
  assert {
    condition     = toset(keys(aws_vpc_security_group_ingress_rule.worker)) == toset(["22", "80"])
    error_message = "SSH and the service's port, and nothing else, may be reached."
  }
  assert {
    condition     = aws_instance.this.tags.Owner == "platform@example.com"
    error_message = "A free label must not change the owner."
  }
  assert {
    condition     = output.inventory[0].name == "web-1" && output.inventory[0].expires_at == timeadd(terraform_data.created.output, "24h")
    error_message = "The inventory must name the host and its expiry."
  }
}

run "keeps_expiry_on_the_next_apply" {
  assert {
    condition     = output.inventory[0].expires_at == timeadd(terraform_data.created.output, "24h")
    error_message = "Expiry must not move."
  }
}

run "refuses_a_public_address" {
  command = plan
  variables {
    address = "8.8.8.8"
  }
  expect_failures = [var.address]
}

run "refuses_an_unknown_size" {
  command = plan
  variables {
    size = "huge"
  }
  expect_failures = [var.size]
}

run "refuses_an_arn_for_the_instance_profile" {
  command = plan
  variables {
    instance_profile_name = "arn:aws:iam::123456789012:instance-profile/x"
  }
  expect_failures = [var.instance_profile_name]
}
