stack "blue" {
  path = "application
  after = [stack.shared
}
