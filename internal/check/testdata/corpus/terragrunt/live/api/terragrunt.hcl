include "root" {
  path = find_in_parent_folders()
}

terraform {
  source = "../../modules//api"
}

dependency "queue" {
  config_path = "../queue"

  mock_outputs = {
    queue_arn = "arn:aws:sqs:us-west-2:000000000000:mock"
  }
}

dependency "queue_again" {
  config_path = "../queue"

  mock_outputs = {
    queue_arn = "mock"
  }
  mock_outputs_allowed_terraform_commands = ["validate", "plan"]
}

inputs = {
  name      = "parcels"
  region    = "us-west-2"
  queue_arn = dependency.queue.outputs.queue_arn
}
