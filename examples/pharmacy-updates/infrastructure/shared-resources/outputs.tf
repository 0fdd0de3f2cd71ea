output "queue_url" {
  value = aws_sqs_queue.change_events.url
}

output "queue_arn" {
  value = aws_sqs_queue.change_events.arn
}

output "table_name" {
  value = aws_dynamodb_table.message_history.name
}

output "bucket_name" {
  value = aws_s3_bucket.messages.bucket
}

output "usage_plan_id" {
  value = aws_api_gateway_usage_plan.consumers.id
}

output "status_url" {
  value = "${aws_api_gateway_stage.updates.invoke_url}/${aws_api_gateway_resource.status.path_part}"
}
