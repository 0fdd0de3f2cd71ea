stack "kept" {
  path   = "application"
  tables = "every"
}
table "t" {
  in      = stack.other
  address = "messages"
  point   = "yesterday"
}
api_key "k" {
  in     = image.app
  key_id = "x"
  consumer {
    name          = "a"
    age_recipient = "age1..."
  }
  consumer {
    age_recipient = "AGE-SECRET-KEY-1QQQ"
  }
}
