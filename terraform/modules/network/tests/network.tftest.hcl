# Needs the AWS provider's binary for its schema, but no account: nothing is called.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = {
      region = "eu-central-1"
    }
  }
}

variables {
  name            = "web"
  owner           = "platform@example.com"
  tags            = { Owner = "somebody else" }
  cidr_block      = "10.20.0.0/16"
  private_subnets = { "eu-central-1a" = "10.20.0.0/20", "eu-central-1b" = "10.20.16.0/20" }
}

run "is_closed_without_public_subnets" {
  assert {
    condition     = length(aws_internet_gateway.this) == 0 && length(aws_nat_gateway.this) == 0 && length(aws_route.internet) == 0
    error_message = "Nothing may lead to the internet unless a public subnet is asked for."
  }
  assert {
    condition     = alltrue([for subnet in aws_subnet.private : !subnet.map_public_ip_on_launch])
    error_message = "No subnet may give out public addresses by itself."
  }
  assert {
    condition     = aws_vpc.this.tags.Owner == "platform@example.com"
    error_message = "A free label must not change the owner."
  }
  assert {
    condition     = toset(keys(output.private_subnet_ids)) == toset(["eu-central-1a", "eu-central-1b"])
    error_message = "Each zone must have its private subnet."
  }
  assert {
    condition     = aws_vpc_endpoint.gateway["s3"].service_name == "com.amazonaws.eu-central-1.s3"
    error_message = "Traffic to S3 must stay inside AWS."
  }
}

run "has_one_nat_gateway_in_the_first_public_zone" {
  variables {
    public_subnets = { "eu-central-1b" = "10.20.241.0/24", "eu-central-1a" = "10.20.240.0/24" }
    nat_gateway    = true
  }
  assert {
    condition     = toset(keys(aws_nat_gateway.this)) == toset(["eu-central-1a"])
    error_message = "There must be one NAT gateway, in the first zone by name."
  }
}

run "refuses_a_public_range" {
  command = plan
  variables {
    cidr_block = "8.8.0.0/16"
  }
  expect_failures = [var.cidr_block]
}

run "refuses_a_nat_gateway_without_a_public_subnet" {
  command = plan
  variables {
    nat_gateway = true
  }
  expect_failures = [var.nat_gateway]
}

run "refuses_a_subnet_without_a_zone" {
  command = plan
  variables {
    private_subnets = { "first" = "10.20.0.0/20" }
  }
  expect_failures = [var.private_subnets]
}
