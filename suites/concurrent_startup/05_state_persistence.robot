*** Settings ***
Documentation       What users save stays theirs and stays as it is.
Resource            ../../keywords/concurrent_startup/persistence.resource
Suite Setup         All users save things, others try to reach them, and everything is restarted


*** Test Cases ***
Users read back what they saved
    [Metadata]    Promise    CS-5
    Then everything should be there, unaltered, after being saved

Nobody reads or changes what another user saved
    [Metadata]    Promise    CS-5
    Then every attempt of others should be refused and without effect

The database itself keeps the tenants apart
    [Metadata]    Promise    CS-5
    Then each database role should see its own rows and nobody else's
    And no database role should be able to change what is another tenant's

The cache itself keeps the tenants apart
    [Metadata]    Promise    CS-5
    Then no cache login should reach more than its own keys

Saved things survive a new connection
    [Metadata]    Promise    CS-5
    Then everything should be there, unaltered, after a new connection

Saved things survive a restart of the agents
    [Metadata]    Promise    CS-5
    Then every agent should have been restarted
    And everything should be there, unaltered, after a restart of the agents

Saved things survive a restart of the platform
    [Metadata]    Promise    CS-5
    Then the platform should have been restarted
    And everything should be there, unaltered, after a restart of the platform
