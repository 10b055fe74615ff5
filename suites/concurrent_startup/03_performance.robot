*** Settings ***
Documentation       What the start of many users at once costs: time by phases, memory, processor, database connections.
Resource            ../../keywords/concurrent_startup/startup.resource
Suite Setup         All users connect and send their first message at the same instant
Test Tags           performance


*** Test Cases ***
Nearly all starts are quick, phase by phase
    [Metadata]    Promise    CS-3
    Then 95 percent of the starts should take less than 5 seconds, and 99 percent less than 8 seconds

The start does not exhaust the machine
    [Metadata]    Promise    CS-3
    Then the platform should use less than 4 GB of memory and 80 percent of the machine

The start stays within the database pool
    [Metadata]    Promise    CS-3
    Then the database connections should stay within the pool
