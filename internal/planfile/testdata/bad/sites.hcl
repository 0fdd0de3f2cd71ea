locals {
  buckets = { eu-west-1 = "a" }
}
stack "blue" {
  path      = "application"
  variables = { bucket = local.buckets[site.region] }
}
