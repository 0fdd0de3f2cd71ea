api_key "none" {
  in         = stack.shared
  usage_plan = stack.shared.outputs.plan
}
api_key "keys" {
  in         = stack.shared
  usage_plan = stack.shared.outputs.plan
  secret     = "shop/keys"
  consumer {
    name    = "No Way"
    contact = "a@example.org"
  }
  consumer {
    name          = "One Letter"
    contact       = "a@example.org"
    age_recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8q"
  }
  consumer {
    name          = "Cut"
    contact       = "a@example.org"
    ssh_recipient = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW"
  }
  consumer {
    name          = "Both"
    contact       = "a@example.org"
    age_recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
    ssh_recipient = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN"
    webhook       = "http://example.org/in"
  }
  consumer {
    name          = "BOTH"
    contact       = "a@example.org"
    shared_secret = "shop/both"
  }
  consumer {
    name          = "Nothing To Send"
    contact       = "a@example.org"
    shared_secret = "shop/nothing"
    webhook       = "https://example.org/in"
  }
}
