*** Settings ***
Documentation       Four kinds of noise: each is reported by name, contained, visible to an operator, and over soon after it stops.
...                 What the others feel of it is measured where noise and quiet time alternate.
Resource            ../../keywords/resource_isolation/noisy_neighbours.resource
Suite Setup         Tenants 1 to 4 make noise of four kinds and then stop


*** Test Cases ***
Noisy tenants are reported by name
    [Metadata]    Promise    RI-5
    Then tenants 1 to 4, and no other, should be reported as noisy within 30 seconds

Noisy tenants are contained
    [Metadata]    Promise    RI-5
    Then tenants 1 to 4 should be contained within 60 seconds

An operator sees the noise
    [Metadata]    Promise    RI-5
    Then an operator should see the noise in alerts and usage numbers

Noisy tenants are served normally after their noise
    [Metadata]    Promise    RI-5
    Then the noisy tenants should be back to normal within 2 minutes of stopping
