image "a" {
  repository = "123456789012.dkr.ecr.eu-west-2.amazonaws.com/Shop/app:1"
}
image "b" {
  repository = "shop/app"
  tags       = ["1.0", "not a tag"]
  digests    = ["sha256:123"]
  address    = "not an address"
  from       = [site.vualt, layot("x"), remote(), "vault"]
  settings {
    policy = "{"
  }
}
