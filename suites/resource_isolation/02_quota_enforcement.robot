*** Settings ***
Documentation       A tenant that tries to exceed its quota is held to it, by its own limit. That nobody else feels it is
...                 measured in file 04.
Resource            ../../keywords/quotas.resource
Suite Setup         Tenants with quotas are connected, and burners without quotas are strong
Suite Teardown      Everybody leaves


*** Test Cases ***
A tenant gets no more processor time than its quota
    [Metadata]    Promise    RI-2
    When tenant 3 tries to use more cpu than its quota
    Then tenant 3 should be held to its quota by its own limit
    And tenant 3 should be served normally again

A tenant gets no more memory than its quota
    [Metadata]    Promise    RI-2
    When tenant 5 tries to use more memory than its quota
    Then tenant 5 should be held to its quota by its own limit
    And tenant 5 should be served normally again
