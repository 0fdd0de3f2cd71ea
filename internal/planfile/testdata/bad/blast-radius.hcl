image "app" {
  repository = "shop/app"
  tags       = ["1"]
  from       = site.primary
}
image "tool" {
  repository = "shop/tool"
  tags       = ["1"]
}
secret "token" {
  name = "token"
  from = [site.primary, site.standby]
}
stack "blue" {
  path             = "application"
  secret_variables = { token = { secret = "token", site = site.primary } }
}
