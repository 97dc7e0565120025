module "documents" {
  source = "../.."

  name              = "example-com-documents"
  owner             = "platform@example.com"
  tags              = { environment = "poc" }
  old_versions_days = 30
}

output "bucket_arn" {
  description = "What a policy of an application names."
  value       = module.documents.bucket_arn
}
