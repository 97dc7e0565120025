# Needs the AWS provider's binary for its schema, but no account: nothing is called.
mock_provider "aws" {
  mock_resource "aws_db_instance" {
    defaults = {
      address            = "orders.example.eu-central-1.rds.amazonaws.com"
      port               = 5432
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-x", secret_status = "active", kms_key_id = "x" }]
    }
  }
}

variables {
  name                      = "orders"
  owner                     = "platform@example.com"
  tags                      = { Owner = "somebody else" }
  vpc_id                    = "vpc-0123456789abcdef0"
  subnet_ids                = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
  client_security_group_ids = ["sg-0123456789abcdef0"]
}

run "is_private_encrypted_and_protected" {
  assert {
    condition     = aws_db_instance.this.publicly_accessible == false && aws_db_instance.this.storage_encrypted
    error_message = "The database must be private and encrypted."
  }
  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot
    error_message = "The database must not be lost by a mistake."
  }
  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null
    error_message = "RDS must keep the master password itself."
  }
  assert {
    condition     = toset(keys(aws_vpc_security_group_ingress_rule.client)) == toset(["sg-0123456789abcdef0"])
    error_message = "The named clients, and nobody else, may connect."
  }
  assert {
    condition     = length([for parameter in aws_db_parameter_group.this.parameter : parameter if parameter.name == "rds.force_ssl" && parameter.value == "1"]) == 1
    error_message = "Connections without TLS must be refused."
  }
  assert {
    condition     = aws_db_instance.this.tags.Owner == "platform@example.com"
    error_message = "A free label must not change the owner."
  }
}

run "keeps_the_name_of_its_last_snapshot" {
  assert {
    condition     = aws_db_instance.this.final_snapshot_identifier == "orders-final-${formatdate("YYYYMMDDhhmmss", terraform_data.created.output)}"
    error_message = "The name of the last snapshot must not move."
  }
}

run "refuses_a_single_subnet" {
  command = plan
  variables {
    subnet_ids = ["subnet-0123456789abcdef0"]
  }
  expect_failures = [var.subnet_ids]
}

run "refuses_an_address_range_as_a_client" {
  command = plan
  variables {
    client_security_group_ids = ["0.0.0.0/0"]
  }
  expect_failures = [var.client_security_group_ids]
}

run "refuses_to_keep_no_backups" {
  command = plan
  variables {
    backup_days = 0
  }
  expect_failures = [var.backup_days]
}
