output "inventory" {
  description = "The hosts of this workspace in the order of their names: name, address (null: assigned when created), size, tags, owner, expires_at (RFC 3339 or null)."
  value = [for name in sort(var.names) : {
    name       = name
    address    = null
    size       = var.size
    tags       = var.tags
    owner      = var.owner
    expires_at = local.expires_at
  }]
  depends_on = [terraform_data.host]
}
