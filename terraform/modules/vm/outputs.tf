output "inventory" {
  description = "The hosts of this workspace: name, address (known after the first apply unless given), size, tags, owner, expires_at (RFC 3339 or null)."
  value = [{
    name       = var.name
    address    = aws_instance.this.private_ip
    size       = var.size
    tags       = var.tags
    owner      = var.owner
    expires_at = local.expires_at
  }]
}

output "instance_id" {
  description = "Id of the EC2 instance."
  value       = aws_instance.this.id
}
