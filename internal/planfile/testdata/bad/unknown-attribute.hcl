stack "blue" {
  pth  = "application"
  path = "application"
  http {}
  state = "x"
}
verify "x" {
  http = { url = "https://example.org" }
}
