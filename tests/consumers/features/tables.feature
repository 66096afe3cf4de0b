Feature: Tables

  Scenario: Every table is billed by request
    Given I have aws_dynamodb_table defined
    Then it must have billing_mode
    And its value must be PAY_PER_REQUEST

  Scenario: Every table has a way back
    Given I have aws_dynamodb_table defined
    Then it must have point_in_time_recovery
    And it must have enabled
    And its value must be true

  Scenario: Roles are named
    Given I have aws_iam_role defined
    Then it must have name

  Scenario: Log groups are kept for a year
    Given I have aws_cloudwatch_log_group defined
    Then it must have retention_in_days
    And its value must be greater than 364
