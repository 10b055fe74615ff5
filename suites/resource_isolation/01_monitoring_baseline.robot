*** Settings ***
Documentation       What one agent uses at rest and at work, measured on its own process.
Resource            ../../keywords/baseline.resource
Suite Setup         The baseline agents are connected
Suite Teardown      Everybody leaves


*** Test Cases ***
Agents at rest use almost nothing
    [Metadata]    Promise    RI-1
    When all agents rest
    And all agents do typical work
    Then every agent should be measured in a process of its own
    And no agent should use more than its share at rest

Agents at work stay within their share and answer in time
    [Metadata]    Promise    RI-1
    Then no agent should use more than its share at work
    And each agent should be answered more than 10 times a minute, each time within 2 seconds
    And no agent should leak while it works

Agents give their memory back after work
    [Metadata]    Promise    RI-1
    Then memory should be back within 30 seconds

The work of one agent does not show in the numbers of another
    [Metadata]    Promise    RI-1
    When two agents work hard, one after the other
    Then their work should not show in the numbers of the others
