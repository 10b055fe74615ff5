*** Settings ***
Documentation       Agents keep the context they were registered with, are found by user and thread, live as told, and survive crowds.
Resource            ../../keywords/agent_registry/registration.resource
Suite Setup         The users of the registry are connected
Suite Teardown      The users of the registry leave


*** Test Cases ***
Registration keeps the context of each user
    [Metadata]    Promise    AR-5
    When every user registers agents of many types, two of them alike
    Then more than 95 percent of AR-5 should be answered in    registration
    And every agent should keep its user, type and thread
    And everybody should be shown exactly its own agents in AR-5

Agents are found by their own user in their own thread only
    [Metadata]    Promise    AR-6
    Then every agent should be found by its user in its thread, and by nobody and nowhere else
    And every thread should have agents of its own

Agents live, stop, start again and go completely
    [Metadata]    Promise    AR-7
    When every user takes an agent through a whole life
    Then removed agents should be gone by every door

Many requests at the same time leave every registry in order
    [Metadata]    Promise    AR-8
    When every user works on its registry over two sessions at the same time
    Then more than 95 percent of AR-8 should be answered in    making agents
    And for every user one order should explain everything that was answered in    traffic    AR-8
    And every agent should belong to one user only in AR-8

Many first requests at the same time make one agent
    [Metadata]    Promise    AR-8
    Then a new thread that is asked many times at once should get one agent
