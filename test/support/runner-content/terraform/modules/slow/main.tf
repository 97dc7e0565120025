resource "terraform_data" "first" {
  input = "saved"
}

resource "terraform_data" "second" {
  depends_on = [terraform_data.first]

  provisioner "local-exec" {
    command = "echo the slow part begins; sleep 45; true"
  }
}

output "inventory" {
  value = []
}
