*** Settings ***
Documentation       Fifty and more tenants at once, up to saturation and beyond: everybody is served, and fairly.
Resource            ../../keywords/stress.resource
Suite Setup         The platform is ready
Suite Teardown      Everybody leaves


*** Test Cases ***
Very many tenants are connected and answered
    [Metadata]    Promise    RI-6
    Given the platform can    fair shares
    When very many tenants connect at once
    Then all of them should be connected within 60 seconds

Mixed work up to saturation is shared fairly
    [Metadata]    Promise    RI-6
    When light, medium and heavy work together ask for 40 percent of the machine
    And light, medium and heavy work together ask for 80 percent of the machine
    And light, medium and heavy work together ask for 130 percent of the machine
    Then at least 95 percent of all requests should be answered    40 percent    80 percent    130 percent
    And everybody should get a fair share in step 130 percent compared with 40 percent
    And service should degrade gradually over the steps    40 percent    80 percent    130 percent

Polite tenants that only together fill the machine are served fairly
    [Metadata]    Promise    RI-6
    When polite requests, all alike, together fill the machine
    Then at least 95 percent of all requests should be answered    polite
    And everybody should get an equal share in step polite

Watching all of them costs little
    [Documentation]    The suite's own weight, in all the steps above.
    [Metadata]    Promise    OP-1
    Then watching should cost less than 2 percent of one core
