module "hosts" {
  source = "../.."

  names = ["web-1", "web-2"]
  owner = "platform@example.com"
}

output "inventory" {
  description = "The hosts as the host controller receives them."
  value       = module.hosts.inventory
}
