*** Settings ***
Documentation       Tenant agents are created, connected and cleaned up as promised.
Resource            ../keywords/agent_manager.resource
Suite Setup         Ten agents and a stranger come, and are cleaned up three times
Test Tags           isolation


*** Test Cases ***
Tenant agents have identities of their own
    [Metadata]    Promise    TM-1
    Then each agent should have a tenant, a user and a credential of its own
    And impossible numbers of agents should be refused

Tenant agents authenticate, and failures are reported by name
    [Metadata]    Promise    TM-2
    Then all agents should be connected, and the stranger refused by name

Clean-up is idempotent and leaves nothing behind
    [Metadata]    Promise    TM-3
    Then cleaning up should leave nothing, however often it is done
