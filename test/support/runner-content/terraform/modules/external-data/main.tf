data "external" "this" {
  program = ["touch", "/nonexistent"]
}
