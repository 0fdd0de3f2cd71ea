site "region" {
  account = "111111111111"
  region  = "eu-west-2"
}
stack "name" {
  path = "application"
}
stack "2blue" {
  path = "application"
}
stack {
  path = "application"
}
terraform "x" {}
x = 1
application = "shop"
