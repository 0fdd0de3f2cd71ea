locals {
  url  = stack.shared.outputs.url
  loop = local.pool
  pool = "${local.loop}!"
}
secret "x" {
  name = "pharmacy/${site.region}"
  from = layout("x")
}
manual "y" {
  instructions = "Open ${local.url}"
}
command "z" {
  argv = ["./x", stack.name]
  after = [command.z]
}
stack "blue" {
  path        = "application"
  backend_key = local.url
  timeout     = stack.shared.outputs.timeout
}
site "third" {
  account = site.primary.account
  region  = site.region
}
