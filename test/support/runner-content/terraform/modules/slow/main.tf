variable "seconds" {
  type     = number
  nullable = false
  default  = 45
}

resource "terraform_data" "first" {
  input = "saved"
}

resource "terraform_data" "second" {
  depends_on = [terraform_data.first]

  provisioner "local-exec" {
    command = "echo the slow part begins; sleep ${var.seconds}; true"
  }
}

output "inventory" {
  value = []
}
