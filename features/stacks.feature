Feature: Stacks

  Background:
    Given the app has loaded
    And a user with a provider set up
    And the user has logged in with username and password

  Scenario: A selected stack shows its details
    When the user selects the stack "network-base"
    Then they see "48" as its "Resources"
    And they see "eu-central-1" as its "Region"

  # The app starts its refresh worker when a device first asks for it, and answers 503 until it is there.
  # So this scenario fails at the first attempt of a run and passes when it is tried again.
  @flaky
  Scenario: A stack can be refreshed
    When the user selects the stack "orders-api"
    And they refresh it
    Then they are told "Refreshed: 34 resources"

  # The app has no such section. It shows what a failure looks like, and is left out unless it is asked for.
  @broken
  Scenario: Terraform stacks are listed
    Then the section "CloudFormation Stacks" is populated
    And the section "Terraform Stacks" is populated
