*** Settings ***
Documentation       Some tenants exceed their quota, one works heavily, four make noise: the others hardly notice any of it. The three
...                 alternate with quiet time in one campaign, so all are compared with the same quiet time; each is judged for itself.
Resource            ../../keywords/resource_isolation/performance_isolation.resource
Suite Setup         Noisy tenants and quiet time alternate


*** Test Cases ***
Tenants that exceed their quota do not slow down the others
    [Metadata]    Promise    RI-2
    Then no other tenant should slow down by more than 10 percent while quotas are exceeded

One tenant's heavy work does not slow down the others
    [Metadata]    Promise    RI-4
    Then no other tenant should slow down by more than 10 percent while one works heavily

The others are answered in time beside heavy work
    [Metadata]    Promise    RI-4
    Then every answer to the others should come within 2 seconds while one works heavily
    And the others should get equal shares of answers while one works heavily

Database connections are shared fairly
    [Metadata]    Promise    RI-4
    Then one tenant should not get more database connections than it is allowed, and the others should still be served

Contained noise does not slow down the others
    [Metadata]    Promise    RI-5
    Then no other tenant should slow down by more than 10 percent during four kinds of noise

The others are answered in time during noise
    [Metadata]    Promise    RI-5
    Then every answer to the others should come within 2 seconds during four kinds of noise

No other tenant is reported as noisy
    [Metadata]    Promise    RI-5
    Then no other tenant should be reported as noisy
