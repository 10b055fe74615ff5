*** Settings ***
Documentation       Agents keep the context they were registered with, are found by user and thread, and can be removed completely.
Resource            ../../keywords/agent_registry/registration.resource
Suite Setup         Many users register, find, use and remove agents


*** Test Cases ***
Registration keeps the context of each user
    [Metadata]    Promise    AR-5
    Then more than 95 percent of the registrations should be answered
    And every agent should keep its user, type and thread
    And every user should be shown exactly their own agents

Agents are found by their own user in their own thread only
    [Metadata]    Promise    AR-6
    Then every agent should be found by its user in its thread, and by nobody and nowhere else
    And every thread should have its own agents

Agents can be created, stopped, restarted and fully removed
    [Metadata]    Promise    AR-7
    Then every agent should have worked, stopped, restarted without memories and been removed
    And no interface should still know a removed agent

Simultaneous requests leave every registry in order
    [Metadata]    Promise    AR-8
    Then more than 95 percent of the simultaneous requests should be answered
    And the history of every user's registry traffic should be linearizable
    And every agent should belong to one user only

Concurrent first requests create a single agent
    [Metadata]    Promise    AR-8
    Then every new thread should have a single agent
