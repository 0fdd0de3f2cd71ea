stack "blue" {
  path  = "application"
  after = [stack.share, image.app, stacks.shared, "shared", stack.shared.outputs.x, blue]
  variables = {
    a = stack.share.outputs.url
    b = stack.shared.output.url
    c = var.nam
    d = local.nothing
    e = site.standbye.region
    f = site.standby.arn
    g = image.app
    h = terraform.workspace
    i = live
    j = stack.blue.outputs.url
    k = stack.shared.outputs
    l = regon("x")
  }
}
