# Another revision is another effect: its id tells whether a change was carried out once.
resource "terraform_data" "effect" {
  for_each         = toset(["first", "second"])
  input            = var.revision
  triggers_replace = var.revision
}
