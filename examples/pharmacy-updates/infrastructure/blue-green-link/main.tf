# Sends the change events to one colour of the application.
variable "active" {
  description = "The colour that works: blue or green."
  type        = string
}

variable "queue_arn" {
  description = "The queue of the change events."
  type        = string
}

data "aws_lambda_function" "active" {
  function_name = "${var.environment}-${var.active}-pharmacy-change-event"
}

resource "aws_lambda_event_source_mapping" "link" {
  event_source_arn = var.queue_arn
  function_name    = data.aws_lambda_function.active.function_name
  batch_size       = 10
}

output "mapping_id" {
  value = aws_lambda_event_source_mapping.link.uuid
}
