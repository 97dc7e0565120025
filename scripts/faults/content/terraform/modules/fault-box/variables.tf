variable "name" {
  description = "Name of the one host; it stays. Null: there is none."
  type        = string
  default     = null
}

variable "revision" {
  description = "What the effects are made of."
  type        = number
  nullable    = false
}
