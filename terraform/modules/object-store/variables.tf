variable "name" {
  description = "Name of the bucket, unique among all of AWS. Another name is another bucket."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name)) && !startswith(var.name, "xn--") && !endswith(var.name, "-s3alias")
    error_message = "The name must be 3 to 63 lower-case letters, digits and \"-\", and begin and end with a letter or digit."
  }
}

variable "owner" {
  description = "Who answers for the bucket: a person or team, such as an e-mail address."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9 _.@+-]{0,127}$", var.owner))
    error_message = "The owner must be 1 to 128 letters, digits, spaces and _.@+- and begin with a letter or digit."
  }
}

variable "tags" {
  description = "Free labels: at most 40, keys up to 128 and values up to 256 printable characters."
  type        = map(string)
  nullable    = false
  default     = {}

  validation {
    condition     = length(var.tags) <= 40
    error_message = "At most 40 tags are allowed."
  }
  validation {
    condition = alltrue([
      for key, value in var.tags :
      can(regex("^[A-Za-z0-9][A-Za-z0-9 _.:/=+@-]{0,127}$", key)) && !can(regex("^(aws|orchestrator):", lower(key))) && try(can(regex("^[^[:cntrl:]]{0,256}$", value)), false)
    ])
    error_message = "Tag keys must be 1 to 128 letters, digits, spaces and _.:/=+@- and begin with a letter or digit, and not with \"aws:\" or \"orchestrator:\"; values must be 256 characters at most, without control characters."
  }
}

variable "kms_key_arn" {
  description = "KMS key that encrypts the objects. Null: the account's key for S3."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "The kms_key_arn must be the ARN of a KMS key, or null."
  }
}

variable "old_versions_days" {
  description = "Days for which an overwritten or deleted version can be brought back, 1 to 3650."
  type        = number
  nullable    = false
  default     = 90

  validation {
    condition     = var.old_versions_days >= 1 && var.old_versions_days <= 3650 && floor(var.old_versions_days) == var.old_versions_days
    error_message = "Old versions must be kept for 1 to 3650 whole days."
  }
}

variable "access_log_bucket" {
  description = "Name of the bucket that receives the access logs. Null: none are kept."
  type        = string
  default     = null

  validation {
    condition     = var.access_log_bucket == null ? true : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.access_log_bucket))
    error_message = "The access_log_bucket must be the name of a bucket, not its ARN, or null."
  }
}
