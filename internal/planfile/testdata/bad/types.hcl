stack "blue" {
  path             = ["application"]
  optional         = "maybe"
  variables        = ["a"]
  env              = { "1X" = [1], Y = site.region }
  secret_variables = {
    a = "password"
    b = { secret = "x", parameter = "y" }
    c = { secrt = "x" }
    d = { parameter = "/x", key = "y", site = site.vaul }
  }
}
command "x" {
  argv = []
}
command "y" {
  argv = split(" ", stack.shared.outputs.line)
}
verify "v" {
  http {
    url    = "example.org/health"
    method = "get"
    status = 2000
  }
  resource {
    type = "lambda"
    id   = upper({})
  }
}
verify "w" {}
