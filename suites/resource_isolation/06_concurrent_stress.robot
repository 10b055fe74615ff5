*** Settings ***
Documentation       Fifty and more tenants at once, up to saturation and beyond: everybody is served, and fairly.
Resource            ../../keywords/resource_isolation/concurrent_stress.resource
Suite Setup         Very many tenants connect at once and ask for 40 percent, 80 percent and 130 percent of the machine


*** Test Cases ***
Very many tenants connect at once
    [Metadata]    Promise    RI-6
    Then all tenants should be connected within 60 seconds

Requests are answered up to saturation and beyond
    [Metadata]    Promise    RI-6
    Then at least 95 percent of the requests should be answered in every step

Mixed work beyond saturation is shared fairly
    [Metadata]    Promise    RI-6
    Then every tenant should get its fair share at 130 percent of the machine

Well-behaved tenants share a saturated machine fairly
    [Metadata]    Promise    RI-6
    Then every tenant should get an equal share when all ask for the same

Service degrades gradually
    [Metadata]    Promise    RI-6
    Then service should degrade gradually from step to step

Watching very many tenants costs little
    [Documentation]    The suite's own weight, in all the steps above.
    [Metadata]    Promise    OP-1
    Then watching all tenants should cost less than 2 percent of one core
