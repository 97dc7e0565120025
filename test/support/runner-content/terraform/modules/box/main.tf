variable "name" {
  type     = string
  nullable = false
}

variable "text" {
  type     = string
  nullable = false
  default  = ""
}

variable "api_password" {
  type      = string
  nullable  = false
  default   = ""
  sensitive = true
}

resource "terraform_data" "this" {
  input            = { text = var.text, login = var.api_password }
  triggers_replace = [var.name]
}

output "inventory" {
  value = [{
    name       = var.name
    address    = null
    size       = "small"
    tags       = { text = var.text }
    owner      = "platform-team"
    expires_at = null
  }]
}
