*** Settings ***
Documentation       Every user has their own registry, memory and rights, and making many agents leaks nothing.
Resource            ../../keywords/agent_registry/user_isolation.resource
Suite Setup         Users make agents, store private data, and try every role


*** Test Cases ***
Every user has their own registry
    [Metadata]    Promise    AR-1
    Then every agent should belong to one user only
    And every user should be shown exactly their own agents

No user reaches the agents of another user
    [Metadata]    Promise    AR-1
    Then users should reach their own agents and nobody else's

Making many agents under load leaks no memory
    [Metadata]    Promise    AR-2
    Then more than 95 percent of the agent requests should be answered
    And memory should have grown by less than 50 MB, and 1 MB for each operation
    And more than 80 percent of what the agents took should be released
    And new agents should remember nothing of agents that were removed

No state is shared between users
    [Metadata]    Promise    AR-3
    Then every user should read back only their own data
    And no user should have received a secret of another one

Permissions come from the token and from nothing else
    [Metadata]    Promise    AR-4
    Then every role should have exactly its documented permissions
