stack "shared" {
  path = "shared-resources"
}
locals {
  a = 1
}
locals {
  a = 2
}
stack "blue" {
  path      = "application"
  variables = { a = 1, "a" = 2 }
}
terraform {}
