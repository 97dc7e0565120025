module "vm" {
  source = "../.."

  name                     = "web-1"
  size                     = "small"
  owner                    = "platform@example.com"
  time_to_live_hours       = 24
  tags                     = { environment = "poc" }
  vpc_id                   = "vpc-0123456789abcdef0"
  subnet_id                = "subnet-0123456789abcdef0"
  ami_id                   = "ami-0123456789abcdef0"
  instance_profile_name    = "orchestrator-host"
  worker_security_group_id = "sg-0123456789abcdef0"
}

output "inventory" {
  description = "The host as the runner receives it."
  value       = module.vm.inventory
}
