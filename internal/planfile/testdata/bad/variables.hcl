variable "a" {}
variable "b" {
  type    = number
  default = "many"
}
variable "c" {
  default = var.a
  typ     = string
}
variable "d" {
  default   = "secret-value"
  sensitive = true
}
variable "e" {
  type    = sting
  default = 1
}
variable "f" {
  default = 3
  validation {
    condition     = var.f > 3
    error_message = "It must be greater than 3."
  }
}
site "x" {
  account = var.d
  region  = "eu-west-2"
}
command "x" {
  argv = ["./x", "--password=${var.d}", jsondecode(var.d)]
}
