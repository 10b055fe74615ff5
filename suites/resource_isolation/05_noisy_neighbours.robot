*** Settings ***
Documentation       Four kinds of noise: each is named, contained, visible to an operator, and over soon after it stops. What the
...                 others feel of it is measured in file 04.
Resource            ../../keywords/noise.resource
Suite Setup         The tenants are connected
Suite Teardown      Everybody leaves


*** Test Cases ***
Noisy tenants are named and contained
    [Metadata]    Promise    RI-5
    Given the tenants are working steadily
    When tenant 1 starts a calculation that never ends
    And tenant 2 takes all the memory that it can get
    And tenant 3 storms disk and database
    And tenant 4 floods the platform with messages
    Then each of them, and nobody else, should be reported as noisy within 30 seconds
    And each of them should be contained within 60 seconds
    And an operator should see it in alerts and numbers

Tenants are back to normal soon after their noise
    [Metadata]    Promise    RI-5
    When the four stop their noise
    Then the four should be back to normal within 2 minutes of stopping
