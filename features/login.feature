Feature: Logging in

  Background:
    Given the app has loaded
    And a user with a provider set up

  @smoke
  Scenario: A user with a provider set up is taken to the stacks
    When the user logs in with username and password
    Then they are taken to the "Stacks" page
    And they see "Select a stack"
    And the section "Stackery Stacks" is populated
    And the section "CloudFormation Stacks" is populated

  Scenario Outline: Nobody gets in with <mistake>
    When the user logs in with <mistake>
    Then they are told "Wrong username or password."
    And they are still on the "Log in" page

    Examples:
      | mistake             |
      | a wrong password    |
      | an unknown username |

  Scenario: The stacks are not for everybody
    When someone opens "/stacks" without having logged in
    Then they are taken to the "Log in" page
