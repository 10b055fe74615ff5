*** Settings ***
Documentation       Every user has a registry, a memory and rights of its own, and making many agents leaks nothing.
Resource            ../../keywords/agent_registry/user_isolation.resource
Suite Setup         The users of the registry are connected
Suite Teardown      The users of the registry leave


*** Test Cases ***
Every user has a registry of its own
    [Metadata]    Promise    AR-1
    When all users make agents of the same types in the same threads
    Then every agent should belong to one user only in AR-1
    And everybody should be shown exactly its own agents in AR-1

No user reaches the agents of another user
    [Metadata]    Promise    AR-1
    Then everybody should be refused the agents of others and given its own

Making many agents under load leaks no memory
    [Metadata]    Promise    AR-2
    Given the platform is counted before    many agents
    When every user makes, uses and removes many agents at once
    Then more than 95 percent of AR-2 should be answered in    factory
    And memory should have grown by less than 50 MB, and 1 MB for each operation
    And more than 80 percent of what was taken should be released

State that is shared between users is found, and is not there
    [Metadata]    Promise    AR-3
    Given the platform can    persistence    answer cache
    When every user keeps state of its own everywhere
    Then everybody should get back its own state only
    And nobody should have received a secret of another user in AR-3

Permissions come from the token and from nothing else
    [Metadata]    Promise    AR-4
    Then every role should be allowed and refused what it has to be
