module "database" {
  source = "../.."

  name                      = "orders"
  owner                     = "platform@example.com"
  tags                      = { environment = "poc" }
  vpc_id                    = "vpc-0123456789abcdef0"
  subnet_ids                = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
  client_security_group_ids = ["sg-0123456789abcdef0"]
}

output "address" {
  description = "What the application connects to."
  value       = module.database.address
}
