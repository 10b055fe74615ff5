*** Settings ***
Documentation       25 and more users of many tenants work at once: operations, data and work stay apart, also when some crash or leave.
Resource            ../../keywords/agent_registry/multi_user.resource
Suite Setup         Many users work at once, some crash, and half of them leave


*** Test Cases ***
Many users at the same time stay apart
    [Metadata]    Promise    AR-13
    Then more than 95 percent of the mixed requests should be answered
    And every answer should be the user's own
    And the history of every user's registry traffic should be linearizable
    And every agent should belong to one user only
    And every event should reach exactly the session that asked

Customer data is protected
    [Metadata]    Promise    AR-14
    Then more than 95 percent of the work with customer data should be answered
    And users should reach their own data and nobody else's
    And nobody should have received a secret of another user

Nobody reaches into the work of another user
    [Metadata]    Promise    AR-15
    Then users should reach their own working agents and nobody else's

A crash stays with the user who caused it
    [Metadata]    Promise    AR-15
    Then the crash of some users' agents should not be felt by the others

Ended sessions are cleaned up, and the others keep everything
    [Metadata]    Promise    AR-16
    Then nothing of ended sessions should be left
    And the users who stayed should have kept everything
