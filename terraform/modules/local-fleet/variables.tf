variable "names" {
  description = "Names of the hosts, 1 to 20: each one DNS label. A name that is added is another machine, one that is left out is destroyed."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.names) >= 1 && length(var.names) <= 20
    error_message = "There must be 1 to 20 names."
  }
  validation {
    condition     = alltrue([for name in var.names : can(regex("^[a-z0-9][a-z0-9-]{0,62}$", name))])
    error_message = "A name must be lower-case letters, digits and \"-\", starting with a letter or digit, 63 at most."
  }
}

variable "size" {
  description = "Size of each host: small, medium or large."
  type        = string
  nullable    = false
  default     = "small"

  validation {
    condition     = contains(["small", "medium", "large"], var.size)
    error_message = "The size must be small, medium or large."
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
  description = "Who answers for the hosts: a person or team, such as an e-mail address."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9 _.@+-]{0,127}$", var.owner))
    error_message = "The owner must be 1 to 128 letters, digits, spaces and _.@+- and begin with a letter or digit."
  }
}

variable "time_to_live_hours" {
  description = "Whole hours after the first apply at which the hosts expire, 1 to 8760. Null: they do not expire."
  type        = number
  default     = null

  validation {
    condition = var.time_to_live_hours == null ? true : (
      var.time_to_live_hours >= 1 && var.time_to_live_hours <= 8760 && floor(var.time_to_live_hours) == var.time_to_live_hours
    )
    error_message = "The time to live must be a whole number of hours from 1 to 8760, or null."
  }
}
