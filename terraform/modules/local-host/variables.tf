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
  description = "Loopback IPv4 address of the host, 127.x.y.z outside 127.0.0.0/24. Null: a free one is assigned when the host is created. Another address is another machine."
  type        = string
  default     = null

  validation {
    condition = var.address == null ? true : (
      can(regex("^127(\\.(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}$", var.address)) &&
      !can(regex("^127\\.0\\.0\\.", var.address)) &&
      var.address != "127.255.255.255"
    )
    error_message = "The address must be an IPv4 loopback address 127.x.y.z outside 127.0.0.0/24, such as 127.20.0.10, or null."
  }
}

variable "tags" {
  description = "Free labels: at most 50, keys up to 128 and values up to 256 printable characters."
  type        = map(string)
  nullable    = false
  default     = {}

  validation {
    condition     = length(var.tags) <= 50
    error_message = "At most 50 tags are allowed."
  }
  validation {
    condition = alltrue([
      for key, value in var.tags :
      can(regex("^[A-Za-z0-9][A-Za-z0-9 _.:/=+@-]{0,127}$", key)) && try(can(regex("^[^[:cntrl:]]{0,256}$", value)), false)
    ])
    error_message = "Tag keys must be 1 to 128 letters, digits, spaces and _.:/=+@- and begin with a letter or digit; values must be 256 characters at most, without control characters."
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
