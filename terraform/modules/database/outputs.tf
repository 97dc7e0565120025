output "address" {
  description = "Host name that clients connect to."
  value       = aws_db_instance.this.address
}

output "port" {
  description = "TCP port that clients connect to."
  value       = aws_db_instance.this.port
}

output "database_name" {
  description = "Name of the database."
  value       = aws_db_instance.this.db_name
}

output "master_secret_arn" {
  description = "ARN of the secret that RDS keeps user name and password of the master user in."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "security_group_id" {
  description = "Security group of the database."
  value       = aws_security_group.this.id
}
