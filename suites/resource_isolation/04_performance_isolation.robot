*** Settings ***
Documentation       Some tenants exceed their quota, one works heavily, four make noise: the others hardly notice any of it. The three
...                 take turns with quiet time in one campaign, so all are compared with the same quiet time; each is judged for itself.
Resource            ../../keywords/performance.resource
Suite Setup         Noises and quiet time take turns
Suite Teardown      Everybody leaves


*** Test Cases ***
Tenants that exceed their quota do not slow down the others
    [Metadata]    Promise    RI-2
    Then no other tenant should be slowed down by more than 10 percent by exceeded quotas in RI-2

One tenant's heavy work does not slow down the others
    [Metadata]    Promise    RI-4
    Then no other tenant should be slowed down by more than 10 percent by heavy work in RI-4
    And every answer to the others should come within 2 seconds despite heavy work in RI-4
    And the others should get equal shares of answers and of database connections despite heavy work

Contained noise does not slow down the others
    [Metadata]    Promise    RI-5
    Then no other tenant should be slowed down by more than 10 percent by four kinds of noise in RI-5
    And every answer to the others should come within 2 seconds despite four kinds of noise in RI-5

Nobody else is taken for a noisy tenant
    [Metadata]    Promise    RI-5
    Then none of the others should have been reported as noisy in RI-5
