secret "signing" {
  name = "shop/signing"
  keys = ["key", "id"]
  generate {
    length = 12
    keys   = ["keys"]
  }
}
parameter "seed" {
  name = "/shop/seed"
  generate { keys = ["a"] }
}
parameter "salt" {
  name = "/shop/salt"
  generate {}
  generate { length = 5000 }
}
