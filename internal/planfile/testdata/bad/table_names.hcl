table "orders" {
  in      = stack.shared
  address = "aws_dynamodb_table.orders"
  name    = "orders-${table.orders.name}"
}
table "plain" {
  in      = stack.shared
  address = "aws_dynamodb_table.plain"
}
table "copy" {
  in      = stack.shared
  address = "aws_dynamodb_table.copy"
  name    = local.copied
}
table "good" {
  in      = stack.shared
  address = "aws_dynamodb_table.good"
  name    = "good"
}
locals {
  copied = "${table.good.name}-copy"
}
stack "app" {
  path = "application"
  variables = {
    a = table.order.name
    b = table.plain.name
    c = table.good.arn
    d = table.good
    e = table
  }
}
