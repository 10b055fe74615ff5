*** Settings ***
Documentation       What users save stays theirs and stays as it is: history, preferences, agent memory, session context.
Resource            ../../keywords/concurrent_startup.resource
Suite Setup         The users have saved their things
Suite Teardown      Everybody leaves


*** Test Cases ***
Users read back what they saved
    [Metadata]    Promise    CS-5
    Then everything should be there, unaltered, after being saved

Nobody reads or changes what another user saved
    [Metadata]    Promise    CS-5
    When everybody tries to read and to change the things of another user
    Then every such attempt should be refused and without effect

The database itself keeps the tenants apart
    [Metadata]    Promise    CS-5
    When every tenant logs in to the database with its own role
    Then each role should see its own rows and not one of anybody else
    And no role should be able to change what is another tenant's

The cache itself keeps the tenants apart
    [Metadata]    Promise    CS-5
    When every tenant logs in to the cache with its own login
    Then no login should reach more than its own keys

Saved things survive a new connection
    [Metadata]    Promise    CS-5
    When everybody leaves and comes back
    Then everything should be there, unaltered, after the new connection

Saved things survive a restart of the agents
    [Metadata]    Promise    CS-5
    When the operator restarts every agent
    Then every agent should still remember what it was told
    And everything should be there, unaltered, after the restart of the agents

Saved things survive a restart of the platform
    [Metadata]    Promise    CS-5
    Given the platform can    restart
    When the platform is restarted
    Then everything should be there, unaltered, after the restart of the platform
