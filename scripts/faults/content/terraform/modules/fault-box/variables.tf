variable "name" {
  description = "Name of the one host; it stays."
  type        = string
  nullable    = false
}

variable "revision" {
  description = "What the effects are made of."
  type        = number
  nullable    = false
}
