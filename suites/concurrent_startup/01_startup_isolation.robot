*** Settings ***
Documentation       Everybody comes at the same moment, and every user gets an agent, a session and an answer of their own.
Resource            ../../keywords/concurrent_startup/startup.resource
Suite Setup         All users connect and send their first message at the same instant


*** Test Cases ***
All users who come at once are connected and answered in time
    [Metadata]    Promise    CS-1
    Then all should be connected within 10 seconds and at least 95 percent answered
    And each start should take less than 5 seconds
    And all starts together should take less than 3 minutes

Every user has an agent, a session and a process of their own
    [Metadata]    Promise    CS-1
    Then no two users should share an agent, a session or a process

Every answer carries its own user's budget, region and tier
    [Metadata]    Promise    CS-1
    Then every answer should carry the context of its own user
