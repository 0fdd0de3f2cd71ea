# What consumers call, each with a key of its own. The keys are no resources: they are handed to people, and made by the recovery.
resource "aws_api_gateway_rest_api" "updates" {
  name        = "${var.environment}-pharmacy-updates"
  description = "Tells consumers whether updates are taken"
}

resource "aws_api_gateway_resource" "status" {
  rest_api_id = aws_api_gateway_rest_api.updates.id
  parent_id   = aws_api_gateway_rest_api.updates.root_resource_id
  path_part   = "status"
}

resource "aws_api_gateway_method" "status" {
  rest_api_id      = aws_api_gateway_rest_api.updates.id
  resource_id      = aws_api_gateway_resource.status.id
  http_method      = "GET"
  authorization    = "NONE"
  api_key_required = true
}

resource "aws_api_gateway_integration" "status" {
  rest_api_id       = aws_api_gateway_rest_api.updates.id
  resource_id       = aws_api_gateway_resource.status.id
  http_method       = aws_api_gateway_method.status.http_method
  type              = "MOCK"
  request_templates = { "application/json" = jsonencode({ statusCode = 200 }) }
}

resource "aws_api_gateway_method_response" "status" {
  rest_api_id = aws_api_gateway_rest_api.updates.id
  resource_id = aws_api_gateway_resource.status.id
  http_method = aws_api_gateway_method.status.http_method
  status_code = "200"
}

resource "aws_api_gateway_integration_response" "status" {
  rest_api_id        = aws_api_gateway_rest_api.updates.id
  resource_id        = aws_api_gateway_resource.status.id
  http_method        = aws_api_gateway_method.status.http_method
  status_code        = aws_api_gateway_method_response.status.status_code
  response_templates = { "application/json" = jsonencode({ updates = "taken" }) }

  depends_on = [aws_api_gateway_integration.status]
}

resource "aws_api_gateway_deployment" "updates" {
  rest_api_id = aws_api_gateway_rest_api.updates.id

  triggers = {
    code = filesha256("${path.module}/api.tf")
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_api_gateway_integration_response.status]
}

resource "aws_api_gateway_stage" "updates" {
  rest_api_id   = aws_api_gateway_rest_api.updates.id
  deployment_id = aws_api_gateway_deployment.updates.id
  stage_name    = var.environment
}

resource "aws_api_gateway_usage_plan" "consumers" {
  name = "${var.environment}-pharmacy-updates-consumers"

  api_stages {
    api_id = aws_api_gateway_rest_api.updates.id
    stage  = aws_api_gateway_stage.updates.stage_name
  }

  throttle_settings {
    rate_limit  = 50
    burst_limit = 100
  }
}
