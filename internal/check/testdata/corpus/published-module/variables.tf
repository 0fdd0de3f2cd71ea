variable "name" {
  description = "Name of the queue."
  type        = string
}

variable "tags" {
  type    = map(string)
  default = {}
}
