variable "name" {
  description = "Name of the network, shown in the names of its parts."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,62}$", var.name))
    error_message = "The name must be lower-case letters, digits and \"-\", starting with a letter or digit, 63 at most."
  }
}

variable "owner" {
  description = "Who answers for the network: a person or team, such as an e-mail address."
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

variable "cidr_block" {
  description = "Private IPv4 range of the network, /16 to /24, such as 10.20.0.0/16. Another range is another network."
  type        = string
  nullable    = false

  validation {
    condition     = can(cidrnetmask(var.cidr_block)) && can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.).*/(1[6-9]|2[0-4])$", var.cidr_block))
    error_message = "The cidr_block must be a private IPv4 range of /16 to /24, such as 10.20.0.0/16."
  }
}

variable "private_subnets" {
  description = "Subnets without an address on the internet: availability zone to IPv4 range, 1 to 6. Another range in a zone is another subnet."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.private_subnets) >= 1 && length(var.private_subnets) <= 6
    error_message = "One to six private subnets are needed, each in a zone of its own."
  }
  validation {
    condition     = alltrue([for zone, range in var.private_subnets : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$", zone)) && can(cidrnetmask(range))])
    error_message = "Write private_subnets as availability zone to IPv4 range, such as { \"eu-central-1a\" = \"10.20.0.0/20\" }."
  }
}

variable "public_subnets" {
  description = "Subnets whose route leads to an internet gateway: availability zone to IPv4 range, 0 to 6. None: nothing in the network is reachable from the internet, or reaches it."
  type        = map(string)
  nullable    = false
  default     = {}

  validation {
    condition     = length(var.public_subnets) <= 6
    error_message = "At most six public subnets are allowed, each in a zone of its own."
  }
  validation {
    condition     = alltrue([for zone, range in var.public_subnets : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$", zone)) && can(cidrnetmask(range))])
    error_message = "Write public_subnets as availability zone to IPv4 range, such as { \"eu-central-1a\" = \"10.20.240.0/24\" }."
  }
}

variable "nat_gateway" {
  description = "One NAT gateway for all private subnets, in the first public zone by name; costs by the hour. It needs a public subnet."
  type        = bool
  nullable    = false
  default     = false

  validation {
    condition     = !var.nat_gateway || length(var.public_subnets) > 0
    error_message = "A NAT gateway stands in a public subnet: add one to public_subnets."
  }
}

variable "flow_log_bucket_arn" {
  description = "Bucket that receives the flow logs of all traffic. Null: none are kept."
  type        = string
  default     = null

  validation {
    condition     = var.flow_log_bucket_arn == null ? true : can(regex("^arn:[a-z-]+:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9/_-]*)?$", var.flow_log_bucket_arn))
    error_message = "The flow_log_bucket_arn must be the ARN of a bucket, with a prefix if wanted, or null."
  }
}
