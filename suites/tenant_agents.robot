*** Settings ***
Documentation       Tenant agents are created, connected and cleaned up as promised.
Resource            ../keywords/whole_run.resource
Suite Setup         Tenant agents have been created
Suite Teardown      Everybody leaves
Test Tags           isolation


*** Test Cases ***
Tenant agents have identities of their own
    [Metadata]    Promise    TM-1
    Then each should have a tenant, a user and a token of its own
    And impossible numbers of agents should be refused

Tenant agents connect with proof, and failures are named
    [Metadata]    Promise    TM-2
    Then all should be connected, and a stranger refused by name

Cleaning up may be repeated and leaves nothing
    [Metadata]    Promise    TM-3
    Then cleaning up should leave nothing, however often it is done
