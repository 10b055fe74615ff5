*** Settings ***
Documentation       One tenant works as heavily as it likes; the others hardly notice.
Resource            ../../keywords/noise.resource
Suite Setup         The tenants are connected
Suite Teardown      Everybody leaves


*** Test Cases ***
One tenant's heavy work does not slow down the others
    [Metadata]    Promise    RI-4
    Given the tenants are working steadily
    And tenant 1 has been working heavily for a while
    When tenant 1 works heavily in random blocks of time
    Then no other tenant should be slowed down by more than 10 percent in RI-4
    And every answer to the others should come within 2 seconds in RI-4
    And the others should get equal shares of answers and of database connections
