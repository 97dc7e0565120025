output "inventory" {
  description = "The hosts of this workspace: name, address (null: assigned when created), size, tags, owner, expires_at (RFC 3339 or null)."
  value = [{
    name       = var.name
    address    = var.address
    size       = var.size
    tags       = var.tags
    owner      = var.owner
    expires_at = local.expires_at
  }]
  depends_on = [terraform_data.host]
}
