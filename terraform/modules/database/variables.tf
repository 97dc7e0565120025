variable "name" {
  description = "Name of the instance, unique in its account and region. Another name is another database."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9]){0,39}$", var.name))
    error_message = "The name must be lower-case letters, digits and single \"-\", start with a letter, end with a letter or digit, and have 40 characters at most."
  }
}

variable "owner" {
  description = "Who answers for the database: a person or team, such as an e-mail address."
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

variable "vpc_id" {
  description = "VPC of the subnets."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^vpc-[0-9a-f]{8,17}$", var.vpc_id))
    error_message = "The vpc_id must look like vpc-0123456789abcdef0."
  }
}

variable "subnet_ids" {
  description = "Private subnets, 2 to 6, in two availability zones at least."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2 && length(var.subnet_ids) <= 6 && alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-f]{8,17}$", id))])
    error_message = "Two to six subnets are needed, each like subnet-0123456789abcdef0."
  }
}

variable "client_security_group_ids" {
  description = "Security groups that may connect; nothing else may. None: nobody may connect yet."
  type        = set(string)
  nullable    = false
  default     = []

  validation {
    condition     = alltrue([for id in var.client_security_group_ids : can(regex("^sg-[0-9a-f]{8,17}$", id))])
    error_message = "Each of client_security_group_ids must look like sg-0123456789abcdef0."
  }
}

variable "database_name" {
  description = "Database that is created with the instance. Another name is another instance."
  type        = string
  nullable    = false
  default     = "app"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.database_name))
    error_message = "The database_name must be lower-case letters, digits and \"_\", starting with a letter, 63 at most."
  }
}

variable "engine_version" {
  description = "Major version of PostgreSQL, 16 or 17; minor versions follow by themselves in the maintenance window."
  type        = string
  nullable    = false
  default     = "17"

  validation {
    condition     = contains(["16", "17"], var.engine_version)
    error_message = "The engine_version must be 16 or 17."
  }
}

variable "size" {
  description = "Size of the instance: small, medium or large (db.t4g.small, db.t4g.medium, db.m7g.large)."
  type        = string
  nullable    = false
  default     = "small"

  validation {
    condition     = contains(["small", "medium", "large"], var.size)
    error_message = "The size must be small, medium or large."
  }
}

variable "storage_gib" {
  description = "Storage in GiB, 20 to 1024; it grows by itself up to twice as much."
  type        = number
  nullable    = false
  default     = 20

  validation {
    condition     = var.storage_gib >= 20 && var.storage_gib <= 1024 && floor(var.storage_gib) == var.storage_gib
    error_message = "The storage must have 20 to 1024 whole GiB."
  }
}

variable "multi_az" {
  description = "Keep a standby in a second availability zone; doubles the cost of the instance."
  type        = bool
  nullable    = false
  default     = true
}

variable "backup_days" {
  description = "Days for which the database can be restored to any second, 1 to 35."
  type        = number
  nullable    = false
  default     = 14

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 35 && floor(var.backup_days) == var.backup_days
    error_message = "Backups must be kept for 1 to 35 whole days."
  }
}

variable "deletion_protection" {
  description = "AWS refuses to delete the instance while this holds: to destroy it, a change that lifts it comes first."
  type        = bool
  nullable    = false
  default     = true
}

variable "kms_key_arn" {
  description = "KMS key that encrypts storage, backups, insights and the master password. Null: the account's keys for RDS and Secrets Manager."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "The kms_key_arn must be the ARN of a KMS key, or null."
  }
}
