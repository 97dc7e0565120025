# The moment of the first apply. Expiry counts from here and never moves: a plan that computed it from "now"
# would never be empty.
resource "terraform_data" "created" {
  input = timestamp()

  lifecycle {
    ignore_changes = [input]
  }
}

# The machine itself. The host controller creates, changes and destroys it to match the output `inventory`.
resource "terraform_data" "host" {
  input = {
    name    = var.name
    address = var.address
    size    = var.size
    tags    = var.tags
    owner   = var.owner
  }

  # As with an instance in a cloud: another name or a fixed address of its own is another machine.
  triggers_replace = {
    name    = var.name
    address = var.address
  }
}

locals {
  expires_at = (
    var.time_to_live_hours == null
    ? null
    : timeadd(terraform_data.created.output, "${var.time_to_live_hours}h")
  )
}
