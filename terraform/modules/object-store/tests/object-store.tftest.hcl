# Needs the AWS provider's binary for its schema, but no account: nothing is called.
mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = {
      id  = "example-com-documents"
      arn = "arn:aws:s3:::example-com-documents"
    }
  }
}

variables {
  name  = "example-com-documents"
  owner = "platform@example.com"
  tags  = { Owner = "somebody else" }
}

run "is_private_encrypted_and_versioned" {
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "All public access must be blocked."
  }
  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms"
    error_message = "Objects must be encrypted with a KMS key."
  }
  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "Versions must be kept."
  }
  assert {
    condition     = length([for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Effect == "Deny" && try(statement.Condition.Bool["aws:SecureTransport"], "") == "false"]) == 1
    error_message = "The bucket must refuse what does not come over TLS."
  }
  assert {
    condition     = aws_s3_bucket.this.force_destroy == false && aws_s3_bucket.this.tags.Owner == "platform@example.com"
    error_message = "A bucket with objects must not go away, and a free label must not change its owner."
  }
  assert {
    condition     = length(aws_s3_bucket_logging.this) == 0
    error_message = "Access logs are kept only where a bucket for them is named."
  }
}

run "logs_access_where_asked_to" {
  variables {
    access_log_bucket = "example-com-logs"
  }
  assert {
    condition     = aws_s3_bucket_logging.this["example-com-logs"].target_prefix == "example-com-documents/"
    error_message = "Access logs must lie under the bucket's name."
  }
}

run "refuses_a_name_that_is_none" {
  command = plan
  variables {
    name = "Documents.Example"
  }
  expect_failures = [var.name]
}

run "refuses_to_forget_versions_at_once" {
  command = plan
  variables {
    old_versions_days = 0
  }
  expect_failures = [var.old_versions_days]
}
