# An API whose consumers have keys: every setting that the provider reads back, most of them changed by var.turn.
resource "aws_iam_role" "gateway" {
  name               = "gateway-logs"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "apigateway.amazonaws.com" } }] })
}

resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = aws_iam_role.gateway.arn
}

resource "aws_api_gateway_rest_api" "a" {
  name        = "updates"
  description = "turn ${var.turn}"
  endpoint_configuration { types = [var.turn == 1 ? "EDGE" : "REGIONAL"] }
  binary_media_types = var.turn == 1 ? ["application/octet-stream"] : ["image/png"]
  policy             = var.turn == 1 ? jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*" }] }) : null
  tags               = { Name = "t${var.turn}" }
}

resource "aws_api_gateway_rest_api" "plain" { name = "plain" }

resource "aws_api_gateway_resource" "r" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  parent_id   = aws_api_gateway_rest_api.a.root_resource_id
  path_part   = "changes"
}

resource "aws_api_gateway_resource" "id" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  parent_id   = aws_api_gateway_resource.r.id
  path_part   = "{id+}"
}

resource "aws_api_gateway_method" "get" {
  rest_api_id        = aws_api_gateway_rest_api.a.id
  resource_id        = aws_api_gateway_resource.r.id
  http_method        = "GET"
  authorization      = "NONE"
  api_key_required   = true
  request_parameters = { "method.request.querystring.since" = var.turn == 1 }
}

resource "aws_api_gateway_method_response" "ok" {
  rest_api_id         = aws_api_gateway_rest_api.a.id
  resource_id         = aws_api_gateway_resource.r.id
  http_method         = aws_api_gateway_method.get.http_method
  status_code         = "200"
  response_models     = { "application/json" = var.turn == 1 ? "Empty" : "Error" }
  response_parameters = { "method.response.header.X-From" = true }
}

resource "aws_api_gateway_integration" "mock" {
  rest_api_id          = aws_api_gateway_rest_api.a.id
  resource_id          = aws_api_gateway_resource.r.id
  http_method          = aws_api_gateway_method.get.http_method
  type                 = "MOCK"
  request_templates    = { "application/json" = jsonencode({ statusCode = 200 }) }
  timeout_milliseconds = 28000 + var.turn
}

resource "aws_api_gateway_integration_response" "ok" {
  rest_api_id         = aws_api_gateway_rest_api.a.id
  resource_id         = aws_api_gateway_resource.r.id
  http_method         = aws_api_gateway_method.get.http_method
  status_code         = aws_api_gateway_method_response.ok.status_code
  response_templates  = { "application/json" = jsonencode({ changes = [var.turn] }) }
  response_parameters = { "method.response.header.X-From" = "'mock'" }
  depends_on          = [aws_api_gateway_integration.mock]
}

resource "aws_api_gateway_method" "any" {
  rest_api_id        = aws_api_gateway_rest_api.a.id
  resource_id        = aws_api_gateway_resource.id.id
  http_method        = "ANY"
  authorization      = "AWS_IAM"
  request_parameters = { "method.request.path.id" = true }
}

resource "aws_api_gateway_integration" "http" {
  rest_api_id             = aws_api_gateway_rest_api.a.id
  resource_id             = aws_api_gateway_resource.id.id
  http_method             = aws_api_gateway_method.any.http_method
  type                    = "HTTP_PROXY"
  integration_http_method = "ANY"
  uri                     = "https://example.org/{id}"
  cache_key_parameters    = var.turn == 1 ? ["method.request.path.id"] : []
  request_parameters      = { "integration.request.path.id" = "method.request.path.id" }
}

resource "aws_api_gateway_method" "post" {
  rest_api_id   = aws_api_gateway_rest_api.a.id
  resource_id   = aws_api_gateway_resource.r.id
  http_method   = "POST"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "proxy" {
  rest_api_id             = aws_api_gateway_rest_api.a.id
  resource_id             = aws_api_gateway_resource.r.id
  http_method             = aws_api_gateway_method.post.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = aws_lambda_function.function.invoke_arn
}

resource "aws_api_gateway_deployment" "d" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  triggers    = { turn = var.turn }
  depends_on  = [aws_api_gateway_integration.http, aws_api_gateway_integration.proxy, aws_api_gateway_integration_response.ok]
  lifecycle { create_before_destroy = true }
}

resource "aws_cloudwatch_log_group" "access" { name = "gateway-access" }

resource "aws_api_gateway_stage" "live" {
  rest_api_id          = aws_api_gateway_rest_api.a.id
  deployment_id        = aws_api_gateway_deployment.d.id
  stage_name           = "live"
  variables            = { turn = var.turn }
  xray_tracing_enabled = var.turn == 1
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = "$context.requestId"
  }
  depends_on = [aws_api_gateway_account.this]
}

resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.a.id
  stage_name  = aws_api_gateway_stage.live.stage_name
  method_path = "*/*"
  settings {
    logging_level          = "INFO"
    metrics_enabled        = var.turn == 1
    throttling_rate_limit  = 50
    throttling_burst_limit = 20
  }
}

resource "aws_api_gateway_usage_plan" "p" {
  name        = "consumers"
  description = "turn ${var.turn}"
  api_stages {
    api_id = aws_api_gateway_rest_api.a.id
    stage  = aws_api_gateway_stage.live.stage_name
    dynamic "throttle" {
      for_each = var.turn == 1 ? [1] : []
      content {
        path        = "/changes/GET"
        rate_limit  = 5
        burst_limit = 3
      }
    }
  }
  dynamic "quota_settings" {
    for_each = var.turn == 1 ? [1] : []
    content {
      limit  = 1000
      period = "DAY"
    }
  }
  throttle_settings {
    rate_limit  = 10 * var.turn
    burst_limit = 5
  }
}

resource "aws_api_gateway_api_key" "k" {
  name        = "apotheek"
  description = "turn ${var.turn}"
  value       = "0123456789abcdef0123456789abcdef"
  enabled     = var.turn == 1
}

resource "aws_api_gateway_api_key" "g" { name = "generated" }

resource "aws_api_gateway_usage_plan_key" "k" {
  key_id        = aws_api_gateway_api_key.k.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.p.id
}
