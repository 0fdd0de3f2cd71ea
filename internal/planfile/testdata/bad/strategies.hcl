table "orders" {
  in      = stack.shared
  address = "aws_dynamodb_table.orders"
  name    = "orders"
}
scenario "unknown" {
  lost       = "data"
  recover_to = site.primary
  strategies = { order = "rewind" }
}
scenario "twice" {
  lost       = "data"
  recover_to = site.primary
  strategies = { orders = "rewind", "orders" = "swap" }
}
scenario "list" {
  lost       = "data"
  recover_to = site.primary
  strategies = ["rewind"]
}
scenario "type" {
  lost       = "data"
  recover_to = site.primary
  strategies = { orders = ["rewind"] }
}
