*** Settings ***
Documentation       A tenant that tries to exceed its quota is held to it, by its own limit. That nobody else feels it is measured where
...                 noise and quiet time alternate.
Resource            ../../keywords/resource_isolation/quota_enforcement.resource
Suite Setup         Tenants 3 and 5 try to exceed their quotas, and the same load without a quota exceeds it


*** Test Cases ***
A tenant gets no more CPU time than its quota
    [Metadata]    Promise    RI-2
    Then tenant 3 should be held to its CPU quota by its own limit

A tenant gets no more memory than its quota
    [Metadata]    Promise    RI-2
    Then tenant 5 should be held to its memory quota by its own limit

Tenants are served normally after they tried to exceed their quotas
    [Metadata]    Promise    RI-2
    Then tenant 3 should be served normally after it tried to exceed its CPU quota
    And tenant 5 should be served normally after it tried to exceed its memory quota
