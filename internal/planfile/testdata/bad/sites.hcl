locals {
  buckets = { eu-west-1 = "a" }
  extra   = site.name == "standby" ? { b = 1 } : {}
}
stack "blue" {
  path      = "application"
  variables = { bucket = local.buckets[site.region] }
}
stack "green" {
  path      = "application"
  variables = merge({ a = 1 }, { for k in site.name == "standby" ? ["b"] : [] : k => 2 })
}
command "x" {
  argv = site.name == "standby" ? ["a"] : ["a", "b"]
}
