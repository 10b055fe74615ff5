*** Settings ***
Documentation       Connections come in batches, stay while everybody talks, and close without leaving anything.
Resource            ../../keywords/concurrent_startup/connection_scaling.resource
Suite Setup         All users connect in batches, talk, and close their connections


*** Test Cases ***
Every event reaches exactly the user who asked
    [Metadata]    Promise    CS-4
    Then every event should have reached its own session, once and in order

Connections stay until they are closed
    [Metadata]    Promise    CS-4
    Then no connection should have been dropped, and all should have closed cleanly

Nothing of closed connections remains
    [Metadata]    Promise    CS-4
    Then no socket should be left

The suite's own memory grows in a straight line
    [Documentation]    What the suite itself needs, batch by batch.
    [Metadata]    Promise    OP-1
    Then the suite's own memory should have grown with the users in a straight line at most
