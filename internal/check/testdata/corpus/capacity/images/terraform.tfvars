vault_account = "707172737475"
