# Makes plans of any size: `count` resources, each with a value of its own and one that all have in common.
variable "count_of_hosts" {
  type     = number
  nullable = false
}

variable "size" {
  type     = string
  default  = "small"
  nullable = false
}

variable "api_password" {
  type      = string
  default   = ""
  nullable  = false
  sensitive = true
}

resource "terraform_data" "host" {
  count = var.count_of_hosts
  input = { name = "host-${count.index}", size = var.size }
}

resource "terraform_data" "login" {
  input = jsonencode({ user = "app", phrase = var.api_password, host = "db.internal" })
}
