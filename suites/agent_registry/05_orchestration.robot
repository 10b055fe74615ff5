*** Settings ***
Documentation       Triage, data, optimisation and report work together for each user, led by a supervisor of that user alone.
Resource            ../../keywords/agent_registry/orchestration.resource
Suite Setup         Every user orders workflows, all at once and one after another


*** Test Cases ***
Every user's workflow runs independently
    [Metadata]    Promise    AR-17
    Then more than 95 percent of the workflows should be answered
    And every workflow should go through all of its steps in order
    And every report should be about its own user
    And every event should reach exactly the session that asked

A supervisor leads the agents of its own user only
    [Metadata]    Promise    AR-18
    Then every supervisor should have led agents of its own user only
    And every agent should belong to one user only

Parallel steps run side by side
    [Metadata]    Promise    AR-18
    Then parallel steps should overlap in more than 95 percent of the workflows
