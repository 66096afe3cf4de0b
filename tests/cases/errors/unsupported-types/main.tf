resource "aws_lambda_function" "f" {
  function_name = "f"
}

resource "aws_sqs_queue" "q" {
  name = "q"
}
