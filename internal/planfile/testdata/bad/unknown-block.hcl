stacks "blue" {
  path = "application"
}
