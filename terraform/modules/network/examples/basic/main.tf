module "network" {
  source = "../.."

  name       = "web"
  owner      = "platform@example.com"
  tags       = { environment = "poc" }
  cidr_block = "10.20.0.0/16"
  private_subnets = {
    "eu-central-1a" = "10.20.0.0/20"
    "eu-central-1b" = "10.20.16.0/20"
  }
  public_subnets = {
    "eu-central-1a" = "10.20.240.0/24"
  }
  nat_gateway = true
}

output "private_subnet_ids" {
  description = "Where hosts and databases stand."
  value       = module.network.private_subnet_ids
}
