# alone
