*** Settings ***
Documentation       Agents crash and leave in the middle of work; nothing of them remains, and new tenants are served immediately.
Resource            ../../keywords/resource_isolation/recovery.resource
Suite Setup         Half of the busy tenants crash, half leave, and new ones come


*** Test Cases ***
Crashed and departed agents leave nothing behind
    [Metadata]    Promise    RI-7
    Then nothing of them should be left within 30 seconds

Memory returns to its baseline after crashes and departures
    [Metadata]    Promise    RI-7
    Then the platform's memory should be at most 10 percent above what it was before

New tenants are served immediately after crashes and departures
    [Metadata]    Promise    RI-7
    Then the same number of new tenants should be served immediately, and recovery be complete within 2 minutes
