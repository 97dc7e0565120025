output "inventory" {
  description = "The host of this workspace."
  value = [{
    name       = var.name
    address    = null
    size       = "small"
    tags       = {}
    owner      = "faults"
    expires_at = null
  }]
  depends_on = [terraform_data.effect]
}
