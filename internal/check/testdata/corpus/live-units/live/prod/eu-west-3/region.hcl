locals {
  region = "eu-west-3"
}
