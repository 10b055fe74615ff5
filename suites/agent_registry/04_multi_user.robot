*** Settings ***
Documentation       25 and more users of many tenants work at once: operations, data and work stay apart, also when some crash or leave.
Resource            ../../keywords/agent_registry/multi_user.resource
Suite Setup         Many users of the registry are connected
Suite Teardown      The users of the registry leave


*** Test Cases ***
Many users at the same time stay apart
    [Metadata]    Promise    AR-13
    Given the platform can    persistence
    When all users do many different things at the same time
    Then more than 95 percent of AR-13 should be answered in    mixed
    And every answer should be the user's own
    And for every user one order should explain everything that was answered in    many users    AR-13
    And every agent should belong to one user only in AR-13
    And every event should reach exactly the session that asked in AR-13

Customer data is protected
    [Metadata]    Promise    AR-14
    Given the platform can    persistence    orchestration
    When everybody works with confidential data of its own
    Then more than 95 percent of AR-14 should be answered in    customer data
    And everybody should be refused the data of others and given its own
    And nobody should have received a secret of another user in AR-14

Nobody reaches into the work of another user
    [Metadata]    Promise    AR-15
    Given the platform can    cancellation    subscriptions
    Then everybody should be kept away from the agents and requests of others while they work

A crash stays with the user who caused it
    [Metadata]    Promise    AR-15
    Then the crash of some users' agents should not be felt by the others

Ended sessions are cleaned up, and the others keep everything
    [Metadata]    Promise    AR-16
    When half of the users end their sessions
    Then nothing of ended sessions should be left
    And the users who stayed should have kept everything
