*** Settings ***
Documentation       Everybody comes at the same moment, and everybody gets an agent, a session and an answer of its own.
Resource            ../../keywords/concurrent_startup.resource
Suite Setup         The users are awaited
Suite Teardown      Everybody leaves


*** Test Cases ***
All users who come at once are connected and answered in time
    [Metadata]    Promise    CS-1
    When all users connect at the same moment
    And each of them saves its own budget, region and tier
    And all of them send their first message at the same instant
    Then all should be connected within 10 seconds and at least 95 percent answered
    And each start should take less than 5 seconds
    And all starts together should take less than 3 minutes

Each user has an agent, a session and a process of its own
    [Metadata]    Promise    CS-1
    Then no two users should share an agent, a session or a process

Each answer carries its own user's budget, region and tier
    [Metadata]    Promise    CS-1
    Then every answer should carry the context of its own user
