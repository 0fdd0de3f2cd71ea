locals {
  account_id = "345678901234"
}
