*** Settings ***
Documentation       Triage, data, optimisation and report work together for each user, led by a supervisor of that user alone.
Resource            ../../keywords/agent_registry/orchestration.resource
Suite Setup         The users of the registry are connected
Suite Teardown      The users of the registry leave


*** Test Cases ***
The complete flow runs for every user on its own
    [Metadata]    Promise    AR-17
    Given the platform can    orchestration
    When every user asks for the complete flow at the same time
    Then more than 95 percent of AR-17 should be answered in    flows
    And every flow should go through all of its steps in order
    And every report should be about its own user
    And every event should reach exactly the session that asked in AR-17

A supervisor leads the agents of its own user only
    [Metadata]    Promise    AR-18
    Given the platform can    orchestration
    Then every supervisor should have led agents of its own user only
    And every agent should belong to one user only in AR-18

Parallel steps run side by side
    [Metadata]    Promise    AR-18
    Given the platform can    orchestration
    When the users ask for the complete flow one after another
    Then data and optimisation should run side by side in more than 95 percent of the flows
