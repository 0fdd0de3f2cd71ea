stack "a" {
  path = "aplication"
}
stack "b" {
  path = "."
}
stack "c" {
  path      = "application"
  overlay   = ["providers.tf", "README.md"]
  var_files = ["blue.tfvars", "../../../outside.tfvars"]
}
stack "d" {
  path = "/srv/terraform"
}
