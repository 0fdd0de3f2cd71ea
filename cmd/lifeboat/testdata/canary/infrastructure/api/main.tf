resource "aws_api_gateway_rest_api" "live" {
  name = "canary"
}

resource "aws_api_gateway_method" "live" {
  rest_api_id      = aws_api_gateway_rest_api.live.id
  resource_id      = aws_api_gateway_rest_api.live.root_resource_id
  http_method      = "GET"
  authorization    = "NONE"
  api_key_required = true
}

resource "aws_api_gateway_integration" "live" {
  rest_api_id       = aws_api_gateway_rest_api.live.id
  resource_id       = aws_api_gateway_rest_api.live.root_resource_id
  http_method       = aws_api_gateway_method.live.http_method
  type              = "MOCK"
  request_templates = { "application/json" = jsonencode({ statusCode = 200 }) }
}

resource "aws_api_gateway_method_response" "live" {
  rest_api_id = aws_api_gateway_rest_api.live.id
  resource_id = aws_api_gateway_rest_api.live.root_resource_id
  http_method = aws_api_gateway_method.live.http_method
  status_code = "200"
}

resource "aws_api_gateway_integration_response" "live" {
  rest_api_id = aws_api_gateway_rest_api.live.id
  resource_id = aws_api_gateway_rest_api.live.root_resource_id
  http_method = aws_api_gateway_method.live.http_method
  status_code = aws_api_gateway_method_response.live.status_code

  depends_on = [aws_api_gateway_integration.live]
}

resource "aws_api_gateway_deployment" "live" {
  rest_api_id = aws_api_gateway_rest_api.live.id

  depends_on = [aws_api_gateway_integration_response.live]
}

resource "aws_api_gateway_stage" "live" {
  rest_api_id   = aws_api_gateway_rest_api.live.id
  deployment_id = aws_api_gateway_deployment.live.id
  stage_name    = "live"
}

resource "aws_api_gateway_usage_plan" "live" {
  name = "canary"

  api_stages {
    api_id = aws_api_gateway_rest_api.live.id
    stage  = aws_api_gateway_stage.live.stage_name
  }
}

output "usage_plan" {
  value = aws_api_gateway_usage_plan.live.id
}

output "url" {
  value = aws_api_gateway_stage.live.invoke_url
}
