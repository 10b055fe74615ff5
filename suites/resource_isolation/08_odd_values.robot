*** Settings ***
Documentation       What one user writes into a field or a header never stops the platform for everybody else.
Resource            ../../keywords/resource_isolation/odd_values.resource
Suite Setup         One user sends odd and large values while others are served


*** Test Cases ***
One user's odd values hold up nobody else
    [Metadata]    Promise    RI-4
    Then no other user should have been held up
