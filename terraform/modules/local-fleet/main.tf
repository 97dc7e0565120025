# The moment of the first apply. Expiry counts from here and never moves: a plan that computed it from "now"
# would never be empty.
resource "terraform_data" "created" {
  input = timestamp()

  lifecycle {
    ignore_changes = [input]
  }
}

# The machines themselves. The host controller creates, changes and destroys them to match the output `inventory`.
resource "terraform_data" "host" {
  for_each = var.names

  input = {
    name  = each.key
    size  = var.size
    tags  = var.tags
    owner = var.owner
  }

  # As with an instance in a cloud: another name is another machine.
  triggers_replace = { name = each.key }
}

locals {
  expires_at = (
    var.time_to_live_hours == null
    ? null
    : timeadd(terraform_data.created.output, "${var.time_to_live_hours}h")
  )
}
