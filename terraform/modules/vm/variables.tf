variable "name" {
  description = "Name of the host: one DNS label, unique in its workspace. Another name is another machine."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,62}$", var.name))
    error_message = "The name must be lower-case letters, digits and \"-\", starting with a letter or digit, 63 at most."
  }
}

variable "size" {
  description = "Size of the host: small, medium or large."
  type        = string
  nullable    = false
  default     = "small"

  validation {
    condition     = contains(["small", "medium", "large"], var.size)
    error_message = "The size must be small, medium or large."
  }
}

variable "address" {
  description = "Private IPv4 address of the host within its subnet. Null: the subnet assigns one. Another address is another machine."
  type        = string
  default     = null

  validation {
    condition = var.address == null ? true : (
      can(regex("^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\\.|$)){4}$", var.address)) &&
      can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", var.address))
    )
    error_message = "The address must be a private IPv4 address such as 10.0.1.20, or null."
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

variable "owner" {
  description = "Who answers for the host: a person or team, such as an e-mail address."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9 _.@+-]{0,127}$", var.owner))
    error_message = "The owner must be 1 to 128 letters, digits, spaces and _.@+- and begin with a letter or digit."
  }
}

variable "time_to_live_hours" {
  description = "Whole hours after the first apply at which the host expires, 1 to 8760. Null: it does not expire."
  type        = number
  default     = null

  validation {
    condition = var.time_to_live_hours == null ? true : (
      var.time_to_live_hours >= 1 && var.time_to_live_hours <= 8760 && floor(var.time_to_live_hours) == var.time_to_live_hours
    )
    error_message = "The time to live must be a whole number of hours from 1 to 8760, or null."
  }
}

variable "vpc_id" {
  description = "VPC of the subnet."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^vpc-[0-9a-f]{8,17}$", var.vpc_id))
    error_message = "The vpc_id must look like vpc-0123456789abcdef0."
  }
}

variable "subnet_id" {
  description = "Private subnet that the host stands in."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^subnet-[0-9a-f]{8,17}$", var.subnet_id))
    error_message = "The subnet_id must look like subnet-0123456789abcdef0."
  }
}

variable "ami_id" {
  description = "Debian 12 image for x86-64. Another image replaces the machine."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^ami-[0-9a-f]{8,17}$", var.ami_id))
    error_message = "The ami_id must look like ami-0123456789abcdef0."
  }
}

variable "instance_profile_name" {
  description = "Instance profile whose role carries AmazonSSMManagedInstanceCore, or less that suffices for Session Manager."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,128}$", var.instance_profile_name))
    error_message = "The instance_profile_name must be the name of an instance profile, not its ARN."
  }
}

variable "worker_security_group_id" {
  description = "Security group of the workers: the one source that may reach SSH and the service ports."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^sg-[0-9a-f]{8,17}$", var.worker_security_group_id))
    error_message = "The worker_security_group_id must look like sg-0123456789abcdef0."
  }
}

variable "service_ports" {
  description = "TCP ports that the workers may reach beside SSH, so that a service can be verified from outside its host."
  type        = set(number)
  nullable    = false
  default     = [80]

  validation {
    condition     = alltrue([for port in var.service_ports : port >= 1 && port <= 65535 && floor(port) == port])
    error_message = "Ports must be whole numbers from 1 to 65535."
  }
}

variable "kms_key_arn" {
  description = "KMS key that encrypts the root volume. Null: the account's default key for EBS."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "The kms_key_arn must be the ARN of a KMS key, or null."
  }
}

variable "root_volume_gib" {
  description = "Size of the root volume in GiB, 8 to 1024."
  type        = number
  nullable    = false
  default     = 16

  validation {
    condition     = var.root_volume_gib >= 8 && var.root_volume_gib <= 1024 && floor(var.root_volume_gib) == var.root_volume_gib
    error_message = "The root volume must have 8 to 1024 whole GiB."
  }
}
