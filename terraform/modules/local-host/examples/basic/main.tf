module "host" {
  source = "../.."

  name               = "web-1"
  size               = "small"
  owner              = "platform@example.com"
  time_to_live_hours = 24
  tags = {
    environment = "demo"
  }
}

output "inventory" {
  description = "The host as the host controller receives it."
  value       = module.host.inventory
}
